"""The step that leaves one of several rows that say the same in other words."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from doitkit.core.errors import PlanError
from doitkit.curate.semantic import Embedder, Vectors, leaders, load_embedder
from doitkit.recipe.curation import Curation
from doitkit.survey.comparison import Comparison, Lost, joined
from doitkit.survey.losses import losses
from doitkit.survey.shards import Mask, RowNumbers

MOST_ROWS = 1_000_000
"""Rows that are compared with one another at most. The time grows with their square."""

_PARTS = {"record": ("prompt", "answer"), "prompt": ("prompt",), "answer": ("answer",)}
_ROWS_AT_ONCE = 1 << 12


def embedder_of(curation: Curation, folder: Path) -> Embedder | None:
    """Return the embedding model that the curation asks for, or None.

    Parameters
    ----------
    folder
        What the model's folder is relative to: that of the recipe.
    """
    if curation.semantic is None:
        return None
    return load_embedder(curation.semantic.model, folder)


def same_meaning(
    comparison: Comparison, alive: Mask, similarity: float, embedder: Embedder
) -> Lost:
    """Return which of the rows in `alive` say the same as another in other words.

    Two rows do when both the cosine of their prompts and that of their answers is `similarity` or
    more, and their prompts hold the same numbers. Each of the three is needed. One vector of the
    whole record makes all questions about one long text alike. And exercises that differ in
    nothing but their numbers have nearly the same vectors, and other answers.

    The row with the best claim stays, and every row that goes is alike to one that stays; see
    `leaders`.

    Raises
    ------
    PlanError
        If more than `MOST_ROWS` rows would be compared with one another.
    """
    losers: list[RowNumbers] = []
    winners: list[RowNumbers] = []
    how: list[npt.NDArray[np.float64]] = []
    unread: list[RowNumbers] = []
    for rows in comparison.sets(alive):
        _require_few(rows)
        ordered = rows[comparison.claims.order(rows)]
        with comparison.spilling() as folder:
            vectors = _vectors(comparison, rows, ordered, embedder, folder)
            unread.append(ordered[~vectors.known()])
            found = leaders(vectors, similarity, progress=comparison.progress)
        goes = found.leader != np.arange(len(rows))
        losers.append(ordered[goes])
        winners.append(ordered[found.leader[goes]])
        how.append(found.similarity[goes])
    return _lost(comparison, alive, joined(losers), joined(winners), joined(how), joined(unread))


def _vectors(
    comparison: Comparison,
    rows: RowNumbers,
    ordered: RowNumbers,
    embedder: Embedder,
    folder: Path,
) -> Vectors:
    """Return the vectors of `rows`, which ascend, in the order in which `ordered` has them."""
    parts = _PARTS[comparison.curation.scope]
    place = np.argsort(ordered)
    vectors = Vectors(len(rows), len(parts), embedder.dimensions, folder)
    done = 0
    with comparison.progress.task("reading what rows say", total=len(rows)) as task:
        for batch in comparison.texts(rows, *parts):
            for texts in batch.iter_slices(_ROWS_AT_ONCE):
                at = place[done : done + texts.height]
                made = [embedder.vectors(texts[part].to_list()) for part in parts]
                vectors.put(at, np.stack(made, axis=1), _numbers(texts[parts[0]]))
                done += texts.height
                task.advance(texts.height)
    return vectors


def _numbers(texts: pl.Series) -> npt.NDArray[np.uint64]:
    """Return a hash of the numbers that each text holds, whatever their order."""
    return texts.str.extract_all(r"\d+").list.sort().list.join(" ").hash().to_numpy()


def _lost(
    comparison: Comparison,
    alive: Mask,
    losers: RowNumbers,
    winners: RowNumbers,
    how: npt.NDArray[np.float64],
    unread: RowNumbers,
) -> Lost:
    shards, source = comparison.shards, comparison.claims.source
    held = np.bincount(source[alive], minlength=len(shards.sources))
    missed = np.bincount(source[unread], minlength=len(shards.sources))
    said = pl.DataFrame({"row": losers, "place": shards.places(winners), "how": how}).select(
        pl.col("row").cast(pl.UInt32),
        pl.format("says the same as {} ({})", "place", pl.col("how").round(2)).alias("reason"),
    )
    return Lost(
        said,
        {
            "semantic": losses(shards, losers, winners, how=how.astype(np.float32)),
            "unread": {
                shards.sources[index].name: [int(missed[index]), int(held[index])]
                for index in np.flatnonzero(missed)
            },
        },
    )


def _require_few(rows: RowNumbers) -> None:
    if len(rows) > MOST_ROWS:
        raise PlanError(
            f"{len(rows):,} rows are too many to compare what they say",
            where="curate.semantic",
            why=f"every one is compared with every one that stays; {MOST_ROWS:,} is the most",
            next_step="compare fewer: say `dedup: within_source`, leave rows out by `filters` or "
            "a lower `near.similarity`, or do without `semantic`",
        )
