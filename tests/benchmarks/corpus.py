"""Seeded corpora with near-duplicates in them: the same bytes on every machine for one seed.

    python tests/benchmarks/corpus.py --data DIR --out FILE
        [--kind c500|template|chinese|mixed|items] [--rows 500000] [--seed 0]

`c500` (500,000 rows, 204 MB) is 5% exact copies, 15% planted near-duplicates, each verified
at a Jaccard similarity of 0.8 or more to its original, and for the rest real rows (`real_rows.py`;
at most 40%) and rows recombined from runs of their sentences. Rows are in a seeded order.
`template` is `c500` with a template of 50 words around the text of every fifth row and of its
duplicates. `chinese` is made like `c500` from Chinese rows, with edits of characters; `mixed` is
half of one and half of the other. `items` are evaluation items, half of them taken from `c500` of
--rows rows; the row is named in `taken_from`.

A row is a function of the seed and its number, so a corpus is written row by row: five million
rows need no more memory than fifty thousand.
"""

import argparse
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from typing import TextIO

import numpy as np
from near_truth import Ints
from planted import below, near_duplicate
from real_rows import HELD_OUT, Language, Row, chinese, english, real_rows

_REAL, _PLANTED, _COPIES = 0.40, 0.15, 0.05
_TEMPLATED = 5
_ITEMS = 10_000
_HEAD = (
    "You are a careful assistant who answers briefly and never invents a fact. Read the request "
    "that follows, think about what is asked, and then give your answer. Request: "
)
_TAIL = (
    " This answer was written for general use; please check names, dates and numbers before you "
    "rely on it for decisions of any weight."
)


@dataclass(frozen=True)
class Corpus:
    """A corpus of which any row can be made alone, by its number before the shuffle.

    First come the distinct rows (real, then recombined), then the planted ones, then the copies.
    """

    language: Language
    rows: int
    seed: int

    @property
    def real(self) -> int:
        """How many rows are real ones."""
        return min(len(self.language.rows), round(self.rows * _REAL))

    @property
    def planted(self) -> int:
        """How many rows are planted near-duplicates."""
        return round(self.rows * _PLANTED)

    @property
    def distinct(self) -> int:
        """How many rows are real or recombined."""
        return self.rows - self.planted - round(self.rows * _COPIES)

    def written(self) -> Iterator[tuple[int, Row]]:
        """Yield the rows in order, each with the number of the row that it was made from."""
        chosen = _shuffled(len(self.language.rows), self.seed + 1)[: self.real]
        for number in map(int, _shuffled(self.rows, self.seed)):
            yield self._made(number, chosen)

    def _made(self, number: int, chosen: Ints) -> tuple[int, Row]:
        draw = Random(self.seed << 40 | number)
        if number < self.real:
            return number, self.language.rows[chosen[number]]
        if number < self.distinct:
            return number, _recombined(self.language, draw)
        while True:
            original, row = self._made(below(self.distinct, draw), chosen)
            if number >= self.distinct + self.planted:
                return original, row
            if (planted := near_duplicate(row, self.language, draw)) is not None:
                return original, planted


# The raw output of PCG64 is a stream that numpy promises to keep; `Generator.permutation` is not.
def _shuffled(count: int, seed: int) -> Ints:
    return np.argsort(np.random.PCG64(seed).random_raw(count), kind="stable")


def _recombined(language: Language, draw: Random) -> Row:
    """Return a row of sentences that stand together nowhere else."""
    runs = []
    for _ in range(1 + below(4, draw)):
        start = below(len(language.sentences), draw)
        runs += language.sentences[start : start + 1 + below(3, draw)]
    instruction = language.sentences[below(len(language.sentences), draw)]
    given = runs.pop(0) if len(runs) > 2 and draw.random() < 0.3 else ""
    return Row(instruction, given, language.glue.join(runs))


def corpus(data: Path, out: Path, rows: int = 500_000, seed: int = 0) -> None:
    """Write C500, or one like it with another number of rows."""
    _write(out, (row for _, row in Corpus(english(data), rows, seed).written()))


def template_corpus(data: Path, out: Path, rows: int = 500_000, seed: int = 0) -> None:
    """Write C500 with a template around every fifth row and around what was made from it."""
    made = Corpus(english(data), rows, seed).written()
    _write(out, (row if original % _TEMPLATED else _templated(row) for original, row in made))


def chinese_corpus(data: Path, out: Path, rows: int = 50_000, seed: int = 0) -> None:
    """Write a corpus of Chinese rows."""
    _write(out, (row for _, row in Corpus(chinese(data), rows, seed).written()))


def mixed_corpus(data: Path, out: Path, rows: int = 100_000, seed: int = 0) -> None:
    """Write a corpus of English and Chinese rows in turn."""
    halves = [Corpus(half(data), rows // 2, seed).written() for half in (english, chinese)]
    _write(out, (row for pair in zip(*halves, strict=True) for _, row in pair))


def _templated(row: Row) -> Row:
    return Row(_HEAD + row.instruction, row.input, row.output + _TAIL)


def evaluation_items(data: Path, out: Path, rows: int = 500_000, seed: int = 0) -> None:
    """Write evaluation items, half of them taken from the rows of `corpus` with `rows` and `seed`.

    Of those taken a third are the whole row, a third have 40 words or more of its answer as their
    prompt, and a third have these and ten strange words. `taken_from` is the row's number in the
    file, from 0; it is null in items of held-out sources, which no row of the corpus holds.
    """
    language, strange = english(data), real_rows(data, HELD_OUT)
    order = _shuffled(len(strange), seed)
    clean = [strange[index] for index in order[: _ITEMS // 2]]
    made = ((number, row) for number, (_, row) in enumerate(Corpus(language, rows, seed).written()))
    stride = max(1, rows // (_ITEMS // 2))
    with out.open("w", encoding="utf-8", newline="\n") as file:
        while window := list(islice(made, stride)):
            taken = next((pair for pair in window if len(pair[1].output.split()) >= 60), None)
            if taken is not None:
                item = _taken(taken[1], clean[taken[0] % len(clean)], taken[0] // stride % 3)
                _line(file, item, taken_from=taken[0])
        for item in clean:
            _line(file, item, taken_from=None)


def _taken(row: Row, strange: Row, how: int) -> Row:
    if how == 0:
        return row
    held = row.output.split()
    part = held[len(held) // 6 : len(held) // 6 + 40 + len(held) // 3]
    return Row(" ".join(part + strange.instruction.split()[:10] * (how - 1)), "", strange.output)


def _write(out: Path, rows: Iterable[Row]) -> None:
    with out.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            _line(file, row)


def _line(file: TextIO, row: Row, **more: int | None) -> None:
    file.write(json.dumps(row._asdict() | more, ensure_ascii=False) + "\n")


_KINDS: dict[str, Callable[[Path, Path, int, int], None]] = {
    "c500": corpus,
    "template": template_corpus,
    "chinese": chinese_corpus,
    "mixed": mixed_corpus,
    "items": evaluation_items,
}


def main() -> None:
    """Write a corpus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--kind", choices=_KINDS, default="c500")
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    _KINDS[asked.kind](asked.data, asked.out, asked.rows, asked.seed)


if __name__ == "__main__":
    main()
