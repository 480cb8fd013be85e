"""The rows that may have a near-duplicate, and the grams by which it will be found.

Of a row of `n` grams, a near-duplicate holds `ceil(t n)` or more. So a row that shares fewer with
all other rows together has none. And of any `n - ceil(t n) + 1` grams of the row, a near-duplicate
holds one. The rarest are taken, since few other rows hold them; a gram that is in no other row need
not be looked for.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from doitkit.curate.near.layout import (
    BLOCK_ROWS,
    Ints,
    Words,
    paired,
    ranks_by_row,
    rarities_of,
    rows_of,
)
from doitkit.curate.near.ranges import ranges
from doitkit.curate.near.threshold import Threshold

Postings = Words
"""Grams by which rows may be found, shape (postings, 2): the rank of the gram; and the row, in the
upper 32 bits, with the number of its grams from this one on in the order of ranks."""

PARTITION_BITS = 6
PARTITIONS = 1 << PARTITION_BITS

_GRAMS_OF_A_WORD = 48
_MOST_WORDS = 8


@dataclass(frozen=True)
class Remaining:
    """The rows of a block that remain, numbered anew, with the grams that they share with others.

    Attributes
    ----------
    row
        Their numbers in the block.
    size
        Grams of each row, shared or not.
    held
        Shared grams of each row.
    ranks
        The shared grams of the first row, in order, then those of the second, and so on.
    sketch
        Each shared gram of a row flips one of its bits, shape (rows, words). So between two rows at
        most as many bits differ as there are shared grams that one of them lacks.
    postings
        By partition; equal grams are in one partition.
    bounds
        Where partitions begin and end, shape (PARTITIONS + 1,).
    """

    row: Ints
    size: Ints
    held: Ints
    ranks: Words
    sketch: Words
    postings: Postings
    bounds: Ints

    @classmethod
    def of(cls, keys: Words, threshold: Threshold, sketch_words: int) -> Self:
        """Return what remains of a block of keys."""
        rows = rows_of(keys)
        shared = rarities_of(keys) > 0
        size = np.bincount(rows, minlength=BLOCK_ROWS)
        held = np.bincount(rows[shared], minlength=BLOCK_ROWS)
        remains = (size > 0) & (held >= threshold.least_size(size))
        row = np.flatnonzero(remains)
        size, held = size[row], held[row]
        ranks = ranks_by_row(keys[shared & remains[rows]])
        begin = np.cumsum(held) - held
        found_by = held - threshold.least_size(size) + 1
        postings, bounds = _postings(ranks, begin, held, found_by)
        sketch = _sketch(ranks, begin, sketch_words)
        return cls(row, size, held, ranks, sketch, postings, bounds)


def _postings(ranks: Words, begin: Ints, held: Ints, found_by: Ints) -> tuple[Postings, Ints]:
    """Return postings of the first `found_by` ranks of each row, by partition."""
    places = ranges(begin, found_by)
    row = np.repeat(np.arange(len(held)), found_by)
    rest = (begin + held)[row] - places
    postings = np.stack([ranks[places], paired(row, rest)], axis=1)
    partition = (postings[:, 0] % PARTITIONS).astype(np.uint8)
    bounds = np.zeros(PARTITIONS + 1, dtype=np.int64)
    np.cumsum(np.bincount(partition, minlength=PARTITIONS), out=bounds[1:])
    return postings[np.argsort(partition, kind="stable")], bounds


def sketch_words_of(grams: int, rows: int) -> int:
    """Return how many words a sketch needs for rows that hold so many grams together.

    Unlike rows must differ in more bits than alike ones may, about a fifth of their grams.
    """
    return min(max(1, grams // (_GRAMS_OF_A_WORD * max(rows, 1))), _MOST_WORDS)


def _sketch(ranks: Words, begin: Ints, words: int) -> Words:
    sketch = np.zeros((len(begin), words), dtype=np.uint64)
    if not len(begin):
        return sketch
    number = ranks >> np.uint64(PARTITION_BITS)
    bit = np.uint64(1) << (number & np.uint64(63))
    word = (number >> np.uint64(6)) % np.uint64(words)
    for index in range(words):
        sketch[:, index] = np.bitwise_xor.reduceat(np.where(word == index, bit, 0), begin)
    return sketch
