"""The nested order of a cell: the subset of size k is always the first k records.

Within a source, records stand in the order of a keyed hash of their own id. Several sources of
one cell are interleaved by weight: the i-th record (from 0) of a source of weight w stands at
(i + 1/2) / w. Taking the first k of that order gives each source its Sainte-Lague quota, which
sums to k, passes on what an exhausted source cannot give, and never takes a record back when k
grows. The strata of a source share its places among themselves in the same way. Largest
remainders would not do here: they can lower one source's quota when the total rises (the
Alabama paradox), and the subsets of a ladder would not be nested.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from doitkit.core.hashing import rank_keys
from doitkit.core.records import Record


@dataclass(frozen=True)
class Strata:
    """Parts of the rows of one source, of each of which every pick holds its share.

    Attributes
    ----------
    codes
        The stratum of each row of the cell, from 0; shape (rows,).
    equal
        All strata have equal shares; otherwise each has its share of the rows.
    """

    codes: npt.NDArray[np.integer]
    equal: bool

    def interleaved(self, places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return `places` so that every beginning of them holds the strata by their shares."""
        codes = self.codes[places]
        size = np.bincount(codes)
        by_stratum = np.argsort(codes, kind="stable")
        before = np.empty(len(codes), dtype=np.int64)
        before[by_stratum] = np.arange(len(codes)) - (np.cumsum(size) - size)[codes[by_stratum]]
        share = np.ones(len(size)) if self.equal else size
        return places[np.argsort((before + 0.5) / share[codes], kind="stable")]


def nested_order(
    records: Sequence[Record], seed: int, weights: Mapping[str, float]
) -> list[Record]:
    """Return the records of one cell in their nested order.

    Parameters
    ----------
    weights
        Source name -> weight (> 0).
    """
    index = {name: place for place, name in enumerate(weights)}
    which = np.array([index[record.source] for record in records], dtype=np.int64)
    rank = rank_keys(seed, [record.id for record in records])
    places = nested_places(rank, which, list(weights.values()))
    return [records[place] for place in places]


def nested_places(
    rank: npt.NDArray[np.uint64],
    which: npt.NDArray[np.integer],
    weights: Sequence[float],
    strata: Mapping[int, Strata] | None = None,
) -> npt.NDArray[np.int64]:
    """Return the places of the rows of one cell in their nested order.

    Parameters
    ----------
    rank
        The `rank_key` of the id of each row of one (ability, origin); shape (rows,). Of equal
        ranks, which equal ids have, or different ones once in an age, the first row comes first.
    which
        The source of each row, as an index into `weights`; shape (rows,).
    weights
        The weight (> 0) of each source.
    strata
        The strata of the rows of a source, by its index, where it has any.

    Returns
    -------
    places
        Indices into `rank`, the row that comes first in front; shape (rows,).
    """
    by_rank = np.argsort(rank, kind="stable")
    place = np.empty(len(rank), dtype=np.float64)
    for source, weight in enumerate(weights):
        own = by_rank[which[by_rank] == source]
        if strata is not None and source in strata:
            own = strata[source].interleaved(own)
        place[own] = (np.arange(len(own)) + 0.5) / weight
    return by_rank[np.argsort(place[by_rank], kind="stable")]
