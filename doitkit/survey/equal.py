"""The step that leaves one of several rows whose texts are equal."""

import numpy as np
import polars as pl

from doitkit.core.ids import folded_texts, hashed
from doitkit.core.rows import with_texts
from doitkit.survey.claims import Words, words_of
from doitkit.survey.comparison import TEXT_OF, Comparison, Lost
from doitkit.survey.losses import losses
from doitkit.survey.shards import Mask, RowNumbers


def equal(comparison: Comparison, alive: Mask) -> Lost:
    """Return which of the rows in `alive` are copies; of equal ones the best claim stays."""
    copies, originals = _copies(comparison, alive)
    said = pl.DataFrame({"row": copies, "place": comparison.shards.places(originals)}).select(
        pl.col("row").cast(pl.UInt32),
        pl.concat_str(pl.lit(f"same {TEXT_OF[comparison.curation.scope]} as "), "place").alias(
            "reason"
        ),
    )
    return Lost(said, {"equal": losses(comparison.shards, copies, originals)})


def _copies(comparison: Comparison, alive: Mask) -> tuple[RowNumbers, RowNumbers]:
    """Return the rows that are copies, in their order, and for each the one that stays."""
    claims = comparison.claims
    rows = np.flatnonzero(alive).astype(np.uint32)
    key = _hashes(comparison)[rows]
    group = comparison.groups[claims.source[rows]]
    order = np.lexsort((key[:, 1], key[:, 0], group))
    same = (
        (np.diff(group[order]) == 0) & (np.diff(key[order, 0]) == 0) & (np.diff(key[order, 1]) == 0)
    )
    label = np.concatenate([[0], np.cumsum(~same)])
    several = np.concatenate([[False], same]) | np.concatenate([same, [False]])
    members = rows[order][several]
    winners = claims.best(members, label[several])
    copies = members != winners
    by_row = np.argsort(members[copies], kind="stable")
    return members[copies][by_row], winners[copies][by_row]


def _hashes(comparison: Comparison) -> Words:
    scope = comparison.curation.scope
    if scope == "record":
        return comparison.claims.ids
    result = np.empty((len(comparison.shards), 2), dtype=np.uint64)
    for batch in comparison.shards.batches("prompt_id", "messages"):
        if scope == "prompt":
            hashes = batch.rows["prompt_id"]
        else:
            answers = with_texts(batch.rows, "answer")["answer"]
            hashes = hashed(folded_texts(answers))
        result[batch.numbers] = words_of(hashes)
    return result
