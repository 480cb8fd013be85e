"""The rows of files in pieces of bounded size, kept aside until all of them are known."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pyarrow as pa
from pyarrow import ipc

from doitkit.core.errors import SourceError
from doitkit.recipe.data import Rows
from doitkit.source.columnar import columnar_pieces, is_columnar
from doitkit.source.common_type import ColumnType, types_of
from doitkit.source.files import read_raw
from doitkit.source.frame import frame_of_rows
from doitkit.source.json_rows import jsonl_rows
from doitkit.source.jsonl_pieces import blocks, frame_of_block, is_plain_lines
from doitkit.source.kind import cannot_be_read
from doitkit.source.raw import RawRow, RawRows, Unreadable, elements_of, unreadable, weight_of
from doitkit.source.stretch import Stretch

ROWS_OF_A_PIECE = 32_768
"""Decides memory. It decides about no row, and every machine must cut alike: it is no setting."""
_WEIGHT_OF_A_PIECE = 64 << 20


@dataclass
class Piece:
    """Some rows of a source with the columns of their files, in memory or aside on disk."""

    types: dict[str, ColumnType]
    unreadable: list[Unreadable] = field(default_factory=list)
    frame: pl.DataFrame | None = None
    file: Path | None = None
    seen: dict[str, str] = field(default_factory=dict)
    """The columns that the rows had before they were taken apart, each with a file that has it."""

    def rows(self) -> pl.DataFrame:
        """Return the rows, read back where they lie aside."""
        if self.frame is not None:
            return self.frame
        assert self.file is not None
        return _read_back(self.file)

    def lost(self) -> list[Unreadable]:
        """Return the account of what is no row, read back where it lies aside."""
        if self.file is None or not self._lost_file.exists():
            return self.unreadable
        return [Unreadable(*row) for row in _read_back(self._lost_file).iter_rows()]

    def put_aside(self, file: Path) -> None:
        """Move the rows, and the account of what is none, out of memory, into `file` and beside."""
        assert self.frame is not None
        self.file = file
        _write_aside(file, self.frame.to_arrow())
        if self.unreadable:
            rows = [vars(unreadable) for unreadable in self.unreadable]
            _write_aside(self._lost_file, pa.Table.from_pylist(rows))
        self.frame, self.unreadable = None, []

    def drop(self) -> None:
        """Let the rows go, in memory and on disk."""
        self.frame = None
        if self.file is not None:
            self.file.unlink(missing_ok=True)
            self._lost_file.unlink(missing_ok=True)

    @property
    def _lost_file(self) -> Path:
        assert self.file is not None
        return self.file.with_suffix(".lost.arrow")


def _write_aside(file: Path, table: pa.Table) -> None:
    with ipc.new_file(str(file), table.schema) as writer:
        writer.write_table(table)


def _read_back(file: Path) -> pl.DataFrame:
    with pa.OSFile(str(file)) as stream:
        found = pl.from_arrow(ipc.open_file(stream).read_all())
    assert isinstance(found, pl.DataFrame)
    return found


@dataclass
class _Waiting:
    """Rows that were read one by one, until they make a piece."""

    rows: list[RawRow] = field(default_factory=list)
    bad: list[Unreadable] = field(default_factory=list)
    weight: int = 0

    def taken(self, found: RawRows, seen: Mapping[str, str] | None = None) -> Iterator[Piece]:
        """Take in rows, and yield a piece whenever there are enough for one."""
        for row in found:
            if isinstance(row, Unreadable):
                self.bad.append(row)
                self.weight += weight_of(row.text)
            else:
                self.rows.append(row)
                self.weight += weight_of(row.value)
            rows = len(self.rows) + len(self.bad)
            if rows >= ROWS_OF_A_PIECE or self.weight >= _WEIGHT_OF_A_PIECE:
                yield from self.closed(seen)

    def closed(self, seen: Mapping[str, str] | None = None) -> Iterator[Piece]:
        """Yield what waits, if anything does, as a piece."""
        if self.rows or self.bad:
            yield piece_of(self.rows, self.bad, seen)
        self.rows, self.bad, self.weight = [], [], 0


def pieces_of(rows: Rows, group: Iterable[Stretch]) -> Iterator[Piece]:
    """Yield the rows of some stretches in pieces; a piece may hold rows of several small files.

    Raises
    ------
    SourceError
        If a file cannot be read as what it is.
    """
    waiting = _Waiting()
    seen: dict[str, str] = {}
    for stretch in group:
        if rows.explode is None and is_columnar(stretch.path):
            yield from waiting.closed()
            for frame in columnar_pieces(stretch.path, ROWS_OF_A_PIECE):
                yield Piece(types_of(frame), frame=frame)
        elif rows.explode is None and is_plain_lines(stretch):
            yield from waiting.closed()
            yield from _pieces_of_lines(stretch)
        else:
            yield from waiting.taken(_raw(rows, stretch, seen), seen)
    yield from waiting.closed(seen)


def _pieces_of_lines(stretch: Stretch) -> Iterator[Piece]:
    """Yield the rows of a plain file of JSON lines, block by block."""
    try:
        for block in blocks(stretch):
            frame = frame_of_block(block)
            if frame is not None:
                yield Piece(types_of(frame), frame=frame)
                continue
            waiting = _Waiting()
            yield from waiting.taken(jsonl_rows(block.stretch))
            yield from waiting.closed()
    except OSError as error:
        raise cannot_be_read(stretch.path, error) from error


def piece_of(
    rows: list[RawRow], bad: list[Unreadable], seen: Mapping[str, str] | None = None
) -> Piece:
    """Return rows that were read already as one piece."""
    frame = frame_of_rows(rows)
    return Piece(types_of(frame), bad, frame, seen=dict(seen or {}))


def require_column(name: str, column: str | None, pieces: Iterable[Piece]) -> None:
    """Raise a `SourceError` if no row has the `column` that is to be taken apart."""
    seen: dict[str, str] = {}
    for piece in pieces:
        seen |= piece.seen
    if column is not None and seen and column not in seen:
        raise SourceError(
            f"`{name}`: `explode` names no column of the file",
            where=next(iter(seen.values())),
            why=f"the columns are: {', '.join(seen)}",
            next_step="correct `explode`",
        )


def _raw(rows: Rows, stretch: Stretch, seen: dict[str, str]) -> RawRows:
    found = read_raw(stretch, header=rows.header, records_at=rows.records_at)
    return found if rows.explode is None else taken_apart(found, rows.explode, seen)


def taken_apart(found: Iterable[RawRow | Unreadable], column: str, seen: dict[str, str]) -> RawRows:
    """Yield a row for every element of the list in `column`; a row without such a list is none.

    Parameters
    ----------
    seen
        Is given the columns that the rows have, each with the first file that has it.
    """
    for row in found:
        if isinstance(row, RawRow):
            seen |= {key: row.file for key in row.value if key not in seen}
        elements = [row] if isinstance(row, Unreadable) else elements_of(row, column)
        if elements:
            yield from elements
            continue
        assert isinstance(row, RawRow)
        is_empty = row.value.get(column) == []
        reason = f"`{column}` is {'an empty list' if is_empty else 'not a list'}"
        yield unreadable(Path(row.file), row.line, reason, str(row.value))
