"""The step that leaves one of several rows that are equal, or alike."""

from pathlib import Path
from typing import Any

import polars as pl

from doitkit.core.engine import Engine
from doitkit.core.progress import SILENT, Progress
from doitkit.core.store import Store
from doitkit.curate.semantic import Embedder
from doitkit.recipe.curation import Curation
from doitkit.survey.claims import Claims
from doitkit.survey.comparison import Comparison
from doitkit.survey.equal import equal
from doitkit.survey.near import alike
from doitkit.survey.semantic import same_meaning
from doitkit.survey.shards import Mask, Shards
from doitkit.survey.verdict import Judged, Verdict, nothing_left_out, verdict

VERSION = 5


def duplicates(
    store: Store,
    shards: Shards,
    alive: Mask,
    addresses: list[Any],
    curation: Curation,
    *,
    memory: int,
    engine: Engine,
    embedder: Embedder | None = None,
    progress: Progress = SILENT,
) -> Verdict:
    """Return which of the rows in `alive` are copies of others, or nearly so.

    One row of each group stays; see `Claims`. Near-duplicates are looked for among those that
    exact dedup leaves, and rows that say the same in other words among those that both leave.

    Parameters
    ----------
    alive
        The rows that earlier steps left.
    addresses
        What decided about `alive`.
    memory
        Bytes to work in.
    engine
        Who carries out what can be done in parts.
    embedder
        The model that `curation.semantic` names, if it names one.
    """
    key = {
        "version": VERSION,
        "rows": addresses,
        "origins": [source.origin for source in shards.sources],
        "curation": curation.model_dump(
            mode="json", include={"dedup", "scope", "near", "semantic", "prefer"}
        ),
    }
    if embedder is not None:
        key["embedder"] = embedder.address

    def judge(folder: Path) -> Judged:
        if curation.dedup == "none" or not alive.any():
            return nothing_left_out(), {}
        claims = Claims.of(shards, curation.prefer)
        spill = folder / "spill"
        comparison = Comparison(shards, claims, curation, memory, spill, progress, engine)
        return _judged(comparison, alive, embedder)

    return verdict(store, "dedup", key, judge)


def _judged(comparison: Comparison, alive: Mask, embedder: Embedder | None) -> Judged:
    curation = comparison.curation
    left = alive.copy()
    found = [equal(comparison, left)]
    left[found[-1].rows] = False
    compared = left.copy()
    if curation.near is not None:
        lost, spared = alike(comparison, left, curation.near)
        found.append(lost)
        left[lost.rows] = False
        # What a template makes alike would look the same to the next step too.
        compared = left.copy()
        compared[spared] = False
    if curation.semantic is not None:
        assert embedder is not None
        found.append(same_meaning(comparison, compared, curation.semantic.similarity, embedder))
    notes: dict[str, Any] = {}
    for lost in found:
        notes |= lost.notes
    return pl.concat([lost.said for lost in found]), notes
