"""Rows that near-duplicates join, directly or through others."""

import numpy as np
import numpy.typing as npt

from doitkit.curate.near.layout import Ints

_Rows = npt.NDArray[np.uint32]


def clusters(first: _Rows, second: _Rows, rows: int) -> npt.NDArray[np.int32]:
    """Return of each row the lowest one that it is joined to; itself if it is joined to none."""
    joined, places = np.unique(np.concatenate([first, second]), return_inverse=True)
    lowest = components(places.reshape(2, -1), len(joined))
    cluster = np.arange(rows, dtype=np.int32)
    cluster[joined] = joined[lowest]
    return cluster


def components(pairs: Ints, count: int) -> Ints:
    """Return of each of `count` places the lowest that pairs, shape (2, pairs), join it to."""
    # A seventh of a second to load, which commands that compare no rows need not wait for.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(pairs.shape[1], dtype=bool), (pairs[0], pairs[1])), (count, count))
    label = connected_components(links, directed=False)[1]
    _, lowest = np.unique(label, return_index=True)
    joined_to: Ints = lowest[label]
    return joined_to
