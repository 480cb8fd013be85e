"""A table of bits that says of most hashes, at little cost, that they are not among the known."""

import numpy as np
import numpy.typing as npt

from doitkit.curate.overlap.runs import Hashes

_BITS_A_KEY = 64
_LEAST_BITS = 16
_BIT = 1 << np.arange(8, dtype=np.uint8)


class Sieve:
    """Which hashes may be among `keys`: all that are, and at most one in 64 of the others."""

    def __init__(self, keys: Hashes) -> None:
        bits = max(_LEAST_BITS, (_BITS_A_KEY * keys.size - 1).bit_length())
        self._shift = np.uint64(64 - bits)
        held = np.zeros(1 << bits, np.bool_)
        held[self._places(keys)] = True
        self._bytes = np.packbits(held, bitorder="little")

    def passes(self, hashes: Hashes) -> npt.NDArray[np.intp]:
        """Return the indices of the hashes that may be known."""
        places = self._places(hashes)
        return np.flatnonzero(self._bytes[places >> 3] & _BIT[places & 7])

    def _places(self, hashes: Hashes) -> npt.NDArray[np.int64]:
        return (hashes >> self._shift).view(np.int64)
