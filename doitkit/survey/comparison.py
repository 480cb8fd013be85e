"""What the steps of dedup work with, and what each of them gives."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from doitkit.core.engine import Engine
from doitkit.core.progress import Progress
from doitkit.core.rows import with_texts
from doitkit.recipe.curation import Curation
from doitkit.survey.claims import Claims
from doitkit.survey.shards import Mask, RowNumbers, Shards

TEXT_OF = {"record": "text", "prompt": "prompt", "answer": "answer"}
"""Of each scope, what rows are compared by."""


@dataclass(frozen=True)
class Lost:
    """Rows that a step of dedup leaves out.

    Attributes
    ----------
    said
        Columns `row` and `reason`.
    notes
        What else the step has to say, JSON-like.
    """

    said: pl.DataFrame
    notes: dict[str, Any]

    @property
    def rows(self) -> RowNumbers:
        """The rows."""
        return self.said["row"].to_numpy()


@dataclass(frozen=True)
class Comparison:
    """The rows that are compared, and how.

    Attributes
    ----------
    memory
        Bytes to work in.
    scratch
        A folder that is there only while a step uses it.
    engine
        Who carries out what can be done in parts.
    """

    shards: Shards
    claims: Claims
    curation: Curation
    memory: int
    scratch: Path
    progress: Progress
    engine: Engine

    @property
    def groups(self) -> npt.NDArray[np.int64]:
        """Of each source, with which others its rows are compared: those of the same number."""
        origins = [source.origin for source in self.shards.sources]
        if self.curation.dedup == "within_source":
            return np.arange(len(origins))
        if self.curation.dedup == "within_origin":
            return np.array([origins.index(origin) for origin in origins], dtype=np.int64)
        return np.zeros(len(origins), dtype=np.int64)

    def sets(self, alive: Mask) -> Iterator[RowNumbers]:
        """Yield the rows in `alive` that are compared with one another, set by set."""
        groups = self.groups
        for group in np.unique(groups):
            rows = np.flatnonzero(alive & (groups == group)[self.claims.source])
            if len(rows) > 1:
                yield rows.astype(np.uint32)

    def texts(self, rows: RowNumbers, *names: str) -> Iterator[pl.DataFrame]:
        """Yield these columns of `TEXTS` of the rows, in ascending order, some at a time."""
        for batch in self.shards.batches("messages"):
            low, high = np.searchsorted(rows, [batch.numbers.start, batch.numbers.stop])
            if low < high:
                wanted = batch.rows[rows[low:high] - batch.first]
                yield with_texts(wanted, *names).select(names)

    @contextmanager
    def spilling(self) -> Iterator[Path]:
        """Make the scratch folder, and remove it with all that is in it."""
        self.scratch.mkdir(exist_ok=True)
        try:
            yield self.scratch
        finally:
            shutil.rmtree(self.scratch, ignore_errors=True)


def joined(parts: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Return arrays as one; of none, an empty one."""
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.uint32)
