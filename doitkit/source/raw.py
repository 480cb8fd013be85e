"""Raw rows: what a file holds, before anything is said about its meaning.

A row that cannot be read becomes an `Unreadable` with its file, line and reason; the rows around
it are kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SHOWN = 200


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
