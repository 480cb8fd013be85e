"""The first rows of a file, and how many rows it holds, from a bounded part of it."""

import gzip
import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import zstandard

from doitkit.core.errors import SourceError
from doitkit.source.files import read_raw
from doitkit.source.header import guessed_header
from doitkit.source.kind import cannot_be_read, kind_of, not_columnar
from doitkit.source.raw import RawRow, Unreadable
from doitkit.source.records_at import list_of_objects
from doitkit.source.stream import DAMAGE

_BYTES = 8 << 20
"""Bytes of text that are read of a file at most; a file that holds no more is read to its end."""
_ROWS = 200
_ROWS_FOR_HEADER = 50
_CHUNK_BYTES = 1 << 16
_SIP_BYTES = 1 << 9


@dataclass(frozen=True)
class Sample:
    """What the beginning of a file shows."""

    rows: tuple[RawRow, ...]
    """The first rows, 200 at most."""
    count: int
    """Rows in the file."""
    exact: bool
    """False when `count` is reckoned from the bytes that a row takes."""
    unreadable: int = 0
    """Lines among those read that are no row."""
    reason: str | None = None
    """What is wrong with the first of these."""
    header: bool | list[str] = True
    records_at: str | None = None


@dataclass(frozen=True)
class _Beginning:
    text: bytes
    whole: bool
    plain_bytes: float
    """Length of the whole text: reckoned by the rate of compression, unless `whole`."""


@dataclass
class _Counted:
    rows: list[RawRow] = field(default_factory=list)
    count: int = 0
    unreadable: int = 0
    reason: str | None = None


def sample_of(path: Path) -> Sample:
    """Return the beginning of a data file; no more than a few megabytes are read of any.

    The readers read files: of a long one, the beginning is put into a file of its own, cut
    behind a whole line or object, and read by the reader of its kind.

    Raises
    ------
    SourceError
        If the file cannot be opened, or is as a whole not what its name says.
    """
    kind = kind_of(path)
    try:
        if kind == "parquet":
            return _parquet(path)
        begun = _beginning(path)
    except OSError as error:
        raise cannot_be_read(path, error) from error
    if begun.whole:
        return _read(path, kind, begun.text, whole=True)
    cut = begun.text[: begun.text.rfind(b"}" if kind == "json" else b"\n") + 1]
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / f"beginning.{kind}"
        part.write_bytes(cut)
        found = _read(part, kind, cut, whole=False)
    if not found.count:
        raise SourceError(
            "a row of this file is too long to look at",
            where=path,
            why=f"its first {_BYTES >> 20} MB hold no whole row",
            next_step="check that the file is what its name says",
        )
    about = _rounded(found.count * begun.plain_bytes / len(cut))
    return Sample(
        found.rows, about, False, found.unreadable, found.reason, found.header, found.records_at
    )


def _read(file: Path, kind: str, text: bytes, *, whole: bool) -> Sample:
    header: bool | list[str] = True
    records_at = None
    if kind == "csv":
        header = guessed_header(_first_lines(file))
    elif kind == "json":
        records_at = list_of_objects(text.decode("utf-8-sig", "surrogateescape"))
    counted = _counted(read_raw(file, header=header, records_at=records_at), whole=whole)
    return Sample(
        rows=tuple(counted.rows),
        count=counted.count,
        exact=True,
        unreadable=counted.unreadable,
        reason=counted.reason,
        header=header,
        records_at=records_at,
    )


def _counted(rows: Iterator[RawRow | Unreadable], *, whole: bool) -> _Counted:
    """Count rows; what is wrong behind the last row of a part is its cut, and no fault."""
    counted = _Counted()
    behind = 0
    for row in rows:
        if isinstance(row, Unreadable):
            counted.reason = counted.reason or row.reason
            behind += 1
            continue
        counted.unreadable += behind
        behind = 0
        counted.count += 1
        if len(counted.rows) < _ROWS:
            counted.rows.append(row)
    if whole:
        counted.unreadable += behind
    if not counted.unreadable:
        counted.reason = None
    return counted


def _first_lines(file: Path) -> list[list[str]]:
    lines: list[list[str]] = []
    for row in read_raw(file, header=False):
        if isinstance(row, RawRow):
            lines.append(list(row.value.values()))
        if len(lines) == _ROWS_FOR_HEADER:
            break
    return lines


class _Sips:
    """An open file that hands out little at a time, so that its position tells what was needed."""

    def __init__(self, stored: io.BufferedReader) -> None:
        self._stored = stored

    def read(self, size: int = -1) -> bytes:
        return self._stored.read(min(size, _SIP_BYTES) if size >= 0 else size)


def _beginning(path: Path) -> _Beginning:
    chunks: list[bytes] = []
    read = 0
    with path.open("rb") as stored:
        plain = _plain(path, stored)
        try:
            while read <= _BYTES and (chunk := plain.read(_CHUNK_BYTES)):
                chunks.append(chunk)
                read += len(chunk)
        except DAMAGE:
            # The reader of the file says where.
            return _Beginning(b"".join(chunks), True, read)
        consumed = max(1, stored.tell())
    text = b"".join(chunks)
    if read <= _BYTES:
        return _Beginning(text, True, read)
    return _Beginning(text, False, read * path.stat().st_size / consumed)


def _plain(path: Path, stored: io.BufferedReader) -> io.BufferedReader:
    """Return the text of an open file, as `doitkit.source.stream` would, without reading ahead."""
    name = path.name.lower()
    sips = cast(io.BufferedReader, _Sips(stored))
    if name.endswith(".gz"):
        return cast(io.BufferedReader, gzip.GzipFile(fileobj=sips, mode="rb"))
    if name.endswith(".zst"):
        unpacked = zstandard.ZstdDecompressor().stream_reader(
            sips, read_size=_SIP_BYTES, read_across_frames=True
        )
        return cast(io.BufferedReader, unpacked)
    return stored


def _parquet(path: Path) -> Sample:
    import polars as pl
    import pyarrow as pa
    import pyarrow.parquet as pq

    source: Any = path
    if path.suffix.lower() != ".parquet":
        begun = _beginning(path)
        if not begun.whole:
            raise SourceError(
                "a large parquet file inside an archive cannot be looked at",
                where=path,
                why="its table of contents stands at its end",
                next_step="unpack it: parquet is compressed by itself",
            )
        source = io.BytesIO(begun.text)
    try:
        with pq.ParquetFile(source, pre_buffer=False, buffer_size=_CHUNK_BYTES) as file:
            count = file.metadata.num_rows
            batch = next(file.iter_batches(batch_size=_ROWS), None)
            frame = pl.DataFrame() if batch is None else cast(pl.DataFrame, pl.from_arrow(batch))
    except pa.ArrowException as error:
        raise not_columnar(path, error) from error
    values = frame.iter_rows(named=True)
    rows = tuple(RawRow(str(path), index + 1, value) for index, value in enumerate(values))
    return Sample(rows, count, True)


def _rounded(count: float) -> int:
    """Return a count to two digits: what is reckoned must not look counted."""
    return int(float(f"{count:.2g}"))
