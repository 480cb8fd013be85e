"""The nested order of a cell: the subset of size k is always the first k records.

Within a source, records stand in the order of a keyed hash of their own id. Several sources
of one cell are interleaved by weight: the i-th record (from 0) of a source of weight w stands
at (i + 1/2) / w. Taking the first k of that order gives each source its Sainte-Lague quota,
which sums to k, passes on what an exhausted source cannot give, and never takes a record back
when k grows. Largest remainders would not do here: they can lower one source's quota when the
total rises (the Alabama paradox), and the subsets of a ladder would not be nested.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from doitkit.core.hashing import rank_key
from doitkit.core.records import Record


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
    places = nested_places([r.id for r in records], which, list(weights.values()), seed)
    return [records[place] for place in places]


def nested_places(
    ids: Sequence[str], which: npt.NDArray[np.integer], weights: Sequence[float], seed: int
) -> npt.NDArray[np.int64]:
    """Return the places of the rows of one cell in their nested order.

    Parameters
    ----------
    ids
        The id of each row of one (ability, origin).
    which
        The source of each row, as an index into `weights`; shape (rows,).
    weights
        The weight (> 0) of each source.
    seed
        Decides the order; nothing else does.

    Returns
    -------
    places
        Indices into `ids`, the row that comes first in front; shape (rows,).
    """
    rank = np.array([rank_key(seed, identity) for identity in ids], dtype=np.uint64)
    by_rank = np.argsort(rank, kind="stable")
    if np.any(np.diff(rank[by_rank]) == 0):
        # Equal ranks are of equal ids, or once in an age of different ones.
        by_rank = np.lexsort((np.array(ids, dtype=np.str_), rank))
    place = np.empty(len(ids), dtype=np.float64)
    for source, weight in enumerate(weights):
        own = by_rank[which[by_rank] == source]
        place[own] = (np.arange(len(own)) + 0.5) / weight
    return by_rank[np.argsort(place[by_rank], kind="stable")]
