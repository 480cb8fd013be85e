"""Raw rows: what a file holds, before anything is said about its meaning.

A row that cannot be read becomes an `Unreadable` with its file, line and reason; the rows around
it are kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SHOWN = 200
_OBJECT = 64
"""Bytes of a Python object, about."""


@dataclass(frozen=True)
class RawRow:
    """A row as it stood in its file. `line` counts from 1 (parquet, json: the row number)."""

    file: str
    line: int
    value: dict[str, Any]


@dataclass(frozen=True)
class Unreadable:
    """A row that could not be read."""

    file: str
    line: int
    reason: str
    text: str


RawRows = Iterator[RawRow | Unreadable]


def weight_of(value: Any) -> int:
    """Return about how many bytes a value takes."""
    if isinstance(value, dict):
        return _OBJECT + sum(len(key) + weight_of(inner) for key, inner in value.items())
    if isinstance(value, list):
        return _OBJECT + sum(map(weight_of, value))
    return _OBJECT + (len(value) if isinstance(value, str | bytes) else 0)


def elements_of(row: RawRow, column: str) -> list[RawRow]:
    """Return a row for every element of the list in `column`; none where there is no list.

    The fields of an element that is an object stand beside the row's other columns; any other
    element stands in the place of the list.
    """
    elements = row.value.get(column)
    if not isinstance(elements, list):
        return []
    rest = {key: value for key, value in row.value.items() if key != column}
    inner = (e if isinstance(e, dict) else {column: e} for e in elements)
    return [RawRow(row.file, row.line, {**rest, **fields}) for fields in inner]


def unreadable(path: Path, line: int, reason: str, text: str = "") -> Unreadable:
    """Return the account of a row that cannot be read, with the beginning of its text.

    What is no Unicode in the text is shown as `?`, so that the account itself can be written.
    """
    shown = text[:_SHOWN].encode("utf-8", "replace").decode()
    return Unreadable(str(path), line, reason, shown)


def is_unicode(text: str) -> bool:
    """Say whether `text` can be written as UTF-8 (it holds no half of a surrogate pair)."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
