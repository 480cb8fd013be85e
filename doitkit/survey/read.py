"""The step that reads: the files of a source become rows on disk, or rejects."""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
from pyarrow import ipc

from doitkit.core.arrow import read_arrow
from doitkit.core.engine import Engine
from doitkit.core.errors import SourceError
from doitkit.core.files import read_json, write_json
from doitkit.core.origins import Origin
from doitkit.core.records import Reject
from doitkit.core.rows import ROWS, with_contents, with_ids
from doitkit.core.store import Store
from doitkit.core.tables import REJECT
from doitkit.curate.filters import masked
from doitkit.curate.normalize import normalize_texts
from doitkit.recipe.curation import Curation
from doitkit.source import ChatReader, Meant, short_names
from doitkit.source.common_type import Types
from doitkit.source.pieces import Piece
from doitkit.source.stretch import Stretch

VERSION = 1
_COUNTS_FILE = "counts.json"
_SHOWN = 200
_BYTES_IN_MEMORY = 8 << 20
"""Files that are smaller need not go to the disk and come back between the two passes."""
_CONTENT = {"license", "origin", "generator", "weight"}
"""Keys of a source that say something about its rows, and change none."""


@dataclass(frozen=True)
class SourceRows:
    """The rows of one source on disk, as a read step has left them, and what they are."""

    name: str
    ability: str
    origin: Origin
    generator: str | None
    license: str | None
    folder: Path

    @property
    def address(self) -> str:
        """The name of the read step, which decides every row."""
        return self.folder.name

    @cached_property
    def counts(self) -> dict[str, Any]:
        """`rows`; those that are `unusable`, or `filtered` by `where`; what a row `stands_for`."""
        counts: dict[str, Any] = read_json(self.folder / _COUNTS_FILE)
        return counts

    @property
    def height(self) -> int:
        """How many rows there are."""
        return int(self.counts["rows"])

    @property
    def size(self) -> int:
        """The bytes of the rows."""
        return sum(file.stat().st_size for file in self._parts("rows"))

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """Yield the rows in pieces, in their order: all columns of `ROWS`, or some."""
        names = ROWS.names if columns is None else columns
        wanted = ipc.IpcReadOptions(included_fields=[ROWS.get_field_index(n) for n in names])
        # Read and not mapped: mapped pages count as memory for as long as the file is open.
        for file in self._parts("rows"):
            with pa.OSFile(str(file)) as stream:
                reader = ipc.open_file(stream, options=wanted)
                for index in range(reader.num_record_batches):
                    frame = pl.from_arrow(reader.get_batch(index))
                    assert isinstance(frame, pl.DataFrame)
                    yield frame

    @property
    def rows_in(self) -> int:
        """Rows of the files that were asked for, those that could not be read included."""
        return self.height + self.reject_frame().height

    def reject_frame(self) -> pl.DataFrame:
        """Return the rows that could not be read, or of which nothing was left, as `REJECT`."""
        return pl.concat([read_arrow(file) for file in self._parts("rejects")])

    def _parts(self, what: str) -> list[Path]:
        return [self.folder / f"{what}-{n:05}.arrow" for n in range(self.counts["parts"])]


def read_source(
    store: Store,
    reader: ChatReader,
    contents: str,
    curation: Curation,
    *,
    ability: str,
    origin: Origin,
    generator: str | None,
    engine: Engine,
    most: int | None = None,
) -> SourceRows:
    """Return the rows of a source, reading its files if that was not done.

    Texts are normalised, and personal data masked, as `curation` says: all later steps leave
    rows out, and change none.

    Parameters
    ----------
    contents
        The hash of the contents of the files.
    engine
        Who reads.
    most
        Draw about this many rows of each file, for an estimate; all if not given.

    Raises
    ------
    SourceError
        If a file is missing or unusable.
    """
    name, rows = reader.name, reader.rows
    masks = curation.filters.personal
    key = {
        "version": VERSION,
        "name": name,
        "rows": rows.model_dump(mode="json", exclude=_CONTENT),
        "files": short_names(name, rows, reader.data_folder),
        "contents": contents,
        "normalize": curation.normalize,
        "mask": masks.kinds if masks is not None and masks.then == "mask" else None,
        "most": most,
    }
    folder = store.step("read", key, lambda into: _read(into, reader, curation, engine, most))
    return SourceRows(name, ability, origin, generator, rows.license, folder)


@dataclass(frozen=True)
class _Part:
    """A part of a source that is read apart from the others: first its columns, then its rows."""

    reader: ChatReader
    curation: Curation
    folder: Path
    number: int
    group: tuple[Stretch, ...] = ()
    pieces: tuple[Piece, ...] = ()
    types: Types | None = None

    @property
    def aside(self) -> Path:
        return self.folder / f"aside-{self.number:05}"


