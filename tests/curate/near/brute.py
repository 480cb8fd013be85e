"""Near-duplicates by the definition: sets of tuples, every pair compared."""

import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from doitkit.curate.near import Shingling


def grams(text: str | None, shingling: Shingling) -> frozenset[tuple[str, ...]]:
    """Return the set of grams of a text."""
    words = unicodedata.normalize("NFKC", text or "").lower().split()
    tokens = words if shingling.unit == "word" else list(" ".join(words))
    n = shingling.ngram
    if len(tokens) < n:
        return frozenset([tuple(tokens)] if tokens else [])
    return frozenset(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


@dataclass(frozen=True)
class Truth:
    """All pairs with their similarity, and of each row the lowest of its component."""

    pairs: dict[tuple[int, int], Fraction]
    cluster: list[int]


def truth(texts: list[str | None], similarity: str, shingling: Shingling) -> Truth:
    """Return all pairs of texts that are this similar or more."""
    sets = [grams(text, shingling) for text in texts]
    pairs = {}
    for (i, one), (j, other) in combinations(enumerate(sets), 2):
        if one and other:
            jaccard = Fraction(len(one & other), len(one | other))
            if jaccard >= Fraction(similarity):
                pairs[i, j] = jaccard
    return Truth(pairs, components(pairs, len(texts)))


def components(pairs: object, rows: int) -> list[int]:
    """Return of each row the lowest row that the pairs join it to."""
    cluster = list(range(rows))
    changed = True
    while changed:
        changed = False
        for i, j in pairs:
            low = min(cluster[i], cluster[j])
            changed |= cluster[i] != low or cluster[j] != low
            cluster[i] = cluster[j] = low
    return cluster
