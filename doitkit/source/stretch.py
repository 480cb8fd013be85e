"""Files cut into stretches that can be read apart from one another, by whoever has time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from doitkit.source.kind import kind_of

BYTES_OF_A_STRETCH = 16 << 20
"""Decides who reads what, and about no row."""
_CHUNK_BYTES = 1 << 20
_PLAIN = (".jsonl", ".ndjson")
_PACKED = 4
"""What a packed byte is reckoned to hold."""


@dataclass(frozen=True)
class Stretch:
    """A file, or the lines of it that begin from byte `start` on and before `end`."""

    path: Path
    start: int = 0
    end: int | None = None
    lines_before: int = 0
    """Lines of the file that begin before `start`."""

    size: int = field(default=0, compare=False)
    """The bytes to read; about, where the file is packed."""


def stretches(paths: Iterable[Path]) -> list[tuple[Stretch, ...]]:
    """Return groups of stretches of about equal size, in the order of the rows.

    Plain files of lines are cut; of other kinds, a file is read as a whole. Small files share a
    group.
    """
    groups: list[tuple[Stretch, ...]] = []
    open_group: list[Stretch] = []
    size = 0
    for stretch in _cut(paths):
        if open_group and size + stretch.size > BYTES_OF_A_STRETCH:
            groups.append(tuple(open_group))
            open_group, size = [], 0
        open_group.append(stretch)
        size += stretch.size
    return [*groups, tuple(open_group)] if open_group else groups


def _cut(paths: Iterable[Path]) -> Iterator[Stretch]:
    for path in paths:
        size = path.stat().st_size
        plain = path.suffix.lower() in _PLAIN
        if kind_of(path) != "jsonl" or not plain or size <= BYTES_OF_A_STRETCH:
            yield Stretch(path, size=size * (1 if plain else _PACKED))
            continue
        lines_before = 0
        with path.open("rb") as stream:
            for start in range(0, size, BYTES_OF_A_STRETCH):
                end = min(start + BYTES_OF_A_STRETCH, size)
                yield Stretch(path, start, end, lines_before, end - start)
                lines_before += _lines_that_begin(stream, start, end)


def _lines_that_begin(stream: BinaryIO, start: int, end: int) -> int:
    """Return how many lines begin in [start, end).

    Each but the first of the file follows a line end in [start - 1, end - 1).
    """
    first = max(start - 1, 0)
    stream.seek(first)
    ends = 0
    left = end - 1 - first
    while left > 0 and (chunk := stream.read(min(_CHUNK_BYTES, left))):
        ends += chunk.count(b"\n")
        left -= len(chunk)
    return ends + (start == 0)
