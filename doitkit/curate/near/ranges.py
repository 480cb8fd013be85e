"""Ranges of places in flat arrays."""

from collections.abc import Iterator

import numpy as np

from doitkit.curate.near.layout import Ints


def ranges(begin: Ints, length: Ints) -> Ints:
    """Return `begin[0], begin[0] + 1, ...`, `length[0]` of them, then those of `begin[1]`, ..."""
    before = np.cumsum(length) - length
    return np.repeat(begin - before, length) + np.arange(int(length.sum()))


def blocks(amounts: Ints, most: int, length: int) -> Iterator[slice]:
    """Yield slices of at most this length, with amounts of `most` in all, or of a single one."""
    after = np.cumsum(amounts)
    begin, before = 0, 0
    while begin < len(amounts):
        full = int(np.searchsorted(after, before + most, side="right"))
        end = max(begin + 1, min(begin + length, full))
        yield slice(begin, end)
        begin, before = end, int(after[end - 1])
