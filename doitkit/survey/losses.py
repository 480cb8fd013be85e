"""Who lost rows to whom: the report of dedup, source by source."""

from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from doitkit.survey.shards import RowNumbers, Shards

_EXAMPLES = 3


def losses(
    shards: Shards,
    losers: RowNumbers,
    winners: RowNumbers,
    likest: RowNumbers | None = None,
    how: npt.NDArray[np.float32] | None = None,
) -> list[dict[str, Any]]:
    """Return how many rows each source lost to each, with a few pairs of places as examples.

    Parameters
    ----------
    likest, how
        The row that each loser is likest to, and their similarity; equal rows if not given.
    """
    pairs = np.stack([shards.source_of(losers), shards.source_of(winners)], axis=1)
    if not len(pairs):
        return []
    kinds, which, counts = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
    by_kind = np.argsort(which.ravel(), kind="stable")
    begins = np.concatenate([[0], np.cumsum(counts)[:-1]])
    shown = np.concatenate(
        [by_kind[b : b + min(n, _EXAMPLES)] for b, n in zip(begins, counts, strict=True)]
    )
    beside = winners if likest is None else likest
    alike = np.ones(len(shown)) if how is None else how[shown]
    examples = zip(
        shards.places(losers[shown]), shards.places(beside[shown]), alike.tolist(), strict=True
    )
    return [
        {
            "source": shards.sources[lost].name,
            "to": shards.sources[to].name,
            "rows": int(rows),
            "examples": [[a, b, round(s, 3)] for a, b, s in islice(examples, min(rows, _EXAMPLES))],
        }
        for (lost, to), rows in zip(kinds, counts, strict=True)
    ]
