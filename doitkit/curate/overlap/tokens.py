"""Texts as tokens: words without punctuation, and single characters of Chinese and Japanese."""

import unicodedata
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from doitkit.curate.overlap.letters import ALONE, ENTANGLED, WORD, ascii_letters, tables
from doitkit.curate.overlap.runs import Hashes, Positions, Runs, mixed

Letters = npt.NDArray[np.unsignedinteger]
Mask = npt.NDArray[np.bool_]

APART = "\n"
"""What stands between texts that are cut up together."""


@dataclass(frozen=True)
class Tokens:
    """The tokens of several texts, one after the other.

    Attributes
    ----------
    values
        Shape (tokens,). The hash of each token.
    starts, ends
        Shape (tokens,). Where in `text` each begins and, not with it, ends.
    firsts
        Shape (texts + 1,). The first token of each text, and the number of tokens.
    text
        The texts that were cut up, one after the other; they are those given, but for those
        that folding makes longer or shorter, which are folded here.
    """

    values: Hashes
    starts: Positions
    ends: Positions
    firsts: Positions
    text: str

    @cached_property
    def runs(self) -> Runs:
        """The hashes of all runs of tokens."""
        return Runs(self.values)

    @property
    def wholes(self) -> Hashes:
        """The hash of each text: equal for texts with equal tokens."""
        return self.runs.hashes(self.firsts[:-1], self.firsts[1:])

    def texts(self, tokens: Positions) -> Positions:
        """Return which text each of `tokens` stands in."""
        found: Positions = np.searchsorted(self.firsts, tokens, "right") - 1
        return found

    def parted(self, token: int) -> bool:
        """Return whether more than a space stands before a token, or it begins a line.

        So do the first token of a text, and what would come after the last.
        """
        if token in (0, self.values.size):
            return True
        between = self.text[self.ends[token - 1] : self.starts[token]]
        return any(char == "\n" or not char.isspace() for char in between)

    def chars(self, firsts: Positions, ends: Positions) -> Positions:
        """Return the characters of runs of tokens, with a space between any two."""
        before = np.append(0, np.cumsum(self.ends - self.starts + 1))
        found: Positions = np.maximum(before[ends] - before[firsts] - 1, 0)
        return found


def tokenize(text: str, heads: Positions) -> Tokens:
    """Cut texts into tokens that are blind to case, width, punctuation and white space.

    Letters are compared as in `core.records.folded`, by NFKC and case folding. A token is a
    run of letters, digits, marks and underscores; whatever else stands between them, quotes, a
    question mark, the dollars around a formula, only parts words and hides no copy. A character
    of Chinese or Japanese is a token by itself, since no space says where a word of these ends.

    Parameters
    ----------
    text
        The texts, joined by `APART`.
    heads
        Shape (texts,). Where in `text` each begins.
    """
    if text.isascii():
        letters: Letters = np.frombuffer(text.encode().translate(ascii_letters()), np.uint8)
        starts, ends = _words(letters != 0)
    else:
        letters, kinds = _looked_up(text)
        entangled = np.flatnonzero(kinds >= ENTANGLED)
        if entangled.size:
            text, heads = _folded(text, heads, entangled)
            letters, kinds = _looked_up(text)
            kinds &= WORD | ALONE
        starts, ends = _words_and_characters(kinds)
    firsts = np.append(np.searchsorted(starts, heads), starts.size)
    return Tokens(mixed(Runs(letters).hashes(starts, ends)), starts, ends, firsts, text)


def _folded(text: str, heads: Positions, entangled: Positions) -> tuple[str, Positions]:
    """Fold the texts that hold the characters at `entangled`.

    These do not fold one by one: an accent joins its letter, a ligature becomes two letters.
    """
    ends = np.append(heads[1:] - len(APART), len(text))
    texts = [text[head:end] for head, end in zip(heads, ends, strict=True)]
    for index in np.unique(np.searchsorted(heads, entangled, "right") - 1):
        texts[index] = unicodedata.normalize("NFKC", texts[index]).casefold()
    sizes = np.fromiter(map(len, texts), np.int64, len(texts)) + len(APART)
    return APART.join(texts), np.cumsum(sizes) - sizes


def _looked_up(text: str) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    letters, kinds = tables()
    return letters[codes], kinds[codes]


def _words(is_letter: Mask) -> tuple[Positions, Positions]:
    """Return where runs of letters start and end."""
    edges = np.flatnonzero(np.diff(is_letter, prepend=False, append=False))
    return edges[::2], edges[1::2]


def _words_and_characters(kinds: npt.NDArray[np.uint8]) -> tuple[Positions, Positions]:
    """Return where tokens start and end, among them characters that stand alone."""
    starts, ends = _words(kinds == WORD)
    alone = np.flatnonzero(kinds == ALONE)
    if not alone.size:
        return starts, ends
    starts, ends = np.append(starts, alone), np.append(ends, alone + 1)
    return np.sort(starts, kind="stable"), np.sort(ends, kind="stable")
