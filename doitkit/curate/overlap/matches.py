"""Of each row, the item that it holds most of, and what it holds of it."""

import polars as pl

from doitkit.curate.overlap.runs import Positions

IS_PROMPT = pl.col("side") % 2 == 0

_MATCH = pl.Schema(
    {
        "row": pl.UInt32,
        "side": pl.UInt32,
        "share": pl.Float64,
        "first": pl.UInt32,
        "grams": pl.UInt32,
    }
)


class Matching:
    """What counts as a match, once it is known which grams count.

    Parameters
    ----------
    grams
        The grams that count, in the sides they are of: `key`, `side`, `position`.
    sizes
        Shape (sides,). Tokens of each side.
    share
        A row matches that holds this share of a side's grams, from 0 to 1, and at least one.
    """

    def __init__(self, grams: pl.DataFrame, sizes: Positions, share: float) -> None:
        self._grams, self._sizes, self._share = grams, sizes, share
        distinct = grams.select("key", "side").unique()
        self._of_all = distinct.with_columns(all=pl.len().over("side"))

    def matches(self, hits: pl.DataFrame, copies: pl.DataFrame) -> pl.DataFrame:
        """Return the best match of each row that has one.

        Parameters
        ----------
        hits
            Which row holds which gram: `row`, `key`, `in_answer` (there, if not only there).
        copies
            Which row holds a whole prompt: `row`, `side`.

        Returns
        -------
        pl.DataFrame
            `row`; `side` and `share`; the longest run of the side's grams that the row holds:
            the position of its `first`, and how many `grams`. These two are null for a copy. Of
            equal shares a copy is best, then the match with more grams or the longer copy; of
            equals, the item that comes first.
        """
        best = self._best(hits, copies)
        return best.join(self._runs(best, hits), on="row", how="left").select(*_MATCH).cast(_MATCH)

    def _best(self, hits: pl.DataFrame, copies: pl.DataFrame) -> pl.DataFrame:
        parts = (
            hits.join(self._of_all, on="key")
            .filter(IS_PROMPT | pl.col("in_answer"))
            .group_by("row", "side")
            .agg(size=pl.len().cast(pl.Int64), all=pl.col("all").first())
            .select("row", "side", "size", share=pl.col("size") / pl.col("all"), copied=False)
            .filter(pl.col("share") >= self._share)
        )
        size = pl.Series(self._sizes[copies["side"].to_numpy()], dtype=pl.Int64)
        wholes = copies.select("row", "side", size=size, share=1.0, copied=True)
        order = {"row": False, "share": True, "copied": True, "size": True, "side": False}
        ranked = pl.concat([parts, wholes]).sort(*order, descending=list(order.values()))
        return ranked.unique("row", keep="first", maintain_order=True)

    def _runs(self, best: pl.DataFrame, hits: pl.DataFrame) -> pl.DataFrame:
        places = (
            hits.join(best.filter(~pl.col("copied")), on="row")
            .filter(IS_PROMPT | pl.col("in_answer"))
            .join(self._grams, on=["key", "side"])
            .select("row", "position")
            .sort("row", "position")
        )
        number = pl.int_range(pl.len(), dtype=pl.Int64)
        return (
            places.group_by("row", run=pl.col("position").cast(pl.Int64) - number)
            .agg(first=pl.col("position").min(), grams=pl.len())
            .sort("row", "grams", "first", descending=[False, True, False])
            .unique("row", keep="first", maintain_order=True)
        )
