"""The step that leaves one of several rows that are near-duplicates."""

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from doitkit.curate.near import NearPairs, Shingling, grams_of, near_pairs
from doitkit.recipe.curation import Near
from doitkit.survey.comparison import TEXT_OF, Comparison, Lost, joined
from doitkit.survey.grams import grams_from_elsewhere
from doitkit.survey.losses import losses
from doitkit.survey.shards import Mask, RowNumbers


def alike(comparison: Comparison, alive: Mask, near: Near) -> tuple[Lost, RowNumbers]:
    """Return which of the rows in `alive` are near-duplicates of others, and which are spared.

    Of rows that near-duplicates join, directly or through others, the best claim stays. A source
    that would lose too many to its own keeps them: these are spared.
    """
    losers: list[RowNumbers] = []
    winners: list[RowNumbers] = []
    likest: list[RowNumbers] = []
    how: list[npt.NDArray[np.float32]] = []
    for rows in comparison.sets(alive):
        pairs = _pairs(comparison, rows, near)
        sizes = np.bincount(pairs.cluster, minlength=len(rows))
        several = np.flatnonzero(sizes[pairs.cluster] > 1)
        stays = comparison.claims.best(rows[several], pairs.cluster[several])
        other, similarity = _likest(pairs, len(rows))
        lost = rows[several] != stays
        losers.append(rows[several][lost])
        winners.append(stays[lost])
        likest.append(rows[other[several][lost]])
        how.append(similarity[several][lost])
    return _judged(
        comparison, alive, near, joined(losers), joined(winners), joined(likest), joined(how)
    )


def _pairs(comparison: Comparison, rows: RowNumbers, near: Near) -> NearPairs:
    name = TEXT_OF[comparison.curation.scope]
    with comparison.spilling() as folder:
        shingling = Shingling(near.ngram, near.unit)
        if comparison.engine.elsewhere:
            grams = grams_from_elsewhere(comparison, rows, name, shingling, folder)
        else:
            texts = (texts[name] for texts in comparison.texts(rows, name))
            grams = grams_of(texts, shingling)
        return near_pairs(
            grams,
            similarity=near.similarity,
            memory=comparison.memory,
            spill=folder,
            progress=comparison.progress,
        )


def _judged(
    comparison: Comparison,
    alive: Mask,
    near: Near,
    losers: RowNumbers,
    winners: RowNumbers,
    likest: RowNumbers,
    how: npt.NDArray[np.float32],
) -> tuple[Lost, RowNumbers]:
    shards, source = comparison.shards, comparison.claims.source
    own = source[losers] == source[winners]
    lost = np.bincount(source[losers[own]], minlength=len(shards.sources))
    held = np.bincount(source[alive], minlength=len(shards.sources))
    spared = lost > near.most_lost * held
    notes: dict[str, Any] = {
        "alike": losses(shards, losers, winners, likest, how),
        "spared": {
            shards.sources[index].name: [int(lost[index]), int(held[index])]
            for index in np.flatnonzero(spared)
        },
    }
    goes = ~(own & spared[source[losers]])
    kept = losers[~goes]
    losers, winners, likest, how = (a[goes] for a in (losers, winners, likest, how))
    said = pl.DataFrame(
        {
            "row": losers,
            "how": how,
            "likest": shards.places(likest),
            "stays": shards.places(winners),
            "same": likest == winners,
        }
    ).select(
        pl.col("row").cast(pl.UInt32),
        pl.when("same")
        .then(pl.format("{} alike with {}", pl.col("how").round(2), "likest"))
        .otherwise(
            pl.format("{} alike with {}, and so with {}", pl.col("how").round(2), "likest", "stays")
        )
        .alias("reason"),
    )
    return Lost(said, notes), kept


def _likest(pairs: NearPairs, rows: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Return of each row the row that it is likest to, and how much; itself where none is."""
    one = np.concatenate([pairs.first, pairs.second])
    two = np.concatenate([pairs.second, pairs.first])
    how = np.concatenate([pairs.similarity, pairs.similarity])
    order = np.lexsort((two, -how, one))
    one, two, how = one[order], two[order], how[order]
    begins = np.flatnonzero(np.diff(one.astype(np.int64), prepend=-1))
    other, similarity = np.arange(rows), np.zeros(rows, dtype=np.float32)
    other[one[begins]], similarity[one[begins]] = two[begins], how[begins]
    return other, similarity
