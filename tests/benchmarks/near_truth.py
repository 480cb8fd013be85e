"""Which rows of a corpus are near-duplicates, exactly, and how well a tool found them.

Two rows are near-duplicates when the Jaccard similarity of their sets of 5-grams is 0.8 or more,
in whole numbers: `5 * |A and B| >= 4 * |A or B|`. The grams are of words, which are what stands
between white space and every Chinese or Japanese character, or of characters; the text is folded
first (NFKC, lower case). A row of fewer than five words is one gram of all its words. Exact copies
are pairs too; empty rows are not.

The method shares nothing with doitkit's. Grams get numbers by ranking (no hashes, so no
collisions), rows with equal sets are one row, and a prefix join finds the candidates: two sets
that are alike share one of the `n - ceil(0.8 n) + 1` rarest grams of each. Every candidate is
verified by the intersection of two Python sets.
"""

import hashlib
import json
import re
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path

import numpy as np

N = 5
"""Words, or characters, in a gram."""

_AT_ONCE = 20_000_000
"""Candidates in memory before those found several times become one."""

_CHARACTER = "[\u3000-\u9fff\U00020000-\U0003ffff]"

Ints = np.ndarray[tuple[int], np.dtype[np.int64]]
Tokens = Callable[[str], list[str]]
Gram = tuple[str, ...]


def whole(row: dict[str, str]) -> str:
    """Return the text of a row that is compared: its three fields, one under the other."""
    return f"{row['instruction']}\n{row['input']}\n{row['output']}"


def words(text: str) -> list[str]:
    """Return the folded words: between white space, and each Chinese or Japanese character."""
    return re.sub(_CHARACTER, r" \g<0> ", _folded(text)).split()


def characters(text: str) -> list[str]:
    """Return the folded characters, every run of white space as one space."""
    return list(" ".join(_folded(text).split()))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def grams(tokens: list[str]) -> frozenset[Gram]:
    """Return the set of 5-grams; one gram of everything if there are fewer than five tokens."""
    if len(tokens) < N:
        return frozenset([tuple(tokens)] if tokens else [])
    return frozenset(zip(*(tokens[start:] for start in range(N)), strict=False))


def alike(one: frozenset[Gram], other: frozenset[Gram]) -> bool:
    """Whether two sets have a Jaccard similarity of 0.8 or more."""
    return _enough(len(one & other), len(one), len(other)) and bool(one)


def _enough(shared: int, one: int, other: int) -> bool:
    return 5 * shared >= 4 * (one + other - shared)


@dataclass(frozen=True)
class Truth:
    """All true pairs of a corpus, by row number from 0; in a pair `first` < `second`."""

    first: Ints
    second: Ints
    component: Ints
    """For each row the lowest row that it is joined to by true pairs, directly or not."""

    @property
    def survivors(self) -> int:
        """How many rows stay when one of each component stays."""
        return len(np.unique(self.component))


@dataclass(frozen=True)
class Judgement:
    """How right a tool's survivors are.

    `recall`: the share of the true pairs of which at most one row survived. `precision`: the share
    of the removals that were right; a component of n rows has n - 1 right removals, so a row
    without a twin, and the last of its component, are wrong ones.
    """

    survivors: int
    recall: float
    precision: float


def judged(truth: Truth, survived: Iterable[int]) -> Judgement:
    """Judge a tool by the numbers of the rows that survived."""
    stays = np.zeros(len(truth.component), dtype=bool)
    stays[np.fromiter(survived, dtype=np.int64)] = True
    missed = stays[truth.first] & stays[truth.second]
    emptied = len(np.setdiff1d(truth.component, truth.component[stays]))
    alone = int((~stays).sum())
    return Judgement(
        survivors=int(stays.sum()),
        recall=1 - float(missed.mean()) if len(missed) else 1.0,
        precision=1 - emptied / alone if alone else 1.0,
    )


def truth_of(
    corpus: Path,
    cache: Path,
    tokens: Tokens = words,
    text: Callable[[dict[str, str]], str] = whole,
) -> Truth:
    """Return the truth of a JSONL corpus; once found, it is kept in `cache` by the file's content.

    C500 takes about two minutes and 3.3 GB.
    """
    with corpus.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
    kept = cache / f"truth-{digest}-{tokens.__name__}-{text.__name__}.npz"
    if not kept.exists():
        with corpus.open(encoding="utf-8") as file:
            found = truth(tokens(text(json.loads(line))) for line in file)
        cache.mkdir(parents=True, exist_ok=True)
        np.savez(kept, first=found.first, second=found.second, component=found.component)
    return read_truth(kept)


def read_truth(file: Path) -> Truth:
    """Read a truth that `truth_of` kept."""
    with np.load(file) as held:
        return Truth(held["first"], held["second"], held["component"])


