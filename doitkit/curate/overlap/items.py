"""Evaluation items, and what of each is its own: the n-grams by which a copy is known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from doitkit.curate.overlap.blocks import blocks
from doitkit.curate.overlap.frame import up_to_marks, without_frame
from doitkit.curate.overlap.runs import Hashes, Positions
from doitkit.curate.overlap.tokens import Tokens

MIN_TOKENS = 4
"""A prompt of fewer tokens is a name or a number, and never looked for."""

MIN_CHARS = 24
"""A prompt shorter than an n-gram is looked for in one piece if it has this many characters.

Its words are counted with a space between any two; so a character of Chinese, which tells as much
as a short word, counts as two."""

_ITEMS = (pl.col("side") // 2).n_unique().over("hash")
_TEXTS = pl.Schema({"prompt": pl.String, "answer": pl.String})
_GRAM = pl.Schema({"hash": pl.UInt64, "side": pl.UInt32, "position": pl.UInt32})


@dataclass(frozen=True)
class Held:
    """One evaluation item, as a search looks for it.

    Attributes
    ----------
    place
        The set and where in it, for people: `gsm8k.evaluate, gsm8k/test.jsonl.gz:12`.
    prompt, answer
        Its two sides.
    """

    place: str
    prompt: str
    answer: str


@dataclass(frozen=True)
class Sides:
    """What is looked for: the own text of both sides of every item.

    The prompt of an item has the number 2 x item, its answer the next.

    Attributes
    ----------
    firsts, sizes, hashes
        Shape (sides,). The first token of a side's own text, its tokens, the hash of them.
    grams
        One row per n-gram and place: `hash`, `side`, `position` (its first token, counted from
        the start of the side), and `items`, how many of them hold it.
    heads
        Shape (pieces,). The hashes of the first `MIN_TOKENS` tokens of the prompts that are
        shorter than an n-gram, and looked for in one piece.
    """

    firsts: Positions
    sizes: Positions
    hashes: Hashes
    grams: pl.DataFrame
    heads: Hashes


def sides_of(items: Sequence[Held], ngram: int, common: int) -> Sides:
    """Return what is looked for of `items`: n-grams that at most `common` of them hold.

    What more of them hold is the frame that a test puts around its questions: an instruction
    before, the form of the answer after. It is taken off both ends, so that a question is found
    without its frame, or in another one. What stands in the middle of many just does not count.

    A prompt whose own text is shorter than an n-gram is looked for in one piece, if chance is
    unlikely to make one like it. A short answer is not: that a row says "North Atlantic Treaty
    Organization" somewhere is no copy. Items that are equal in both sides count as one, the
    first; items that are equal in one only do not, as a prompt with many answers tells nothing.
    """
    texts = [(_without_surrogates(i.prompt), _without_surrogates(i.answer)) for i in items]
    read = list(blocks(pl.DataFrame(texts, schema=_TEXTS, orient="row")))
    distinct = _first_of_equal(read, len(items))
    rolled = pl.concat([pl.DataFrame(schema=_GRAM), *(_grams(*block, ngram) for block in read)])
    rolled = rolled.filter(distinct[rolled["side"].to_numpy()]).with_columns(items=_ITEMS)
    shared = rolled.filter(pl.col("items") > common)
    firsts, ends = _own_texts(read, shared, 2 * len(items), ngram)
    side, position = (rolled[name].to_numpy() for name in ("side", "position"))
    rolled = rolled.filter((firsts[side] <= position) & (position + ngram <= ends[side]))
    hashes = np.zeros(2 * len(items), np.uint64)
    pieces, heads = [pl.DataFrame(schema=_GRAM)], [hashes[:0]]
    for numbers, tokens in read:
        sides = _sides(numbers)
        first, end = tokens.firsts[:-1] + firsts[sides], tokens.firsts[:-1] + ends[sides]
        hashes[sides] = tokens.runs.hashes(first, end)
        short = (end - first >= MIN_TOKENS) & (end - first < ngram) & distinct[sides]
        short &= (tokens.chars(first, end) >= MIN_CHARS) & (sides % 2 == 0)
        first, sides = first[short], sides[short]
        pieces.append(_table(hashes[sides], sides, firsts[sides]))
        heads.append(tokens.runs.hashes(first, first + MIN_TOKENS))
    told = pl.concat([rolled, pl.concat(pieces).with_columns(items=_ITEMS)])
    told = told.filter(pl.col("items") <= common)
    return Sides(firsts, ends - firsts, hashes, told, np.concatenate(heads))


def _own_texts(
    read: Sequence[tuple[Positions, Tokens]], shared: pl.DataFrame, count: int, ngram: int
) -> tuple[Positions, Positions]:
    """Return where the own text of each of `count` sides begins and ends."""
    sizes = np.zeros(count, np.int64)
    for numbers, tokens in read:
        sizes[_sides(numbers)] = np.diff(tokens.firsts)
    firsts, ends = without_frame(shared, sizes, ngram)
    framed = (firsts < ends) & (ends - firsts < sizes)
    for numbers, tokens in read:
        sides = _sides(numbers)
        for text in np.flatnonzero(framed[sides]):
            side = sides[text]
            bounds = int(firsts[side]), int(ends[side])
            firsts[side], ends[side] = up_to_marks(tokens, int(text), *bounds, ngram)
    return firsts, ends


def _first_of_equal(read: Sequence[tuple[Positions, Tokens]], count: int) -> npt.NDArray[np.bool_]:
    """Return of each side whether its item is the first with this prompt and this answer."""
    wholes = np.zeros((count, 2), np.uint64)
    for numbers, tokens in read:
        wholes[numbers] = tokens.wholes.reshape(-1, 2)
    pairs = pl.DataFrame(wholes, schema=["prompt", "answer"])
    return pairs.select(pl.struct(pl.all()).is_first_distinct()).to_series().to_numpy().repeat(2)


def _without_surrogates(text: str) -> str:
    """Return `text` as a table can hold it; half of a pair of UTF-16 is no letter anyway."""
    return text.encode(errors="replace").decode()


def _sides(numbers: Positions) -> Positions:
    sides: Positions = (2 * numbers[:, None] + np.arange(2)).ravel()
    return sides


def _grams(numbers: Positions, tokens: Tokens, ngram: int) -> pl.DataFrame:
    """Return the n-grams of a block; none reaches over the end of a text."""
    rolled = tokens.runs.grams(ngram)
    starts = np.arange(rolled.size)
    starts = starts[starts + ngram <= tokens.firsts[tokens.texts(starts) + 1]]
    texts = tokens.texts(starts)
    return _table(rolled[starts], _sides(numbers)[texts], starts - tokens.firsts[texts])


def _table(hashes: Hashes, sides: Positions, positions: Positions) -> pl.DataFrame:
    return pl.DataFrame({"hash": hashes, "side": sides, "position": positions}).cast(_GRAM)
