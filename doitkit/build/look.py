"""A look at the rows of a dataset: how many of what, how long, and some of them.

The file is walked through once and mapped, so that a large dataset takes no more memory than a
small one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import polars as pl
import pyarrow as pa

from doitkit.build.layout import TRAIN_FOLDER
from doitkit.core.origins import Cell, Origin
from doitkit.core.rows import with_texts
from doitkit.core.saved import saved_batches
from doitkit.curate.filters.words import count_words
from doitkit.survey.tokens import TokenCounter

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
ROWS_FOR_LENGTHS = 10_000
"""Rows of each cell that are measured: in the nested order they are a random sample of it."""
ROWS_FOR_TOKENS = 1_000
"""Rows of each cell whose tokens are counted, which takes much longer."""


@dataclass(frozen=True)
class Count:
    """How many rows of a source there are in a cell."""

    ability: str
    origin: Origin
    source: str
    rows: int


@dataclass(frozen=True)
class Lengths:
    """How long the rows of a cell are.

    Attributes
    ----------
    part
        `prompt`, `answer`, or `text`: all messages.
    unit
        `characters`; `words`, each character of Chinese or Japanese being one; or `tokens`.
    rows
        How many were measured.
    quantiles
        The lengths at `QUANTILES`: that of a real row each.
    """

    ability: str
    origin: Origin
    part: str
    unit: str
    rows: int
    quantiles: tuple[int, ...]

    def at(self, share: float) -> int:
        """Return the length that this share of the rows, one of `QUANTILES`, does not exceed."""
        return self.quantiles[QUANTILES.index(share)]


@dataclass(frozen=True)
class Sample:
    """One row."""

    ability: str
    origin: Origin
    source: str
    position: int
    id: str
    meta: str
    messages: Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Wanted:
    """Which rows are looked at: those of one ability, of one source, or all."""

    ability: str | None = None
    source: str | None = None

    def among(self, keys: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of `keys` that are looked at."""
        for column, value in (("ability", self.ability), ("source", self.source)):
            if value is not None:
                keys = keys.filter(pl.col(column) == value)
        return keys


@dataclass
class Look:
    """What was seen of the rows of a dataset."""

    counts: list[Count] = field(default_factory=list)
    lengths: list[Lengths] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)


def look_at(dataset: Path, wanted: Wanted, rows: int, counter: TokenCounter | None = None) -> Look:
    """Walk through the training rows of a dataset.

    Parameters
    ----------
    rows
        How many rows of each cell are returned as samples, the first ones in the nested order.
    counter
        Counts tokens; they are not counted if not given.
    """
    counts: Counter[tuple[str, Origin, str]] = Counter()
    measured: dict[Cell, _Measured] = {}
    samples: dict[Cell, list[Sample]] = {}
    for batch in saved_batches(dataset / TRAIN_FOLDER):
        keys = wanted.among(_keys(batch))
        for (ability, origin, source), part in keys.group_by(
            "ability", "origin", "source", maintain_order=True
        ):
            counts[str(ability), cast(Origin, origin), str(source)] += part.height
        for (ability, origin), part in keys.group_by("ability", "origin", maintain_order=True):
            cell = Cell(str(ability), cast(Origin, origin))
            here = measured.setdefault(cell, _Measured())
            left = max(ROWS_FOR_LENGTHS - here.rows, rows - here.rows)
            if left > 0:
                found = _taken(batch, part["row"].head(left))
                shown = samples.setdefault(cell, [])
                shown += [Sample(**row) for row in found.head(rows - len(shown)).to_dicts()]
                here.add(found, counter)
    return Look(
        [Count(*key, n) for key, n in counts.items()],
        [lengths for cell, here in measured.items() for lengths in here.lengths(cell)],
        [sample for shown in samples.values() for sample in shown],
    )


def _keys(batch: pa.RecordBatch) -> pl.DataFrame:
    found = pl.from_arrow(batch.select(["ability", "origin", "source"]))
    assert isinstance(found, pl.DataFrame)
    return found.with_row_index("row")


def _taken(batch: pa.RecordBatch, rows: pl.Series) -> pl.DataFrame:
    columns = ["ability", "origin", "source", "position", "id", "meta", "messages"]
    found = pl.from_arrow(batch.select(columns).take(rows.to_arrow()))
    assert isinstance(found, pl.DataFrame)
    return found


class _Measured:
    """The lengths of some rows of a cell."""

    def __init__(self) -> None:
        self.rows = 0
        self._parts: dict[tuple[str, str], list[Sequence[int]]] = {}

    def add(self, rows: pl.DataFrame, counter: TokenCounter | None) -> None:
        left = max(0, ROWS_FOR_LENGTHS - self.rows)
        texts = with_texts(rows.head(left), "prompt", "answer")
        for part in ("prompt", "answer"):
            self._keep(part, "characters", texts[part].str.len_chars())
            self._keep(part, "words", texts.select(count_words(pl.col(part)))[part])
        if counter is not None and self.rows < ROWS_FOR_TOKENS:
            counted = counter.count(rows["messages"].head(ROWS_FOR_TOKENS - self.rows))
            self._keep("text", "tokens", counted)
        self.rows += rows.height

    def lengths(self, cell: Cell) -> list[Lengths]:
        found = []
        for (part, unit), parts in self._parts.items():
            values = np.concatenate([np.asarray(some, dtype=np.int64) for some in parts])
            at: Any = np.quantile(values, QUANTILES, method="inverted_cdf")
            found.append(Lengths(*cell, part, unit, len(values), tuple(at.astype(int).tolist())))
        return found

    def _keep(self, part: str, unit: str, lengths: Sequence[int] | pl.Series) -> None:
        self._parts.setdefault((part, unit), []).append(list(lengths))
