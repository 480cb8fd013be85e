"""Hashes of runs: every stretch of a sequence has one, at the price of one subtraction."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Positions = npt.NDArray[np.int64]

_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)
_SMALLEST = 1 << 12


class Runs:
    """A sequence of numbers, ready to give the hash of any run of it.

    The hash of a run x_0 ... x_k is the sum of x_j B^j modulo 2^64, with one odd B. Sums from
    the front are kept, times B to the power of where they start; as B is odd, it has an inverse
    modulo 2^64 and the power can be taken off again. So a run of five and one of five hundred
    cost the same, and rolling n-grams need no loop over n.

    Parameters
    ----------
    values
        Shape (size,). Numbers that are spread over 64 bits already, such as hashes; small
        numbers give hashes that need `mixed` afterwards.
    """

    def __init__(self, values: npt.NDArray[np.unsignedinteger]) -> None:
        powers, self._inverses = _powers(_room(values.size + 1))
        self._sums = np.empty(values.size + 1, np.uint64)
        self._sums[0] = 0
        np.multiply(values, powers[: values.size], out=self._sums[1:])
        np.cumsum(self._sums[1:], out=self._sums[1:])

    def hashes(self, starts: Positions, ends: Positions) -> Hashes:
        """Return the hash of each run from a start up to, not with, its end."""
        found: Hashes = (self._sums[ends] - self._sums[starts]) * self._inverses[starts]
        return found

    def grams(self, size: int) -> Hashes:
        """Return the hash of every run of `size`, by where it starts."""
        count = max(0, self._sums.size - size)
        found: Hashes = self._sums[size:] - self._sums[:count]
        found *= self._inverses[:count]
        return found


def mixed(hashes: Hashes) -> Hashes:
    """Return `hashes`, changed in place so that each bit depends on all bits of the run."""
    hashes ^= hashes >> np.uint64(32)
    hashes *= np.uint64(0xD6E8FEB86659FD93)
    hashes ^= hashes >> np.uint64(29)
    return hashes


def _room(size: int) -> int:
    """Return the least power of two that `size` fits in: few sizes, so few tables of powers."""
    return max(_SMALLEST, 1 << (size - 1).bit_length())


@lru_cache(maxsize=4)
def _powers(size: int) -> tuple[Hashes, Hashes]:
    """Return the powers 0 to `size` - 1 of the base and of its inverse, modulo 2^64."""
    tables = []
    for base in (_BASE, _INVERSE):
        table = np.full(size, base, np.uint64)
        table[0] = 1
        tables.append(np.cumprod(table, out=table))
    return tables[0], tables[1]
