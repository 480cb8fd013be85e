"""From a file to raw rows: what the file holds, before anything is said about its meaning.

A row that cannot be read becomes a reject with its file, line and reason; the rows around it
are kept. Only a file that cannot be opened at all is an error.
"""

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard

from doitkit.core.errors import SourceError

_KINDS = ("jsonl", "json", "csv", "parquet", "txt")
_NEXT_OBJECT = re.compile(r"\n[ \t]*(?=\{)")
_SHOWN = 200


@dataclass(frozen=True)
class RawRow:
    """A row as it stood in its file. `line` counts from 1 (parquet: the row number)."""

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


def read_raw(
    path: Path, *, header: bool | list[str], records_at: str | None
) -> Iterator[RawRow | Unreadable]:
    """Yield the rows of one file in order.

    Raises
    ------
    SourceError
        If the kind of file is unknown, or the file cannot be opened or is not what its name says.
    """
    kind = kind_of(path)
    try:
        if kind == "parquet":
            yield from _parquet(path)
        elif kind == "csv":
            yield from _csv(path, header)
        elif kind == "txt":
            for number, line in _lines(path):
                yield (
                    line
                    if isinstance(line, Unreadable)
                    else RawRow(str(path), number, {"text": line})
                )
        elif kind == "jsonl":
            yield from _jsonl(path)
        else:
            yield from _json(path, records_at)
    except OSError as error:
        raise SourceError("a data file cannot be read", where=path, why=str(error)) from error


def kind_of(path: Path) -> str:
    """Return what a file is, from its name."""
    parts = [part.lower() for part in path.name.split(".")[1:]]
    while parts and parts[-1] in ("gz", "zst"):
        parts.pop()
    kind = {"ndjson": "jsonl"}.get(parts[-1], parts[-1]) if parts else ""
    if kind not in _KINDS:
        raise SourceError(
            "the kind of this file is not known",
            where=path,
            why="its name ends in none of .jsonl .json .csv .parquet .txt (plain, .gz or .zst)",
            next_step="rename or convert it",
        )
    return kind


def _bytes(path: Path) -> io.BufferedIOBase:
    stream: Any = path.open("rb")
    if path.name.lower().endswith(".gz"):
        stream = gzip.GzipFile(fileobj=stream)
    elif path.name.lower().endswith(".zst"):
        stream = io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(stream, closefd=True))
    return stream  # type: ignore[no-any-return]


def _lines(path: Path) -> Iterator[tuple[int, str | Unreadable]]:
    """Yield numbered lines without their ends; a broken archive ends in an `Unreadable`."""
    number = 0
    with _bytes(path) as stream:
        while True:
            try:
                raw = stream.readline()
            except (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError) as error:
                reason = f"the compressed data is damaged from here on: {error}"
                yield number + 1, Unreadable(str(path), number + 1, reason, "")
                return
            if not raw:
                return
            number += 1
            try:
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                reason = f"not UTF-8: byte {error.start} of the line"
                shown = raw[:_SHOWN].decode("utf-8", "replace")
                yield number, Unreadable(str(path), number, reason, shown)
                continue
            yield number, text.rstrip("\r\n")


def _jsonl(path: Path) -> Iterator[RawRow | Unreadable]:
    for number, line in _lines(path):
        if isinstance(line, Unreadable):
            yield line
        elif line.strip():
            yield _parsed(path, number, line)


def _parsed(path: Path, number: int, text: str) -> RawRow | Unreadable:
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        return Unreadable(str(path), number, f"not JSON: {error}", text[:_SHOWN])
    return _object(path, number, value, text)


def _object(path: Path, number: int, value: Any, text: str) -> RawRow | Unreadable:
    if not isinstance(value, dict):
        shown = (text or json.dumps(value, ensure_ascii=False))[:_SHOWN]
        return Unreadable(str(path), number, f"a row must be an object, not {_name(value)}", shown)
    if "\\ud" in text.lower() and not _encodable(value):
        reason = "half of a surrogate pair: this is no Unicode text"
        return Unreadable(str(path), number, reason, text[:_SHOWN])
    return RawRow(str(path), number, value)


