"""From the files that a recipe names to their raw rows."""

import os
from pathlib import Path

from doitkit.core.errors import SourceError
from doitkit.source.csv_rows import csv_rows
from doitkit.source.hub import address_of, fetch
from doitkit.source.json_rows import json_rows, jsonl_rows
from doitkit.source.raw import RawRow, RawRows, is_unicode, unreadable
from doitkit.source.stream import DAMAGE, lines, opened

KINDS = ("jsonl", "json", "csv", "parquet", "txt")


def resolve(name: str, patterns: str | list[str], data_root: Path | str) -> list[Path]:
    """Return the files that `patterns` name, in the order of the patterns, each sorted.

    Parameters
    ----------
    name
        The source that needs the files, for messages.
    patterns
        Files and globs, relative to `data_root`; or `hf://datasets/OWNER/NAME[@REVISION]/PATH`.
    data_root
        A folder, or `hf://datasets/OWNER/NAME[@REVISION]`.

    Raises
    ------
    SourceError
        If a pattern names no file, or one whose name is no text, or one that cannot be fetched.
    """
    found: list[Path] = []
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        address = address_of(pattern, data_root)
        if address is not None:
            found += fetch(name, address)
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
    path: Path, *, header: bool | list[str] = True, records_at: str | None = None
) -> RawRows:
    """Yield the rows of one file in order.

    Raises
    ------
    SourceError
        If the kind of file is unknown, or the file cannot be opened or is not what its name says.
    """
    kind = kind_of(path)
    try:
        if kind == "parquet":
            yield from _parquet_rows(path)
        elif kind == "csv":
            yield from csv_rows(path, header)
        elif kind == "txt":
            yield from _txt_rows(path)
        elif kind == "jsonl":
            yield from jsonl_rows(path)
        else:
            yield from json_rows(path, records_at)
    except OSError as error:
        raise cannot_be_read(path, error) from error


def cannot_be_read(path: Path, error: OSError) -> SourceError:
    """Return what the system says of a data file, as an error of the family."""
    return SourceError(
        "a data file cannot be read",
        where=path,
        why=error.strerror or str(error),
        next_step="check the file, and who may read it",
    )


def not_parquet(path: Path, error: Exception) -> SourceError:
    """Return what is wrong with a parquet file, as an error of the family."""
    return SourceError(
        "this is not a readable parquet file",
        where=path,
        why=str(error),
        next_step="replace it by a whole one, or give the rows in another kind of file",
    )


def kind_of(path: Path) -> str:
    """Return what a file is, from its name."""
    parts = [part.lower() for part in path.name.split(".")[1:]]
    while parts and parts[-1] in ("gz", "zst"):
        parts.pop()
    kind = {"ndjson": "jsonl"}.get(parts[-1], parts[-1]) if parts else ""
    if kind not in KINDS:
        raise SourceError(
            "the kind of this file is not known",
            where=path,
            why="its name ends in none of .jsonl .json .csv .parquet .txt (plain, .gz or .zst)",
            next_step="rename or convert it",
        )
    return kind


def _txt_rows(path: Path) -> RawRows:
    for number, line, damage in lines(path):
        if damage is not None:
            yield unreadable(path, number, damage)
        elif not is_unicode(line):
            yield unreadable(path, number, "not UTF-8 text", line)
        else:
            yield RawRow(str(path), number, {"text": line})


def _parquet_rows(path: Path) -> RawRows:
    import polars as pl
    from polars.exceptions import PolarsError

    try:
        with opened(path) as stream:
            frame = pl.read_parquet(stream.read())
    except (PolarsError, *DAMAGE) as error:
        raise not_parquet(path, error) from error
    for index, value in enumerate(frame.iter_rows(named=True)):
        yield RawRow(str(path), index + 1, value)
