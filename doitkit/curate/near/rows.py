"""The rows of a corpus that remain, and how many grams two of them have in common."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from doitkit.curate.near.layout import BLOCK_ROWS, RANK_BITS, Ints, Mask, Words
from doitkit.curate.near.ranges import blocks
from doitkit.curate.near.spool import Spool
from doitkit.curate.near.threshold import Threshold

_GRAMS_AT_ONCE = 1 << 16
_MIXER = np.uint64(0x9FB21C651E98DF25)


@dataclass(frozen=True)
class Suffixes:
    """For each of some rows, the last of its shared grams in the order of ranks.

    Attributes
    ----------
    row
        Rows, as `Rows` numbers them.
    rest
        How many grams of each.
    """

    row: Ints
    rest: Ints

    def __len__(self) -> int:
        return len(self.row)

    def __getitem__(self, which: slice | Ints | Mask) -> "Suffixes":
        return Suffixes(self.row[which], self.rest[which])


@dataclass(frozen=True)
class Rows:
    """The rows that may have a near-duplicate, numbered anew, with the grams that they share.

    Attributes
    ----------
    number
        What each row was numbered before, ascending.
    size
        Grams of each row, shared or not.
    begin
        Where in `ranks` the shared grams of each row begin, and of the last one end.
    sketch
        See `Remaining`.
    ranks
        The shared grams of each row, in order.
    """

    number: npt.NDArray[np.uint32]
    size: npt.NDArray[np.uint32]
    begin: Ints
    sketch: Words
    ranks: Spool
    threshold: Threshold

    def __len__(self) -> int:
        return len(self.number)

    def whole(self, row: Ints) -> Suffixes:
        """Return all shared grams of rows."""
        return Suffixes(row, self.begin[row + 1] - self.begin[row])

    def least_overlap(self, one: Ints, other: Ints) -> Ints:
        """Return how many grams make each pair of rows near-duplicates."""
        return self.threshold.least_overlap(self.size[one].astype(np.int64) + self.size[other])

    def may_be_alike(self, one: Ints, other: Ints) -> Mask:
        """Return which pairs of rows may be near-duplicates, by their sketches."""
        held = self.whole(one).rest + self.whole(other).rest
        differ = np.bitwise_count(self.sketch[one] ^ self.sketch[other]).sum(axis=1, dtype=np.int64)
        possible: Mask = held - differ >= 2 * self.least_overlap(one, other)
        return possible

    def overlaps(self, one: Suffixes, other: Suffixes) -> Ints:
        """Return how many grams each pair of suffixes has in common."""
        parts = blocks(one.rest + other.rest, _GRAMS_AT_ONCE, BLOCK_ROWS)
        common = (self._common(one[part], other[part]) for part in parts)
        return np.concatenate([np.empty(0, dtype=np.int64), *common])

    def signatures(self, suffixes: Suffixes) -> Words:
        """Return a hash of the set of grams of each suffix; two sets are one by odds of 2**-64."""
        parts = blocks(suffixes.rest, _GRAMS_AT_ONCE, BLOCK_ROWS)
        hashes = (self._signature(suffixes[part]) for part in parts)
        return np.concatenate([np.empty(0, dtype=np.uint64), *hashes])

    def _common(self, one: Suffixes, other: Suffixes) -> Ints:
        keys = np.concatenate([self._numbered(one), self._numbered(other)])
        # Each half is in order, and a stable sort is quick to see that.
        keys.sort(kind="stable")
        twice = keys[1:][keys[1:] == keys[:-1]] >> np.uint64(RANK_BITS)
        return np.bincount(twice.astype(np.int64), minlength=len(one))

    def _numbered(self, suffixes: Suffixes) -> Words:
        """Return the ranks of all suffixes, with the place of the suffix above them."""
        place = np.arange(len(suffixes), dtype=np.uint64) << np.uint64(RANK_BITS)
        return self._ranks(suffixes) | np.repeat(place, suffixes.rest)

    def _signature(self, suffixes: Suffixes) -> Words:
        hashes = self._ranks(suffixes) * _MIXER
        hashes ^= hashes >> np.uint64(32)
        hashes *= _MIXER
        return np.add.reduceat(hashes, np.cumsum(suffixes.rest) - suffixes.rest)

    def _ranks(self, suffixes: Suffixes) -> Words:
        end = self.begin[suffixes.row + 1]
        return self.ranks.gather(end - suffixes.rest, suffixes.rest)
