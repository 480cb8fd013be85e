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

from doitkit.core.arrow import frame_of, read_arrow
from doitkit.core.engine import Engine
from doitkit.core.errors import SourceError
from doitkit.core.files import read_json, write_json
from doitkit.core.memory import keep_freed_memory
from doitkit.core.origins import Origin
from doitkit.core.records import Reject
from doitkit.core.rows import ROWS, with_contents, with_ids
from doitkit.core.store import Store
from doitkit.core.tables import REJECT
from doitkit.curate.filters import masked
from doitkit.curate.normalize import normalize_texts
from doitkit.recipe.curation import Curation
from doitkit.recipe.data import Shares
from doitkit.source import ChatReader, Meant, short_names
from doitkit.source.common_type import Types, common_types
from doitkit.source.pieces import Piece
from doitkit.source.stretch import BYTES_OF_A_STRETCH, Stretch

VERSION = 3
_COUNTS_FILE = "counts.json"
_SHOWN = 200
_BYTES_IN_MEMORY = 2 * BYTES_OF_A_STRETCH
_CONTENT = {"license", "origin", "generator", "weight", "stratify"}
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
    shares: Shares | None = None
    """What share of every pick each stratum has; None where there are no strata."""

    @property
    def address(self) -> str:
        """The name of the read step, which decides every row."""
        return self.folder.name

    @cached_property
    def counts(self) -> dict[str, Any]:
        """The `rows`, of all and of each of the `parts`, and what came of the others.

        They are `unusable`, or `filtered` by `where`; a row `stands_for` several in a sample.
        """
        counts: dict[str, Any] = read_json(self.folder / _COUNTS_FILE)
        return counts

    @property
    def height(self) -> int:
        """How many rows there are."""
        return int(self.counts["rows"])

    @property
    def size(self) -> int:
        """The bytes of the rows."""
        return sum(file.stat().st_size for file in self._files("rows"))

    @property
    def parts(self) -> list[int]:
        """How many rows each part holds: the parts lie in files of their own."""
        found: list[int] = self.counts["parts"]
        return found

    def batches(
        self, columns: Sequence[str] | None = None, *, part: int | None = None
    ) -> Iterator[pl.DataFrame]:
        """Yield the rows in pieces, in their order: all columns of `ROWS`, or some.

        Parameters
        ----------
        part
            Of this part only; of all if not given.
        """
        names = ROWS.names if columns is None else columns
        wanted = ipc.IpcReadOptions(included_fields=[ROWS.get_field_index(n) for n in names])
        # Read and not mapped: mapped pages count as memory for as long as the file is open.
        files = self._files("rows")
        for file in files if part is None else files[part : part + 1]:
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
        return pl.concat([read_arrow(file) for file in self._files("rejects")])

    def _files(self, what: str) -> list[Path]:
        return [self.folder / f"{what}-{n:05}.arrow" for n in range(len(self.parts))]


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
        "stratum": rows.stratum,
        "most": most,
    }
    folder = store.step("read", key, lambda into: _read(into, reader, curation, engine, most))
    return SourceRows(name, ability, origin, generator, rows.license, folder, rows.shares)


@dataclass(frozen=True)
class _Part:
    """A part of a source that is read apart from the others."""

    reader: ChatReader
    curation: Curation
    folder: Path
    number: int
    group: tuple[Stretch, ...]
    types: Types | None = None
    """The types of the columns in all parts, where they are known."""

    @property
    def aside(self) -> Path | None:
        """Where rows lie until their turn comes, if they would fill memory."""
        size = sum(stretch.size for stretch in self.group)
        return self.folder / f"aside-{self.number:05}" if size > _BYTES_IN_MEMORY else None


@dataclass(frozen=True)
class _Written:
    rows: int
    unusable: int
    filtered: int


@dataclass(frozen=True)
class _Read:
    """What came of a part: its columns and, where these were of one mind, its rows."""

    pieces: tuple[Piece, ...]
    """Without their rows."""
    types: Types
    written: _Written | None

    def stands(self, types: Types) -> bool:
        """Say whether the rows are as they would be had these types been known before."""
        return self.written is not None and _kinds(self.types) == _kinds(types)


def _read(
    folder: Path, reader: ChatReader, curation: Curation, engine: Engine, most: int | None
) -> None:
    if most is not None:
        pieces, stands_for = reader.drawn(most)
        chats = reader.chats(pieces, reader.types(pieces))
        written = [_write_part(folder, 0, reader.name, chats, curation)]
        _finish(folder, written, stands_for)
        return
    before = _files_as_they_are(reader)
    parts = [_Part(reader, curation, folder, n, group) for n, group in enumerate(reader.groups())]
    # A column has one type in all parts, and that is known when the last was seen. But in nearly
    # all sources it is the type that each part has: rather than look first, and then read, a part
    # is read, and read again if it was wrong.
    found = engine.map(_read_part, parts)
    types = reader.types([piece for part in found for piece in part.pieces])
    wrong = [index for index, part in enumerate(found) if not part.stands(types)]
    again = engine.map(_read_part, [replace(parts[index], types=types) for index in wrong])
    for index, part in zip(wrong, again, strict=True):
        found[index] = part
    if before != _files_as_they_are(reader):
        raise _changed(reader)
    _finish(folder, [part.written for part in found if part.written is not None], 1.0)


def _files_as_they_are(reader: ChatReader) -> list[tuple[str, int, int]]:
    return [(str(f), f.stat().st_size, f.stat().st_mtime_ns) for f in reader.files()]


def _changed(reader: ChatReader) -> SourceError:
    return SourceError(
        f"`{reader.name}`: a file changed while it was read",
        where=", ".join(sorted({str(file.parent) for file in reader.files()})),
        next_step="wait until the files are written, and run the same command again",
    )


def _read_part(part: _Part) -> _Read:
    keep_freed_memory()
    reader, aside = part.reader, part.aside
    if aside is not None:
        aside.mkdir(exist_ok=True)
    pieces = reader.pieces(part.group, aside)
    columns = tuple(replace(piece, frame=None, file=None, unreadable=[]) for piece in pieces)
    types = part.types or common_types(piece.types for piece in pieces)
    written = None
    try:
        chats = reader.chats(pieces, types)
        written = _write_part(part.folder, part.number, reader.name, chats, part.curation)
    except SourceError:
        # What this part lacks, another may have.
        if part.types is not None:
            raise
    if aside is not None:
        shutil.rmtree(aside)
    return _Read(columns, types, written)


def _kinds(types: Types) -> dict[str, pl.DataType]:
    return {name: found.kind for name, found in types.items()}


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
            left_out.write_table(frame_of(rejects, REJECT).to_arrow().cast(REJECT))
    return _Written(rows, unusable, filtered)


def _finish(folder: Path, written: Sequence[_Written], stands_for: float) -> None:
    counts = {
        "parts": [part.rows for part in written],
        "rows": sum(part.rows for part in written),
        "unusable": sum(part.unusable for part in written),
        "filtered": sum(part.filtered for part in written),
        "stands_for": stands_for,
    }
    write_json(folder / _COUNTS_FILE, counts)


def _rows_of(name: str, some: Meant, curation: Curation) -> tuple[pa.Table, list[Reject]]:
    """Return the usable rows with their ids, and rejects for those of which nothing is left."""
    rows = some.rows.select("messages", "file", "line", "stratum")
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