def truth(rows: Iterable[list[str]]) -> Truth:
    """Return all true pairs among rows of tokens."""
    sets, count = _sets(rows)
    alike_rows: dict[bytes, list[int]] = defaultdict(list)
    for row, held in enumerate(sets):
        if len(held):
            alike_rows[held.tobytes()].append(row)
    groups = list(alike_rows.values())
    one_each = [sets[group[0]] for group in groups]
    pairs = [pair for group in groups for pair in combinations(group, 2)]
    for a, b in _similar(one_each):
        pairs += ((min(pair), max(pair)) for pair in product(groups[a], groups[b]))
    ordered = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
    return Truth(ordered[:, 0].copy(), ordered[:, 1].copy(), _components(pairs, count))


def _sets(rows: Iterable[list[str]]) -> tuple[list[Ints], int]:
    """Return each row's set of gram numbers, rarest first; a lower number is a rarer gram."""
    vocabulary: dict[str, int] = {}
    flat, lengths = array("q"), array("q")
    for tokens in rows:
        flat.extend(vocabulary.setdefault(token, len(vocabulary)) for token in tokens)
        lengths.append(len(tokens))
    ids, length = np.frombuffer(flat, dtype=np.int64), np.frombuffer(lengths, dtype=np.int64)
    end = np.cumsum(length)
    row = np.repeat(np.arange(len(length)), length)
    starts = np.flatnonzero(np.arange(len(ids)) + N <= end[row])
    gram, known = _numbered(ids, len(vocabulary))
    keys = [row[starts] * 2**40 + gram[starts]]
    short: dict[bytes, int] = {}
    for at in np.flatnonzero((length > 0) & (length < N)):
        held = ids[end[at] - length[at] : end[at]].tobytes()
        keys.append(np.array([at * 2**40 + known + short.setdefault(held, len(short))]))
    key = np.unique(np.concatenate(keys))
    row, gram = key >> 40, key & (2**40 - 1)
    frequency = np.bincount(gram)
    rank = np.empty(len(frequency), dtype=np.int64)
    rank[np.argsort(frequency, kind="stable")] = np.arange(len(frequency))
    key = np.sort(row << 40 | rank[gram])
    bounds = np.searchsorted(key, np.arange(1, len(length)) << 40)
    return np.split(key & (2**40 - 1), bounds), len(length)


def _numbered(ids: Ints, vocabulary: int) -> tuple[Ints, int]:
    """Return for each place the number of the 5-gram that begins there, and how many there are."""
    if len(ids) < N:
        return np.zeros(0, dtype=np.int64), 0
    two = _ranked(ids[:-1] * vocabulary + ids[1:])
    four = _ranked(two[:-2] * (int(two.max()) + 1) + two[2:])
    five = _ranked(four[:-1] * vocabulary + ids[4:])
    return five, int(five.max()) + 1


def _ranked(values: Ints) -> Ints:
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def _similar(sets: list[Ints]) -> Iterable[tuple[int, int]]:
    """Yield the pairs of distinct sets that are alike, by a prefix join."""
    size = np.array([len(held) for held in sets], dtype=np.int64)
    prefix = size - (4 * size + 4) // 5 + 1
    if not len(sets):
        return
    gram = np.concatenate([held[:p] for held, p in zip(sets, prefix.tolist(), strict=True)])
    row = np.repeat(np.arange(len(sets)), prefix)
    order = np.lexsort((row, size[row], gram))
    gram, row = gram[order], row[order]
    pairs, waiting = np.zeros(0, dtype=np.int64), [np.zeros(0, dtype=np.int64)]
    at, step = np.arange(len(gram)), 1
    while len(at := at[at + step < len(gram)]):
        # Within one gram rows stand by size: where one is too large, all that follow are.
        close = 5 * size[row[at]] >= 4 * size[row[at + step]]
        at = at[(gram[at] == gram[at + step]) & close]
        one, other = row[at], row[at + step]
        waiting.append(np.minimum(one, other) * len(sets) + np.maximum(one, other))
        if not len(at) or sum(map(len, waiting)) > _AT_ONCE:
            pairs, waiting = np.unique(np.concatenate([pairs, *waiting])), []
        step += 1
    left, held = -1, frozenset[int]()
    for a, b in zip((pairs // len(sets)).tolist(), (pairs % len(sets)).tolist(), strict=True):
        if a != left:
            left, held = a, frozenset(sets[a].tolist())
        if _enough(len(held.intersection(sets[b].tolist())), len(held), len(sets[b])):
            yield a, b


def _components(pairs: Iterable[tuple[int, int]], count: int) -> Ints:
    parent = list(range(count))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    for one, other in pairs:
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    return np.array([root(row) for row in range(count)], dtype=np.int64)