@dataclass(frozen=True)
class _Written:
    rows: int
    unusable: int
    filtered: int


def _read(
    folder: Path, reader: ChatReader, curation: Curation, engine: Engine, most: int | None
) -> None:
    stands_for = 1.0
    if most is None:
        before = [_files_as_they_are(reader)]
        groups = reader.groups()
        parts = [_Part(reader, curation, folder, n, group) for n, group in enumerate(groups)]
        small = sum(size for _, size, _ in before[0]) < _BYTES_IN_MEMORY
        parts = engine.map(_look_in_memory if small else _look, parts)
    else:
        before = []
        pieces, stands_for = reader.drawn(most)
        parts = [_Part(reader, curation, folder, 0, pieces=tuple(pieces))]
    types = reader.types([piece for part in parts for piece in part.pieces])
    written = engine.map(_write, [replace(part, types=types) for part in parts])
    if before and before != [_files_as_they_are(reader)]:
        raise _changed(reader)
    _finish(folder, written, stands_for)


def _files_as_they_are(reader: ChatReader) -> list[tuple[str, int, int]]:
    return [(str(f), f.stat().st_size, f.stat().st_mtime_ns) for f in reader.files()]


def _changed(reader: ChatReader) -> SourceError:
    return SourceError(
        f"`{reader.name}`: a file changed while it was read",
        where=", ".join(sorted({str(file.parent) for file in reader.files()})),
        next_step="wait until the files are written, and run the same command again",
    )


def _look(part: _Part) -> _Part:
    part.aside.mkdir(exist_ok=True)
    return replace(part, pieces=tuple(part.reader.pieces(part.group, part.aside)))


def _look_in_memory(part: _Part) -> _Part:
    return replace(part, pieces=tuple(part.reader.pieces(part.group)))


def _write(part: _Part) -> _Written:
    assert part.types is not None
    chats = part.reader.chats(part.pieces, part.types)
    written = _write_part(part.folder, part.number, part.reader.name, chats, part.curation)
    shutil.rmtree(part.aside, ignore_errors=True)
    return written


def write_rows(folder: Path, name: str, pieces: Iterable[Meant], curation: Curation) -> None:
    """Write rows that were read, of one source, as a read step leaves them."""
    _finish(folder, [_write_part(folder, 0, name, pieces, curation)], 1.0)


def _write_part(
    folder: Path, number: int, name: str, pieces: Iterable[Meant], curation: Curation
) -> _Written:
    rows = unusable = filtered = 0
    files = [str(folder / f"{what}-{number:05}.arrow") for what in ("rows", "rejects")]
    with ipc.new_file(files[0], ROWS) as writer, ipc.new_file(files[1], REJECT) as left_out:
        for some in pieces:
            table, dropped = _rows_of(name, some, curation)
            unusable += len(dropped)
            rows += table.num_rows
            filtered += some.filtered
            for batch in table.combine_chunks().to_batches():
                writer.write_batch(batch)
            rejects = [vars(reject) for reject in (*some.rejects, *dropped)]
            left_out.write_table(pa.Table.from_pylist(rejects, schema=REJECT))
    return _Written(rows, unusable, filtered)


def _finish(folder: Path, written: Sequence[_Written], stands_for: float) -> None:
    counts = {
        "parts": len(written),
        "rows": sum(part.rows for part in written),
        "unusable": sum(part.unusable for part in written),
        "filtered": sum(part.filtered for part in written),
        "stands_for": stands_for,
    }
    write_json(folder / _COUNTS_FILE, counts)


def _rows_of(name: str, some: Meant, curation: Curation) -> tuple[pa.Table, list[Reject]]:
    """Return the usable rows with their ids, and rejects for those of which nothing is left."""
    rows = some.rows.select("messages", "file", "line")
    if curation.normalize:
        rows = rows.with_columns(with_contents(rows["messages"], normalize_texts))
    masks = curation.filters.personal
    if masks is not None and masks.then == "mask":
        rows = masked(rows, masks)
    rows = with_ids(rows)
    nothing = pl.col("messages").list.eval(pl.element().struct.field("content") == "").list.any()
    rejects = [_nothing_left(name, row) for row in rows.filter(nothing).iter_rows(named=True)]
    if rejects:
        rows = rows.filter(~nothing)
    return rows.select(ROWS.names).to_arrow().cast(ROWS), rejects


def _nothing_left(name: str, row: dict[str, Any]) -> Reject:
    empty = next(m["role"] for m in row["messages"] if not m["content"])
    reason = f"nothing is left of the {empty} message after normalisation"
    shown = row["messages"][0]["content"][:_SHOWN]
    return Reject(name, row["file"], row["line"], "filter", reason, shown, row["id"])