def _encodable(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _name(value: Any) -> str:
    names = {list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _json(path: Path, records_at: str | None) -> Iterator[RawRow | Unreadable]:
    """Read one JSON document; lines of objects under a .json name are taken as jsonl."""
    text, damage = _whole_text(path)
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg.startswith("Extra data") and text.lstrip().startswith("{"):
            yield from _jsonl(path)
            return
        yield from _salvaged(path, text, records_at)
        if damage:
            yield Unreadable(str(path), text.count("\n") + 1, damage, "")
        return
    except RecursionError as error:
        raise SourceError("the JSON is nested too deeply", where=path) from error
    escapes = "\\ud" if "\\ud" in text.lower() else ""
    for index, value in enumerate(_list_in(path, document, records_at)):
        yield _object(path, index + 1, value, escapes)


def _whole_text(path: Path) -> tuple[str, str | None]:
    chunks: list[bytes] = []
    damage = None
    with _bytes(path) as stream:
        try:
            while chunk := stream.read(1 << 20):
                chunks.append(chunk)
        except (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError) as error:
            damage = f"the compressed data is damaged from here on: {error}"
    try:
        return b"".join(chunks).decode("utf-8-sig"), damage
    except UnicodeDecodeError as error:
        if damage:
            return b"".join(chunks).decode("utf-8-sig", "ignore"), damage
        raise SourceError(
            "the file is not UTF-8 text", where=f"{path}, byte {error.start}"
        ) from error


def _list_in(path: Path, document: Any, records_at: str | None) -> list[Any]:
    if records_at is None:
        if isinstance(document, list):
            return document
        raise SourceError(
            "the JSON file is not a list of rows",
            where=path,
            why=f"it holds {_name(document) if not isinstance(document, dict) else 'an object'}",
            next_step="name the key that holds the list with `records_at`"
            + (f": {', '.join(list(document)[:8])}" if isinstance(document, dict) else ""),
        )
    rows = document.get(records_at) if isinstance(document, dict) else None
    if not isinstance(rows, list):
        keys = list(document)[:8] if isinstance(document, dict) else []
        raise SourceError(
            f"there is no list under `{records_at}`",
            where=path,
            why=f"the file has the keys: {', '.join(map(str, keys))}" if keys else None,
            next_step="correct `records_at`",
        )
    return rows


def _salvaged(path: Path, text: str, records_at: str | None) -> Iterator[RawRow | Unreadable]:
    """Read the objects of a damaged JSON list one by one; the damaged ones become rejects.

    Line numbers are those of the text, since the position in the list is no longer known.
    """
    decoder = json.JSONDecoder()
    at = text.find("[", text.find(f'"{records_at}"') if records_at else 0) + 1
    line, seen = 1, 0
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        if at >= len(text) or text[at] == "]":
            return
        line += text.count("\n", seen, at)
        seen = at
        try:
            value, at = decoder.raw_decode(text, at)
            yield _object(path, line, value, "")
        except (json.JSONDecodeError, RecursionError) as error:
            yield Unreadable(str(path), line, f"not JSON: {error}", text[at : at + _SHOWN])
            following = _NEXT_OBJECT.search(text, at)
            if following is None:
                return
            at = following.end()


def _csv(path: Path, header: bool | list[str]) -> Iterator[RawRow | Unreadable]:
    csv.field_size_limit(1 << 30)
    damaged: list[Unreadable] = []

    def text_lines() -> Iterator[str]:
        for _, line in _lines(path):
            if isinstance(line, Unreadable):
                damaged.append(line)
            else:
                yield line + "\n"

    reader = csv.reader(text_lines())
    names = header if isinstance(header, list) else None
    try:
        for values in reader:
            if names is None:
                names = values if header is True else [f"column_{i}" for i in range(len(values))]
                if header is True:
                    continue
            if not values:
                continue
            if len(values) != len(names):
                reason = f"{len(values)} fields where {len(names)} are named"
                shown = ",".join(values)[:_SHOWN]
                yield Unreadable(str(path), reader.line_num, reason, shown)
                continue
            yield RawRow(str(path), reader.line_num, dict(zip(names, values, strict=True)))
    except csv.Error as error:
        yield Unreadable(str(path), reader.line_num, f"not CSV from here on: {error}", "")
    yield from damaged


def _parquet(path: Path) -> Iterator[RawRow | Unreadable]:
    import polars as pl
    from polars.exceptions import PolarsError

    try:
        frame = (
            pl.read_parquet(path)
            if path.name.lower().endswith(".parquet")
            else pl.read_parquet(_bytes(path).read())
        )
    except (PolarsError, EOFError, zlib.error, zstandard.ZstdError) as error:
        raise SourceError("this is not a readable parquet file", where=path, why=str(error)) from (
            error
        )
    for index, value in enumerate(frame.iter_rows(named=True)):
        yield RawRow(str(path), index + 1, value)
