"""What an overlap search has to find, written down as plainly as can be, for short texts."""

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from doitkit.curate.overlap import Held
from doitkit.curate.overlap.items import MIN_CHARS, MIN_TOKENS
from doitkit.recipe.curation import Overlap

Gram = tuple[str, ...]
_SPACELESS = (
    "CJK",
    "KANGXI",
    "IDEOGRAPHIC A",
    "IDEOGRAPHIC C",
    "IDEOGRAPHIC I",
    "IDEOGRAPHIC N",
    "HANGZHOU",
    "BOPOMOFO",
    "HIRAGANA",
    "KATAKANA",
    "HENTAIGANA",
    "VERTICAL KANA",
    "VERTICAL IDEOGRAPHIC",
    "MASU",
)


class Row(NamedTuple):
    source: str
    prompt: str
    answer: str


class Match(NamedTuple):
    row: int
    item: int
    of: str
    share: float


class Cut(NamedTuple):
    """The words of a text, and before which of them, or after the last, there is a mark."""

    words: Gram
    marks: frozenset[int]


def cut(text: str) -> Cut:
    found: list[str] = []
    marks = {0}
    inside = False
    for char in unicodedata.normalize("NFKC", text).casefold():
        if not (char.isalnum() or char == "_" or unicodedata.category(char)[0] == "M"):
            inside = False
            if char == "\n" or not char.isspace():
                marks.add(len(found))
        elif unicodedata.name(char, "").startswith(_SPACELESS):
            found.append(char)
            inside = False
        elif inside:
            found[-1] += char
        else:
            found.append(char)
            inside = True
    return Cut(tuple(found), frozenset({*marks, len(found)}))


def words(text: str) -> Gram:
    return cut(text).words


def grams(tokens: Gram, size: int) -> list[Gram]:
    return [tokens[i : i + size] for i in range(len(tokens) - size + 1)]


def matches(items: Sequence[Held], rows: Sequence[Row], overlap: Overlap) -> list[Match]:
    own, told = _own_texts(items, overlap)
    texts = [(cut(row.prompt), cut(row.answer)) for row in rows]
    common = _common_text(rows, texts, set().union(*told.values()), overlap)
    found = []
    for number, (prompt, answer) in enumerate(texts):
        best = None
        for (item, of), looked_for in told.items():
            places = [answer] if of == "answer" else [prompt, answer]
            counted = looked_for - common
            held = {g for g in counted if any(_holds(place, g, overlap.ngram) for place in places)}
            share = len(held) / len(counted) if counted else 0
            text = own[item, of]
            is_long = of == "prompt" and len(text) >= overlap.ngram
            if looked_for and is_long and any(_holds(place, text, 0) for place in places):
                rank = (1.0, True, len(text), -item, of == "prompt")
            elif held and share >= overlap.share:
                rank = (share, False, len(held), -item, of == "prompt")
            else:
                continue
            if best is None or rank > best[0]:
                best = rank, Match(number, item, of, rank[0])
        if best is not None:
            found.append(best[1])
    return found


def _own_texts(
    items: Sequence[Held], overlap: Overlap
) -> tuple[dict[tuple[int, str], Gram], dict[tuple[int, str], set[Gram]]]:
    sides = {}
    seen = set()
    for number, item in enumerate(items):
        pair = cut(item.prompt), cut(item.answer)
        equal = pair[0].words, pair[1].words
        if equal not in seen:
            seen.add(equal)
            sides[number, "prompt"], sides[number, "answer"] = pair
    holders = defaultdict(set)
    for (item, _), (tokens, _) in sides.items():
        for gram in grams(tokens, overlap.ngram):
            holders[gram].add(item)
    own = {}
    for side, (tokens, marks) in sides.items():
        shared = [len(holders[gram]) > overlap.common for gram in grams(tokens, overlap.ngram)]
        first = _front(shared, overlap.ngram)
        end = len(tokens) - _front(shared[::-1], overlap.ngram)
        if first < end:
            nearby = [m for m in marks if 0 < m <= first and first - m < overlap.ngram]
            first = max(nearby, default=first)
            nearby = [m for m in marks if end <= m < len(tokens) and m - end < overlap.ngram]
            end = min(nearby, default=end)
        own[side] = tokens[first : max(first, end)]
    pieces = defaultdict(set)
    for (item, of), tokens in own.items():
        if of == "prompt" and _is_piece(tokens, overlap.ngram):
            pieces[tokens].add(item)
    told = {}
    for (item, of), tokens in own.items():
        candidates = {g for g in grams(tokens, overlap.ngram) if len(holders[g]) <= overlap.common}
        if of == "prompt" and 0 < len(pieces.get(tokens, ())) <= overlap.common:
            candidates.add(tokens)
        told[item, of] = candidates
    return own, told


def _front(shared: list[bool], ngram: int) -> int:
    reached = 0
    for place, is_shared in enumerate(shared):
        if is_shared and place <= reached:
            reached = place + ngram
    return reached


def _is_piece(tokens: Gram, ngram: int) -> bool:
    return MIN_TOKENS <= len(tokens) < ngram and len(" ".join(tokens)) >= MIN_CHARS


def _holds(text: Cut, gram: Gram, ngram: int) -> bool:
    starts = [i for i, held in enumerate(grams(text.words, len(gram))) if held == gram]
    if len(gram) < ngram:
        starts = [i for i in starts if {i, i + len(gram)} <= text.marks]
    return bool(starts)


def _common_text(
    rows: Sequence[Row], texts: Sequence[tuple[Cut, Cut]], told: set[Gram], overlap: Overlap
) -> set[Gram]:
    contexts = defaultdict(set)
    for row, (prompt, answer) in zip(rows, texts, strict=True):
        for gram in told:
            if _holds(prompt, gram, overlap.ngram):
                contexts[row.source, gram, "prompt"].add(prompt.words)
            elif _holds(answer, gram, overlap.ngram):
                contexts[row.source, gram, "prompt"].add(prompt.words)
                contexts[row.source, gram, "answer"].add(answer.words)
    return {gram for (_, gram, _), held in contexts.items() if len(held) > overlap.common}
