"""Prompts and answers in blocks of a size that is quick to look at."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from doitkit.curate.overlap.runs import Positions
from doitkit.curate.overlap.tokens import APART, Tokens, tokenize

_CHARS = 1 << 16
"""Characters of a block: few, so that what is computed of them stays near the processor."""


def blocks(rows: pl.DataFrame) -> Iterator[tuple[Positions, Tokens]]:
    """Cut the `prompt` and `answer` of `rows` into tokens, block by block.

    Yields
    ------
    numbers, tokens
        Which rows a block holds, and the tokens of their texts: the prompt of the first, its
        answer, the prompt of the second, and so on. Text 2 k is the prompt of `numbers[k]`.
    """
    rows = rows.select(pl.col("prompt", "answer").fill_null("")).with_row_index("number")
    texts = pl.col("prompt", "answer")
    sizes = rows.select(texts.str.len_chars().cast(pl.Int64))
    plain = (sizes == rows.select(texts.str.len_bytes().cast(pl.Int64))).min_horizontal()
    # One letter beyond ASCII doubles the work on its whole block: such rows stay together.
    for alike in (plain, ~plain):
        if alike.any():
            yield from _cut(rows.filter(alike), sizes.filter(alike).to_numpy().ravel())


def _cut(rows: pl.DataFrame, sizes: Positions) -> Iterator[tuple[Positions, Tokens]]:
    pairs = rows.select(pl.concat_str("prompt", "answer", separator=APART)).to_series()
    joined = pairs.str.join(APART).item()
    numbers = rows["number"].to_numpy().astype(np.int64)
    heads = np.append(0, np.cumsum(sizes + len(APART)))
    full = np.flatnonzero(np.diff(heads[2::2] // _CHARS)) + 1
    for first, end in zip([0, *full], [*full, len(numbers)], strict=True):
        begin = heads[2 * first]
        text = joined[begin : heads[2 * end] - len(APART)]
        yield numbers[first:end], tokenize(text, heads[2 * first : 2 * end] - begin)
