"""The grams of a corpus, block by block."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from doitkit.curate.near.layout import BLOCK_ROWS, Words
from doitkit.curate.near.ranges import blocks
from doitkit.curate.near.shingles import Shingling
from doitkit.curate.near.threads import in_order

_BYTES_AT_ONCE = 1 << 19


@dataclass(frozen=True)
class Grams:
    """The grams of some texts that follow one another.

    Attributes
    ----------
    rows
        How many texts, at most `BLOCK_ROWS`.
    keys
        What `Shingling.keys` gives of them.
    """

    rows: int
    keys: Words


def grams_of(texts: Iterable[pl.Series], shingling: Shingling) -> Iterator[Grams]:
    """Yield the grams of texts, which come in chunks, from as many threads as Polars has.

    How they are cut into blocks decides memory, and nothing else.
    """
    yield from in_order(lambda part: Grams(len(part), shingling.keys(part)), _cut(texts))


def _cut(texts: Iterable[pl.Series]) -> Iterator[pl.Series]:
    for texts_of_chunk in texts:
        chunk = texts_of_chunk.cast(pl.String)
        sizes = chunk.str.len_bytes().fill_null(0).to_numpy().astype(np.int64)
        for part in blocks(sizes, _BYTES_AT_ONCE, BLOCK_ROWS):
            yield chunk[part]
