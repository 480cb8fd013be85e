"""From files to the canonical columns of a format, piece by piece."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from doitkit.recipe.data import COLUMNS, Rows
from doitkit.source.common_type import Types, common_types, conformed
from doitkit.source.drawn import drawn_rows
from doitkit.source.files import resolve
from doitkit.source.frame import STRATUM, visible
from doitkit.source.lookup import lookup_table
from doitkit.source.media import without_media
from doitkit.source.pieces import Piece, piece_of, pieces_of, require_column, taken_apart
from doitkit.source.raw import RawRow, Unreadable
from doitkit.source.select import filtered, selected
from doitkit.source.stretch import Stretch, stretches

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Table:
    """Some rows of a source in canonical columns, and the account of the others."""

    frame: pl.DataFrame
    """The canonical columns of the format that exist, `__file`, `__line` and `__stratum`."""
    unreadable: list[Unreadable] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    """The columns of the files, for messages."""
    filtered: int = 0
    """How many rows the recipe's `where` left out: these were not asked for, so they are
    counted but are neither kept nor rejected."""


@dataclass(frozen=True)
class TableReader:
    """Reads the rows of a source, in two passes over pieces of it.

    A column has one type in all pieces, and that is known when the last of them was seen. So
    first come the pieces, each with its own types, and then the rows of each.
    """

    name: str
    rows: Rows
    data_folder: Path | str

    def groups(self) -> list[tuple[Stretch, ...]]:
        """Return the files of the source in stretches, which can be read apart."""
        return stretches(self.files())

    def files(self) -> list[Path]:
        """Return the files of the source, in reading order."""
        return resolve(self.name, self.rows.path, self.data_folder)

    def pieces(self, group: Iterable[Stretch], aside: Path | None = None) -> list[Piece]:
        """Return the rows of a group in pieces.

        Parameters
        ----------
        aside
            A folder where they lie until their turn comes; they stay in memory if not given.
        """
        pieces: list[Piece] = []
        for piece in pieces_of(self.rows, group):
            if aside is not None:
                piece.put_aside(aside / f"piece-{len(pieces):06}.arrow")
            pieces.append(piece)
        return pieces

    def drawn(self, most: int) -> tuple[list[Piece], float]:
        """Return about `most` rows of each file, and how many rows each of them stands for."""
        raw: list[RawRow | Unreadable] = []
        total = 0
        rows = self.rows
        for path in self.files():
            found, held = drawn_rows(
                path, most, keys=_named(rows), header=rows.header, records_at=rows.records_at
            )
            total += held
            raw += found
        stands_for = max(total, 1) / max(len(raw), 1)
        seen: dict[str, str] = {}
        if rows.explode is not None:
            raw = list(taken_apart(raw, rows.explode, seen))
        good = [row for row in raw if isinstance(row, RawRow)]
        bad = [row for row in raw if isinstance(row, Unreadable)]
        return [piece_of(good, bad, seen)], stands_for

    def types(self, pieces: Sequence[Piece]) -> Types:
        """Return the types of the columns in all pieces of the source.

        Raises
        ------
        SourceError
            If no row has the column that is to be taken apart.
        """
        require_column(self.name, self.rows.explode, pieces)
        return common_types(piece.types for piece in pieces)

    def tables(self, pieces: Iterable[Piece], types: Types) -> Iterator[Table]:
        """Yield the rows of some pieces in canonical columns, and let go of each."""
        for piece in pieces:
            frame = conformed(piece.rows(), types)
            yield self._table(piece.lost(), frame)
            piece.drop()

    def _table(self, unreadable: list[Unreadable], frame: pl.DataFrame) -> Table:
        if not frame.height:
            none = frame.with_columns(pl.lit(None, dtype=pl.String).alias(STRATUM))
            return Table(none, unreadable, visible(frame.columns))
        if self.rows.lookup is not None:
            second = lookup_table(self.name, self.rows.lookup, self.data_folder)
            frame = second.joined(frame)
        before = frame.height
        if self.rows.where is not None:
            frame = filtered(self.name, frame, self.rows.where)
        left_out = before - frame.height
        frame, with_media = without_media(frame)
        chosen = selected(self.name, frame, self.rows)
        return Table(chosen, [*unreadable, *with_media], visible(frame.columns), left_out)


def _named(rows: Rows) -> set[str]:
    """Return the columns of the file that a recipe names, or that its format takes by name."""
    expressions = [*rows.columns.values(), rows.stratum or ""]
    words = {word for text in expressions for word in _WORD.findall(text)}
    joined = {rows.explode, rows.lookup.key if rows.lookup is not None else None}
    return words | set(COLUMNS[rows.format]) | {name for name in joined if name is not None}
