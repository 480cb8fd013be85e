"""Near-duplicates by the definition: sets of tuples, and every pair compared."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from pathlib import Path

import polars as pl

from doitkit.curate.near import NearPairs, Shingling, grams_of, near_pairs

AMPLE = 1 << 28
WORDS_OF_5 = Shingling()
_OWN = "\u3000-\u9fff\U00020000-\U0003ffff"
_WORD = re.compile(rf"(?!\s)[{_OWN}]|[^\s{_OWN}]+")

Pair = tuple[int, int]
Texts = Sequence[str | None]


def grams(text: str | None, shingling: Shingling) -> frozenset[tuple[str, ...]]:
    """Return the set of grams of a text."""
    folded = unicodedata.normalize("NFKC", text or "").lower()
    tokens = _WORD.findall(folded) if shingling.unit == "word" else list(" ".join(folded.split()))
    n = shingling.ngram
    if len(tokens) < n:
        return frozenset([tuple(tokens)] if tokens else [])
    return frozenset(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


@dataclass(frozen=True)
class Truth:
    """All pairs with their similarity, and of each row the lowest that they join it to."""

    pairs: dict[Pair, Fraction]
    cluster: list[int]


def truth(texts: Texts, similarity: str, shingling: Shingling = WORDS_OF_5) -> Truth:
    """Return all pairs of texts that are so similar or more."""
    sets = [grams(text, shingling) for text in texts]
    pairs = {}
    for (i, one), (j, other) in combinations(enumerate(sets), 2):
        if one and other:
            jaccard = Fraction(len(one & other), len(one | other))
            if jaccard >= Fraction(similarity):
                pairs[i, j] = jaccard
    return Truth(pairs, components(pairs, len(texts)))


def components(pairs: Iterable[Pair], rows: int) -> list[int]:
    """Return of each row the lowest row that the pairs join it to."""
    lowest = list(range(rows))

    def root(row: int) -> int:
        while lowest[row] != row:
            row = lowest[row]
        return row

    for i, j in pairs:
        low, high = sorted((root(i), root(j)))
        lowest[high] = low
    return [root(row) for row in range(rows)]


def found(
    texts: Texts,
    similarity: str = "0.8",
    shingling: Shingling = WORDS_OF_5,
    *,
    cuts: Iterable[int] = (),
    memory: int = AMPLE,
    spill: Path | None = None,
    largest_group: int = 64,
) -> NearPairs:
    """Return what `near_pairs` finds in texts that are cut into chunks at these places."""
    places = sorted({0, len(texts), *(cut % (len(texts) + 1) for cut in cuts)})
    return near_pairs(
        grams_of([pl.Series(texts[i:j], dtype=pl.String) for i, j in pairwise(places)], shingling),
        similarity=float(similarity),
        memory=memory,
        spill=spill,
        largest_group=largest_group,
    )


def pairs_of(result: NearPairs) -> dict[Pair, float]:
    """Return the pairs with their similarities, in order."""
    rows = zip(result.first.tolist(), result.second.tolist(), strict=True)
    return dict(zip(rows, result.similarity.tolist(), strict=True))


def equal(one: NearPairs, other: NearPairs) -> bool:
    """Whether two results are the same to the last bit."""
    return all(
        getattr(one, name).tobytes() == getattr(other, name).tobytes()
        for name in ("first", "second", "similarity", "cluster")
    )
