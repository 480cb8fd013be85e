"""Training rows that hold a good part of an evaluation item."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from doitkit.curate.overlap.blocks import blocks
from doitkit.curate.overlap.common import Commonness
from doitkit.curate.overlap.index import Index
from doitkit.curate.overlap.items import Held
from doitkit.curate.overlap.matches import IS_PROMPT, Matching
from doitkit.curate.overlap.tokens import Tokens, tokenize
from doitkit.recipe.curation import Overlap

_SHOWN = 200
"""Characters of a passage that are given back."""

_HIT = pl.Schema(
    {
        "row": pl.UInt32,
        "key": pl.UInt32,
        "in_answer": pl.Boolean,
        "prompt": pl.UInt64,
        "answer": pl.UInt64,
    }
)
_KEPT = pl.Schema({name: _HIT[name] for name in ("row", "key", "in_answer")})
_COPY = pl.Schema({"row": pl.UInt32, "side": pl.UInt32})


class OverlapSearch:
    """A search of training rows for evaluation items, whichever way they are dressed.

    Both are read as tokens (`tokens.tokenize`), blind to case, punctuation and white space, and
    compared by n-grams of them (`items.sides_of`).

    - An item's prompt is looked for in the whole of a row, since a question may stand inside an
      answer. Its answer is looked for in answers only: what a row asks about teaches no answer.
    - A prompt shorter than an n-gram is looked for in one piece, between marks or line ends; a
      short answer is not looked for at all.
    - Grams that more than `overlap.common` items hold are not looked for, and those that stand
      in more than so many contexts of one source (`common.Commonness`) do not count. Of the
      others a row must hold the share `overlap.share` of one side of an item, and at least one.
    - A row that holds the whole of a prompt of at least `overlap.ngram` tokens is a copy, even
      if all its grams are common: that an item stands in very many rows does not excuse them.

    Hashes have 64 bits. Among 500,000 rows of 70 tokens and a million grams, the odds that any
    gram is taken for another are about 1 in 500,000, and one gram alone rarely decides.

    What is found does not depend on how rows are cut into calls of `look_at`, nor on the order
    of these calls.
    """

    def __init__(self, items: Sequence[Held], overlap: Overlap) -> None:
        self._items = items
        self._share = overlap.share
        self._ngram = overlap.ngram
        self._index = Index(items, overlap.ngram, overlap.common)
        self._commonness = Commonness(self._index.keys, overlap.common)
        self._looked_at: list[tuple[pl.DataFrame, pl.DataFrame]] = []

    def look_at(self, first_row: int, rows: pl.DataFrame, source: str) -> None:
        """Take note of what `rows`, all of one source, hold of the items.

        Parameters
        ----------
        first_row
            The number of the first row; the others follow it.
        rows
            With the columns `prompt` and `answer`, as in `core.rows.TEXTS`.
        """
        if not (self._index.keys and rows.height):
            return
        hits, copies = [], []
        for numbers, tokens in blocks(rows):
            found, wholes = self._index.look_up(tokens), tokens.wholes
            pair, is_answer = found.texts // 2, found.texts % 2
            texts = wholes[2 * pair], wholes[2 * pair + 1]
            hits.append((first_row + numbers[pair], found.keys, is_answer, *texts))
            copies.append((first_row + numbers[found.copied // 2], found.sides))
        held = (
            self._commonness.told(_frame(hits, _HIT))
            .group_by("row", "key")
            .agg(
                pl.col("in_answer").any(),
                pl.col("prompt", "answer").first(),
                in_prompt=~pl.col("in_answer").all(),
            )
        )
        self._commonness.count(held, source)
        kept = self._commonness.told(held).select(*_KEPT)
        self._looked_at.append((kept, _frame(copies, _COPY).unique()))

    def found(self) -> pl.DataFrame:
        """Return the rows that hold too much of an item, each with the one it holds most of.

        Returns
        -------
        pl.DataFrame
            By `row`: its number; `item`, the index of the item; `of`, the side it holds,
            `prompt` or `answer`; `share`, how much of that side's n-grams; and `passage`, the
            longest run of them in the words of the item, up to 200 characters (with folded
            letters, if the item has some that do not fold one by one).
        """
        told = self._commonness.told
        matching = Matching(told(self._index.grams), self._index.sizes, self._share)
        parts = [matching.matches(told(hits), copies) for hits, copies in self._looked_at]
        none = matching.matches(pl.DataFrame(schema=_KEPT), pl.DataFrame(schema=_COPY))
        matches = pl.concat([none, *parts]).sort("row")
        return matches.select(
            "row",
            item=pl.col("side") // 2,
            of=pl.when(IS_PROMPT).then(pl.lit("prompt")).otherwise(pl.lit("answer")),
            share=pl.col("share").cast(pl.Float32),
            passage=pl.Series(self._passages(matches), dtype=pl.String),
        )

    def _passages(self, matches: pl.DataFrame) -> Iterator[str]:
        """Yield of each match the words of the item: a run of grams, or all that is copied."""
        cut: dict[int, Tokens] = {}
        for side, first, grams in matches.select("side", "first", "grams").iter_rows():
            if side not in cut:
                item = self._items[side // 2]
                text = item.answer if side % 2 else item.prompt
                cut[side] = tokenize(text, np.zeros(1, np.int64))
            tokens, size = cut[side], int(self._index.sizes[side])
            begin = int(self._index.firsts[side]) if first is None else first
            length = size if first is None else grams + min(size, self._ngram) - 1
            chars = slice(tokens.starts[begin], tokens.ends[begin + length - 1])
            yield tokens.text[chars][:_SHOWN]


def _frame(parts: Sequence[tuple[npt.NDArray[Any], ...]], schema: pl.Schema) -> pl.DataFrame:
    columns = (np.concatenate(column) for column in zip(*parts, strict=True))
    return pl.DataFrame(dict(zip(schema, columns, strict=True))).cast(schema)
