"""A gram, the row that holds it and how rare it is, in 64 bits.

Rows are worked on in blocks of at most 4,096, so that the row needs 12 bits; the gram has 48, and
its rarity 4. A *key* has the gram first:

    gram (48) | row (12) | rarity (4)

and rotated by 16 bits, the row, so that the grams of a row stand together when it is sorted:

    row (12) | rarity (4) | gram (48)

The last 52 bits of this are the *rank* of the gram. In the order of ranks rare grams come first,
and it is the same order in every row.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Words = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

GRAM_BITS = 48
RARITY_BITS = 4
RANK_BITS = GRAM_BITS + RARITY_BITS
BLOCK_ROWS = 1 << (64 - RANK_BITS)

_SIDE = np.uint64(64 - GRAM_BITS)
_ROW = np.uint64(BLOCK_ROWS - 1)
_RARITY = np.uint64((1 << RARITY_BITS) - 1)
_RANK = np.uint64((1 << RANK_BITS) - 1)


def keys_of(hashes: Words, rows: Ints) -> Words:
    """Return keys without a rarity yet; the upper 48 bits of a hash name its gram."""
    return (hashes >> _SIDE << _SIDE) | (rows << RARITY_BITS).astype(np.uint64)


def rows_of(keys: Words) -> Ints:
    """Return the rows of keys."""
    return (keys >> np.uint64(RARITY_BITS) & _ROW).astype(np.int64)


def rarities_of(keys: Words) -> Words:
    """Return the rarities of keys."""
    return keys & _RARITY


def ranks_by_row(keys: Words) -> Words:
    """Return the ranks of keys, sorted by row and rank."""
    return ascending((keys << np.uint64(GRAM_BITS)) | (keys >> _SIDE)) & _RANK


def ascending(words: Words) -> Words:
    """Return the words sorted.

    Where a processor has AVX-512 but is slow to compress vectors, numpy takes four times as long.
    """
    return pl.Series(words).sort(multithreaded=False).to_numpy()


def distinct(words: Words) -> Words:
    """Return the words sorted, each once."""
    words = ascending(words)
    return words[changes(words)]


def changes(values: npt.NDArray[Any]) -> Mask:
    """Return which values differ from the one before; the first one does."""
    changed = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=changed[1:])
    return changed


def paired(upper: Ints, lower: Ints) -> Words:
    """Return numbers of 32 bits, two in a word."""
    return (upper << 32 | lower).astype(np.uint64)


def halves(words: Words) -> tuple[Ints, Ints]:
    """Return the upper and the lower 32 bits of words."""
    return (words >> np.uint64(32)).astype(np.int64), words.astype(np.uint32).astype(np.int64)
