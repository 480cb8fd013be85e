"""The frame that a test puts around its questions, taken off both ends of each."""

import numpy as np
import polars as pl

from doitkit.curate.overlap.runs import Positions
from doitkit.curate.overlap.tokens import Tokens


def without_frame(
    shared: pl.DataFrame, sizes: Positions, ngram: int
) -> tuple[Positions, Positions]:
    """Return where the own text of each side begins and ends.

    Parameters
    ----------
    shared
        The n-grams that too many items hold: `side`, `position`.
    sizes
        Shape (sides,). Tokens of each side.
    ngram
        Tokens of an n-gram.

    Returns
    -------
    firsts, ends
        Shape (sides,). The first token after all shared n-grams that follow from the front
        without a token between them, and the end of what is before those that lead to the back.
        Equal where nothing is left.
    """
    firsts, ends = np.zeros_like(sizes), sizes.copy()
    start, end = pl.col("position").cast(pl.Int64), pl.col("position").cast(pl.Int64) + ngram
    spans = shared.select("side", start=start, end=end).sort("side", "start")
    before = pl.col("end").shift(1, fill_value=0).over("side")
    front = spans.filter((pl.col("start") > before).cum_sum().over("side") == 0)
    reached = front.group_by("side").agg(pl.col("end").max())
    firsts[reached["side"].to_numpy()] = reached["end"].to_numpy()
    spans = spans.with_columns(size=pl.Series(sizes)[spans["side"]]).reverse()
    after = pl.col("start").shift(1).over("side").fill_null(pl.col("size"))
    back = spans.filter((pl.col("end") < after).cum_sum().over("side") == 0)
    left = back.group_by("side").agg(pl.col("start").min())
    ends[left["side"].to_numpy()] = left["start"].to_numpy()
    return firsts, np.maximum(firsts, ends)


def up_to_marks(tokens: Tokens, text: int, first: int, end: int, most: int) -> tuple[int, int]:
    """Return the bounds of the own text of one of `tokens.texts`, moved outwards to a mark.

    Where many questions begin alike, their first words are in n-grams with the frame and seem
    to be of it. A frame ends with a colon, a full stop or a line, so these words are given back:
    from `first` down to the last token after such a mark, and from `end` on to the next one. No
    mark within `most` tokens, no change.
    """
    head, size = tokens.firsts[text], tokens.firsts[text + 1] - tokens.firsts[text]
    before = range(first, max(0, first - most), -1)
    after = range(end, min(size, end + most))
    return (
        next((token for token in before if tokens.parted(head + token)), first),
        next((token for token in after if tokens.parted(head + token)), end),
    )
