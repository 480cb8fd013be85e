"""Looking at a folder of data: what each file is, holds and may mean."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from doitkit.core.errors import SourceError
from doitkit.source.detect import Detected, detect
from doitkit.source.formats import Chat
from doitkit.source.kind import KINDS, kind_of
from doitkit.source.language import language_of
from doitkit.source.meaning import Meaning
from doitkit.source.names import GENERATOR, named
from doitkit.source.raw import RawRow, is_unicode
from doitkit.source.sample import Sample, sample_of

_MAX_GENERATORS = 3
_MAX_NAME = 80


@dataclass(frozen=True)
class Look:
    """What a look at the beginning of one file showed."""

    path: Path
    name: str
    """The path below the folder that was looked at, with `/`."""
    kind: str = ""
    size: int = 0
    """Bytes on disk."""
    rows: int = 0
    exact: bool = True
    """False when `rows` is reckoned from the bytes that a row takes."""
    seen: int = 0
    """How many rows were read, to see what they are."""
    unreadable: int = 0
    header: bool | list[str] = True
    records_at: str | None = None
    columns: tuple[str, ...] = ()
    meaning: Meaning | None = None
    share: float = 0.0
    """Of the rows seen, how many can be read by `meaning`."""
    chats: tuple[Chat, ...] = ()
    """What these are."""
    lines: tuple[int, ...] = ()
    """The line of the file on which each of these begins."""
    median_chars: int = 0
    long_chars: int = 0
    """90 % of the rows have at most so many characters."""
    language: str = ""
    generators: tuple[str, ...] = ()
    """What a column such as `generator` names as the writer of the rows."""
    why: str | None = None
    """Why rows, or the file as a whole, cannot be used."""

    @property
    def usable(self) -> bool:
        """Say whether the file can be a source or an evaluation set."""
        return self.meaning is not None

    @property
    def seen_whole(self) -> bool:
        """Say whether every row of the file was seen."""
        return self.exact and self.seen == self.rows

    @property
    def records(self) -> int:
        """How many records the file gives, as far as the rows seen tell."""
        each = len(self.chats) / self.seen if self.seen else 0.0
        return round(self.rows * each)

    def as_json(self) -> dict[str, Any]:
        """Return what was seen as plain JSON."""
        return {
            "file": self.name,
            "kind": self.kind,
            "bytes": self.size,
            "rows": self.rows,
            "rows_exact": self.exact,
            "rows_seen": self.seen,
            "columns": list(self.columns),
            "format": self.meaning.format if self.meaning else None,
            "mapping": dict(self.meaning.columns) if self.meaning else None,
            "readable_share": self.share,
            "median_chars": self.median_chars,
            "chars_of_90_percent": self.long_chars,
            "language": self.language,
            "why": self.why,
        }


def files_below(folder: Path) -> list[Path]:
    """Return every file below `folder` that is not hidden, sorted. Links to folders are followed.

    Raises
    ------
    SourceError
        If `folder` is no folder, or cannot be listed.
    """
    if not folder.is_dir():
        raise SourceError(
            "this is not a folder of data",
            where=folder,
            why="it is a file" if folder.exists() else "there is no such folder",
            next_step="name the folder that holds the data files",
        )
    found: list[Path] = []
    been: set[str] = set()
    for place, folders, files in os.walk(folder, onerror=_refuse, followlinks=True):
        real = os.path.realpath(place)
        if real in been:
            # A link into a folder above it.
            folders.clear()
            continue
        been.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(place, name) for name in files if not name.startswith(".")]
    return sorted(found)


def look_at(path: Path, folder: Path) -> Look:
    """Look at the beginning of a file below `folder`. What is wrong with it stands in `why`."""
    name = path.relative_to(folder).as_posix()
    if not is_unicode(name):
        shown = os.fsencode(name).decode("utf-8", "backslashreplace")
        return Look(path, shown, why="its name is not UTF-8 text")
    try:
        kind = kind_of(path)
    except SourceError:
        return Look(path, name, why=f"not of the kinds {', '.join(KINDS)}")
    if not path.is_file():
        return Look(path, name, kind, why="a link to nothing, or no plain file")
    try:
        size = path.stat().st_size
        sample = sample_of(path)
    except SourceError as error:
        return Look(path, name, kind, why=f"{error.what}: {error.why}" if error.why else error.what)
    except OSError as error:
        return Look(path, name, kind, why=f"it cannot be read: {error.strerror or error}")
    found = detect(sample.rows)
    sizes = [sum(len(m["content"]) for m in chat.messages) for chat in found.chats]
    texts = (message["content"] for chat in found.chats for message in chat.messages)
    return Look(
        path=path,
        name=name,
        kind=kind,
        size=size,
        rows=sample.count,
        exact=sample.exact,
        seen=len(sample.rows),
        unreadable=sample.unreadable,
        header=sample.header,
        records_at=sample.records_at,
        columns=tuple(sample.rows[0].value) if sample.rows else (),
        meaning=found.meaning,
        share=found.share,
        chats=found.chats,
        lines=found.lines,
        median_chars=_part(sizes, 5),
        long_chars=_part(sizes, 9),
        language=language_of(texts) if found.chats else "",
        generators=_generators(sample.rows),
        why=_why(found, sample),
    )


def _refuse(error: OSError) -> None:
    raise SourceError(
        "a folder cannot be listed",
        where=error.filename,
        why=error.strerror or str(error),
        next_step="check who may read it",
    ) from error


def _part(sizes: list[int], tenth: int) -> int:
    """Return what so many tenths of the `sizes` do not exceed."""
    if len(sizes) < 2:
        return sizes[0] if sizes else 0
    return round(quantiles(sizes, n=10, method="inclusive")[tenth - 1])


def _generators(rows: Sequence[RawRow]) -> tuple[str, ...]:
    columns = dict.fromkeys(column for row in rows for column in row.value)
    for column in named(list(columns), GENERATOR):
        values = {row.value.get(column) for row in rows} - {None, ""} if _flat(rows, column) else ()
        texts = {v for v in values if isinstance(v, str) and len(v) <= _MAX_NAME}
        if texts and len(texts) == len(values) <= _MAX_GENERATORS:
            return tuple(sorted(texts))
    return ()


def _flat(rows: Sequence[RawRow], column: str) -> bool:
    return not any(isinstance(row.value.get(column), list | dict) for row in rows)


def _why(found: Detected, sample: Sample) -> str | None:
    if found.meaning is None and not sample.rows and sample.reason is not None:
        return sample.reason
    return found.why if found.meaning is None else found.why or sample.reason
