"""The grams of texts, as hashes.

A text is folded first: NFKC, lower case. A `word` is what stands between white space, and each
Chinese or Japanese character is one, since these are written without spaces; among `char`s, a run
of white space is one space, and a text has none at its ends. A gram is `ngram` of them in a row; a
text that has fewer is one gram of all it has, and an empty text has no gram. Grams are a set: how
often one stands in a text does not count.

A gram is known by 48 bits of a hash of its characters, the same on every machine. That a text of
`n` grams is credited with a gram of another text of `n` that it does not hold has odds of about
`n**2 / 2**48`: for 1,000 grams, 1 in 280 million.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from doitkit.curate.near.layout import Ints, Mask, Words, distinct, keys_of

_Symbols = npt.NDArray[np.uint8] | npt.NDArray[np.uint32]


# Odd, so that the first has an inverse modulo 2**64; without meaning otherwise.
_SYMBOL = 0xD1342543DE82EF95
_INVERSE = pow(_SYMBOL, -1, 1 << 64)
_TOKEN = np.uint64(0x9E6C63D0876A9A47)
_MIXER = np.uint64(0xBF58476D1CE4E5B9)

_SIMPLE = "\\x00-\\x7f°·×÷‐‒-—‘-‟†-•、。〈-】一-\u9fff£€"
"""Characters that folding leaves as they are, but for ASCII letters."""
_WIDE = "！-～"
"""ASCII in the width of Chinese characters."""
_WIDENED = ord("！") - ord("!")
_OTHER_SPACES = "[\x85\u1680\u2028\u2029]"
"""White space beyond ASCII that NFKC leaves as it is."""

# How characters begin in UTF-8 that are words of their own: U+3000 to U+9FFF, and the planes of
# further ideographs, U+20000 to U+3FFFF.
_FIRST_OWN, _LAST_OWN = 0xE3, 0xE9
_PLANES, _IDEOGRAPHIC = 0xF0, 0xA0

_SPACE = ord(" ")
_TAB = ord("\t")
_USUAL_LENGTH = 1 << 20


@dataclass(frozen=True)
class Shingling:
    """What a gram is: `ngram` words, or characters, in a row."""

    ngram: int = 5
    unit: Literal["word", "char"] = "word"

    def keys(self, texts: pl.Series) -> Words:
        """Return the keys of the distinct grams of each of at most `BLOCK_ROWS` texts, sorted."""
        tokens = _words(texts) if self.unit == "word" else _characters(texts)
        hashes, row = _rolled(*tokens, self.ngram)
        return distinct(keys_of(hashes, row))


def _words(texts: pl.Series) -> tuple[Words, Ints]:
    """Return a hash of every word, and the number of the first word of each text, and of the end.

    The hash of a word is the polynomial of its bytes at `_SYMBOL`: a difference of two cumulative
    sums, divided by the power at which the word begins.
    """
    texts = _folded(texts, _SIMPLE)
    symbols = _lowered(np.frombuffer(_joined(texts), dtype=np.uint8))
    begins, ends = _words_within(symbols)
    powers, inverses = _powers(len(symbols))
    sums = symbols.astype(np.uint64)
    sums *= powers
    np.cumsum(sums, out=sums)
    hashes = (sums[ends - 1] - sums[begins - 1]) * inverses[begins]
    return hashes, np.searchsorted(begins, _limits(texts.str.len_bytes()))


def _characters(texts: pl.Series) -> tuple[Words, Ints]:
    """Return every character, and the number of the first one of each text, and of the end."""
    texts = _folded(texts, _SIMPLE + _WIDE)
    points = np.frombuffer(_joined(texts).decode().encode("utf-32-le"), dtype="<u4")
    is_wide = points - ord(_WIDE[0]) <= ord(_WIDE[-1]) - ord(_WIDE[0])
    points = _lowered(np.where(is_wide, points - _WIDENED, points))
    limits = _limits(texts.str.len_chars())
    is_space = _is_space(points)
    begins, ends = _spans(is_space)
    held = ~is_space
    held[ends] = True
    first_word = np.searchsorted(begins, limits)
    last_words = first_word[1:][np.diff(first_word) > 0] - 1
    held[ends[last_words]] = False
    places = np.flatnonzero(held)
    characters = np.where(is_space[places], _SPACE, points[places]).astype(np.uint64)
    return characters, np.searchsorted(places, limits)


def _folded(texts: pl.Series, simple: str) -> pl.Series:
    """Return the texts folded, but for those that are all `simple`.

    Most texts are, and to find out what NFKC makes of them is slow. There is no white space but
    ASCII in the result.
    """
    texts = texts.fill_null("")
    other = (texts.str.len_bytes() != texts.str.len_chars()).arg_true()
    other = other.filter(texts.gather(other).str.contains(f"[^{simple}]"))
    if len(other):
        normal = texts.gather(other).str.normalize("NFKC").str.to_lowercase()
        texts = texts.scatter(other, normal.str.replace_all(_OTHER_SPACES, " "))
    return texts


def _joined(texts: pl.Series) -> bytes:
    """Return all texts as UTF-8, a line end before each and one after the last."""
    joined: bytes = texts.str.join("\n").cast(pl.Binary).item()
    return b"\n" + joined + b"\n"


def _limits(sizes: pl.Series) -> Ints:
    """Return where among joined texts of these sizes the line ends stand."""
    limits = np.zeros(len(sizes) + 1, dtype=np.int64)
    np.cumsum(sizes.to_numpy() + 1, out=limits[1:])
    return limits


def _lowered(symbols: _Symbols) -> _Symbols:
    is_capital = symbols - ord("A") < 26
    return symbols + (is_capital.view(np.uint8) << 5)


def _is_space(symbols: _Symbols) -> Mask:
    # Five from the tab on, and the space; what is below the tab becomes large.
    spaces: Mask = (symbols == _SPACE) | (symbols - _TAB < 5)
    return spaces


def _words_within(symbols: _Symbols) -> tuple[Ints, Ints]:
    """Return where words begin and end in UTF-8 that begins and ends with white space."""
    is_space = _is_space(symbols)
    at = np.flatnonzero(symbols >= _FIRST_OWN)
    lead = symbols[at]
    of_three = at[lead <= _LAST_OWN]
    of_four = at[lead == _PLANES]
    of_four = of_four[(symbols[of_four + 1] & _IDEOGRAPHIC) == _IDEOGRAPHIC]
    if not len(of_three) and not len(of_four):
        return _spans(is_space)
    cut = is_space[1:] != is_space[:-1]
    for place in (of_three, of_three + 3, of_four, of_four + 4):
        cut[place - 1] = True
    edges = np.flatnonzero(cut)
    return edges[~is_space[edges + 1]] + 1, edges[~is_space[edges]] + 1


def _spans(is_space: Mask) -> tuple[Ints, Ints]:
    """Return where words begin and end, in points that begin and end with white space."""
    edges = np.flatnonzero(is_space[1:] != is_space[:-1]) + 1
    return edges[0::2], edges[1::2]


def _rolled(tokens: Words, first: Ints, ngram: int) -> tuple[Words, Ints]:
    """Return a hash of every gram, and the text that it stands in."""
    counts = np.diff(first)
    text = np.repeat(np.arange(len(counts)), counts)
    grams, gram_text = tokens[:0], text[:0]
    if len(tokens) >= ngram:
        windows = len(tokens) - ngram + 1
        grams = tokens[:windows].copy()
        for step in range(1, ngram):
            grams *= _TOKEN
            grams += tokens[step : step + windows]
        whole = text[:windows] == text[ngram - 1 :]
        grams, gram_text = grams[whole], text[:windows][whole]
    short = np.flatnonzero((counts > 0) & (counts < ngram))
    remains = np.zeros(len(short), dtype=np.uint64)
    for step in range(ngram - 1):
        longer = np.flatnonzero(counts[short] > step)
        remains[longer] = remains[longer] * _TOKEN + tokens[first[short[longer]] + step]
    hashes = np.concatenate([grams, remains])
    # The polynomial's lower bits depend on little; the upper ones name the gram.
    hashes ^= hashes >> np.uint64(32)
    hashes *= _MIXER
    return hashes, np.concatenate([gram_text, short])


def _powers(length: int) -> tuple[Words, Words]:
    """Return the powers of `_SYMBOL` modulo 2**64, and their inverses."""
    if length <= _USUAL_LENGTH:
        powers, inverses = _usual_powers()
        return powers[:length], inverses[:length]
    return _raised(_SYMBOL, length), _raised(_INVERSE, length)


@cache
def _usual_powers() -> tuple[Words, Words]:
    return _raised(_SYMBOL, _USUAL_LENGTH), _raised(_INVERSE, _USUAL_LENGTH)


def _raised(base: int, length: int) -> Words:
    return np.multiply.accumulate(np.full(length, base, dtype=np.uint64))
