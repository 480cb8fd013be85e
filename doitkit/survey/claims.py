"""Who of several equal rows stays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from doitkit.core.origins import Origin
from doitkit.survey.shards import RowNumbers, Shards

_LENGTH = (
    pl.col("messages").list.eval(pl.element().struct.field("content").str.len_chars()).list.sum()
)
Words = npt.NDArray[np.uint64]
"""A hash of 128 bits in each row, as two words; shape (n, 2)."""


@dataclass(frozen=True)
class Claims:
    """What decides who stays: the origin, the place of the source, the length, then the id.

    Attributes
    ----------
    source
        The index of each row's source in the recipe's order; shape (n,).
    origin_rank
        Of each source, how far behind its origin stands in `prefer`.
    length
        Characters in all messages of each row; shape (n,).
    ids
        The ids of the rows; shape (n, 2).
    """

    source: npt.NDArray[np.uint16]
    origin_rank: npt.NDArray[np.uint8]
    length: npt.NDArray[np.uint32]
    ids: Words

    @classmethod
    def of(cls, shards: Shards, prefer: Sequence[Origin]) -> "Claims":
        """Return the claims of all rows."""
        rank = {origin: index for index, origin in enumerate(prefer)}
        source = np.repeat(np.arange(len(shards.sources), dtype=np.uint16), np.diff(shards.starts))
        length = np.empty(len(shards), dtype=np.uint32)
        ids = np.empty((len(shards), 2), dtype=np.uint64)
        for batch in shards.batches("id", "messages"):
            length[batch.numbers] = batch.rows.select(_LENGTH).to_series().to_numpy()
            ids[batch.numbers] = words_of(batch.rows["id"])
        ranks = [rank.get(s.origin, len(rank)) for s in shards.sources]
        return cls(source, np.array(ranks, dtype=np.uint8), length, ids)

    def order(self, rows: RowNumbers) -> npt.NDArray[np.int64]:
        """Return the places of `rows` in the order of their claims, the best first."""
        source = self.source[rows]
        return np.lexsort(
            (
                rows,
                self.ids[rows, 1],
                self.ids[rows, 0],
                -self.length[rows].astype(np.int64),
                source,
                self.origin_rank[source],
            )
        )

    def best(self, rows: RowNumbers, groups: npt.NDArray[np.integer]) -> RowNumbers:
        """Return, for each of `rows`, the row of its group that stays; shape as `rows`."""
        order = self.order(rows)
        order = order[np.argsort(groups[order], kind="stable")]
        sorted_groups = groups[order]
        begins = np.flatnonzero(np.diff(sorted_groups, prepend=sorted_groups[:1] - 1))
        which = np.repeat(np.arange(len(begins)), np.diff([*begins, len(rows)]))
        winners = np.empty(len(rows), dtype=np.uint32)
        winners[order] = rows[order][begins][which]
        return winners


def words_of(hashes: pl.Series) -> Words:
    """Return hashes of 32 hexadecimal digits as numbers; shape (n, 2)."""
    packed = "".join(hashes.to_list())
    return np.frombuffer(bytes.fromhex(packed), dtype=">u8").reshape(-1, 2).astype(np.uint64)
