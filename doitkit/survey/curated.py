"""Rows that went through all steps of curation, and the account of those that did not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from doitkit.core.arrow import frame_of
from doitkit.core.engine import Engine
from doitkit.core.progress import Progress
from doitkit.core.records import Record, Reject
from doitkit.core.store import Store
from doitkit.core.tables import REJECT
from doitkit.curate.semantic import Embedder
from doitkit.recipe.curation import Curation
from doitkit.survey.contamination import contaminated
from doitkit.survey.duplicates import duplicates
from doitkit.survey.shards import Batch, Mask, RowNumbers, Shards
from doitkit.survey.sift import filtered
from doitkit.survey.tokens import TokenCounter
from doitkit.survey.verdict import Verdict

STEPS = ("filter", "dedup", "decontaminate")
_SHOWN = 200


@dataclass(frozen=True)
class Curated:
    """The rows of several sources, and the verdict of each step on them.

    Attributes
    ----------
    verdicts
        One for each of `STEPS`.
    """

    shards: Shards
    verdicts: tuple[Verdict, ...]

    @cached_property
    def alive(self) -> Mask:
        """Which rows no step leaves out; shape (rows,)."""
        return self.after(len(self.verdicts))

    def after(self, steps: int) -> Mask:
        """Return which rows are left after so many of the steps."""
        alive = np.ones(len(self.shards), dtype=np.bool_)
        for verdict in self.verdicts[:steps]:
            alive[verdict.rows] = False
        return alive

    def left(self) -> dict[str, dict[str, int]]:
        """Return how many rows of each source each step has left, the reading included."""
        sources = self.shards.sources
        read = {s.name: s.counts["rows"] + s.counts["unusable"] for s in sources}
        left = {"read": {name: n for name, n in read.items() if n}}
        for index, step in enumerate(STEPS):
            alive = np.concatenate([[0], np.cumsum(self.after(index + 1))])[self.shards.starts]
            left[step] = {
                source.name: int(n) for source, n in zip(sources, np.diff(alive), strict=True) if n
            }
        return left

    def reject_frames(self, names: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """Yield the rows that were read and not kept, in the `REJECT` schema, some at a time.

        Parameters
        ----------
        names
            Of these sources only; of all if not given.
        """
        for source in self.shards.sources:
            if names is None or source.name in names:
                yield source.reject_frame()
        for batch in self.shards.batches(of=names):
            for step, verdict in zip(STEPS, self.verdicts, strict=True):
                rows, reasons = verdict.between(batch.numbers.start, batch.numbers.stop)
                if len(rows):
                    yield _rejected(batch, rows, step, reasons)

    def reject_counts(self) -> dict[str, dict[str, int]]:
        """Return how many rows of each source each step has left out."""
        counts: dict[str, dict[str, int]] = {}
        for index, source in enumerate(self.shards.sources):
            first, end = self.shards.starts[index : index + 2]
            by_step = dict(source.reject_frame()["step"].value_counts().rows())
            for step, verdict in zip(STEPS, self.verdicts, strict=True):
                n = len(verdict.between(int(first), int(end))[0])
                by_step[step] = by_step.get(step, 0) + n
            counts[source.name] = {step: n for step, n in sorted(by_step.items()) if n}
        return {name: by_step for name, by_step in counts.items() if by_step}


def curated(
    store: Store,
    shards: Shards,
    items: Sequence[Record],
    curation: Curation,
    *,
    counter: TokenCounter,
    embedder: Embedder | None,
    memory: int,
    progress: Progress,
    engine: Engine,
) -> Curated:
    """Carry out all steps of curation on the rows of `shards`, against evaluation `items`."""
    sifted = _filtered(store, shards, curation, counter, engine)
    engine.release()
    if not shards.sources:
        return Curated(shards, (sifted,) * len(STEPS))
    found = Curated(shards, (sifted,))
    addresses: Any = [[s.name, s.address] for s in shards.sources], found.verdicts[0].address
    verdict = duplicates(
        store,
        shards,
        found.alive,
        addresses,
        curation,
        memory=memory,
        engine=engine,
        embedder=embedder,
        progress=progress,
    )
    found = Curated(shards, (*found.verdicts, verdict))
    verdict = contaminated(store, shards, found.alive, verdict.address, items, curation)
    return Curated(shards, (*found.verdicts, verdict))


def _filtered(
    store: Store, shards: Shards, curation: Curation, counter: TokenCounter, engine: Engine
) -> Verdict:
    """Return the verdicts of the filters on each source as one."""
    parts = [filtered(store, source, curation, counter, engine) for source in shards.sources]
    rows: list[RowNumbers] = [
        part.rows + np.uint32(start) for part, start in zip(parts, shards.starts[:-1], strict=True)
    ]
    return Verdict(
        np.concatenate(rows) if rows else np.zeros(0, dtype=np.uint32),
        pl.concat([part.reasons for part in parts]) if parts else pl.Series(dtype=pl.String),
        {s.name: part.notes for s, part in zip(shards.sources, parts, strict=True)},
        ",".join(part.address for part in parts),
    )


def _rejected(batch: Batch, rows: RowNumbers, step: str, reasons: pl.Series) -> pl.DataFrame:
    here = batch.rows[rows - np.uint32(batch.first)]
    text = pl.col("messages").list.first().struct.field("content").str.slice(0, _SHOWN)
    return here.select(
        pl.lit(batch.source.name).alias("source"),
        "file",
        "line",
        pl.lit(step).alias("step"),
        reasons.alias("reason"),
        "id",
        text.alias("text"),
    )


def reject_frame(rejects: Sequence[Reject]) -> pl.DataFrame:
    """Return rejects in the `REJECT` schema."""
    return frame_of([vars(reject) for reject in rejects], REJECT)
