"""How many rows hold a gram, and so how rare it is."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from doitkit.core.progress import SILENT, Progress, Task
from doitkit.curate.near.layout import Ints, Words, changes
from doitkit.curate.near.spool import Spool
from doitkit.curate.near.threads import in_order

_Counts = npt.NDArray[np.uint16]

_LEAST_BITS = 4
_MOST = np.uint16(65_535)

_RARITIES = np.searchsorted(
    [2, 3, 4, 6, 8, 12, 16, 32, 64, 128, 256, 1_024, 4_096, 16_384, 65_535],
    np.arange(1 << 16),
    side="right",
).astype(np.uint64)
"""The rarity, 0 to 15, of a gram by its count. Most grams of words are rare, so there it tells more
apart; but where a language has few characters, five of them in a row may be in every tenth text."""


def mark_rarities(keys: Spool, memory: int, progress: Progress = SILENT) -> None:
    """Write into the keys how rare their grams are; a rarity of 0 means that no other row has it.

    Grams are counted in buckets, about one for every two keys, that stop at 65,535. Several grams
    may share a bucket, so what it holds is at least the count of each of them, and a count of one
    is certain.

    The number of buckets follows from the number of keys alone, so that rarities do not depend on
    `memory`: where not all buckets fit into half of it, one range of grams is counted after the
    other.
    """
    bits = max(_LEAST_BITS, keys.size.bit_length() - 1)
    at_once = min(bits, max(_LEAST_BITS, (memory // 4).bit_length() - 1))
    ranges = range(0, 1 << bits, 1 << at_once)
    with progress.task("counting n-grams", total=2 * len(ranges) * len(keys)) as task:
        for first in ranges:
            _Range(keys, bits, first, np.zeros(1 << at_once, dtype=np.uint16)).mark(task)


@dataclass(frozen=True)
class _Range:
    """The buckets of a range of grams, from the `first` bucket on."""

    keys: Spool
    bits: int
    first: int
    counts: _Counts

    def mark(self, task: Task) -> None:
        """Count what the keys hold in this range, and write into them how rare it is."""
        parts = range(len(self.keys))
        for buckets, more in in_order(self._counted, parts):
            before = self.counts[buckets]
            self.counts[buckets] = before + np.minimum(more, _MOST - before)
            task.advance()
        for _ in in_order(self._mark, parts):
            task.advance()

    def _counted(self, part: int) -> tuple[Ints, _Counts]:
        """Return the buckets that a part has grams in, and how many."""
        _, buckets = self._within(part)
        begins = np.flatnonzero(changes(buckets))
        counts = np.diff(begins, append=len(buckets))
        return buckets[begins], np.minimum(counts, _MOST).astype(np.uint16)

    def _mark(self, part: int) -> None:
        keys, buckets = self._within(part)
        keys |= _RARITIES[self.counts[buckets]]

    def _within(self, part: int) -> tuple[Words, Ints]:
        """Return the keys of a part that are in the range, and the bucket of each."""
        keys = self.keys[part]
        buckets = keys >> np.uint64(64 - self.bits)
        end = self.first + len(self.counts)
        low, high = np.searchsorted(buckets, np.array([self.first, end], dtype=np.uint64))
        return keys[low:high], (buckets[low:high] - np.uint64(self.first)).view(np.int64)
