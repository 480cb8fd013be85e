"""From the files that a recipe names to their raw rows."""

import os
from pathlib import Path

from doitkit.core.addresses import address_of
from doitkit.core.errors import SourceError
from doitkit.source import hub, object_store
from doitkit.source.columnar import columnar_pieces
from doitkit.source.csv_rows import csv_rows
from doitkit.source.frame import FILE, LINE
from doitkit.source.json_rows import json_rows, jsonl_rows
from doitkit.source.kind import COLUMNAR, cannot_be_read, kind_of
from doitkit.source.raw import RawRow, RawRows, is_unicode, unreadable
from doitkit.source.saved import saved_files
from doitkit.source.stream import lines
from doitkit.source.stretch import Stretch

_ROWS_AT_ONCE = 4_096


def resolve(name: str, patterns: str | list[str], data_root: Path | str) -> list[Path]:
    """Return the files that `patterns` name, in the order of the patterns, each sorted.

    Parameters
    ----------
    name
        The source that needs the files, for messages.
    patterns
        Files and globs, relative to `data_root`; or `hf://datasets/OWNER/NAME[@REVISION]/PATH`,
        or `s3://BUCKET/KEY`, `gs://BUCKET/KEY`, `az://CONTAINER/KEY`.
    data_root
        A folder, or such an address without the last part.

    Raises
    ------
    SourceError
        If a pattern names no file, or one whose name is no text, or one that cannot be fetched.
    """
    found: list[Path] = []
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        address = address_of(pattern, data_root)
        if address is not None:
            room = hub if address.startswith("hf:") else object_store
            found += room.fetch(name, address)
        else:
            found += _local(name, pattern, Path(data_root))
    for path in found:
        if not is_unicode(str(path)):
            raise SourceError(
                f"`{name}`: the name of a file is not UTF-8 text",
                where=os.fsencode(path).decode("utf-8", "backslashreplace"),
                next_step="rename the file, or name the others one by one",
            )
    return found


def _local(name: str, pattern: str, folder: Path) -> list[Path]:
    path = folder / pattern
    if (saved := saved_files(path)) is not None:
        return saved
    # A file whose own name holds a bracket is taken as it stands.
    matches = [path] if path.is_file() else _glob(folder, Path(pattern))
    if not matches:
        why = None if folder.is_dir() else f"there is no folder {folder}"
        next_step = "correct `path` or `data_root` in the recipe, or give --data FOLDER"
        if path.is_dir():
            why, next_step = "it is a folder", f"name its files, such as {pattern}/*.jsonl"
        raise SourceError(f"`{name}`: no such file", where=path, why=why, next_step=next_step)
    return matches


def _glob(folder: Path, pattern: Path) -> list[Path]:
    if (folder / pattern).is_dir():
        return []
    if pattern.is_absolute():
        folder, pattern = Path(pattern.anchor), pattern.relative_to(pattern.anchor)
    return sorted(path for path in folder.glob(str(pattern)) if path.is_file())


def read_raw(
    file: Path | Stretch, *, header: bool | list[str] = True, records_at: str | None = None
) -> RawRows:
    """Yield the rows of one file, or of a stretch of it, in order.

    Raises
    ------
    SourceError
        If the kind of file is unknown, or the file cannot be opened or is not what its name says.
    """
    stretch = file if isinstance(file, Stretch) else Stretch(file)
    path = stretch.path
    kind = kind_of(path)
    try:
        if kind in COLUMNAR:
            yield from _columnar_rows(path)
        elif kind == "csv":
            yield from csv_rows(path, header)
        elif kind == "txt":
            yield from _txt_rows(path)
        elif kind == "jsonl":
            yield from jsonl_rows(stretch)
        else:
            yield from json_rows(path, records_at)
    except OSError as error:
        raise cannot_be_read(path, error) from error


def _txt_rows(path: Path) -> RawRows:
    for number, line, damage in lines(path):
        if damage is not None:
            yield unreadable(path, number, damage)
        elif not is_unicode(line):
            yield unreadable(path, number, "not UTF-8 text", line)
        else:
            yield RawRow(str(path), number, {"text": line})


def _columnar_rows(path: Path) -> RawRows:
    for frame in columnar_pieces(path, _ROWS_AT_ONCE):
        for row in frame.iter_rows(named=True):
            line = row.pop(LINE)
            yield RawRow(row.pop(FILE), line, row)
