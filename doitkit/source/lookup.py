"""Columns of a second file, joined to the rows of the first."""

from functools import lru_cache
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from doitkit.core.errors import SourceError
from doitkit.recipe.data import Lookup
from doitkit.source.files import read_raw, resolve
from doitkit.source.frame import FILE, KEY, LINE, frame_of_rows, visible
from doitkit.source.raw import RawRow, Unreadable


def lookup_table(name: str, lookup: Lookup, data_folder: Path | str) -> "LookupTable":
    """Return the second file of a `lookup`; while it does not change, a process reads it once."""
    path = resolve(name, lookup.path, data_folder)[0]
    stat = path.stat()
    return _read_once(name, lookup, path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4)
def _read_once(name: str, lookup: Lookup, path: Path, *_changes: int) -> "LookupTable":
    return LookupTable(name, lookup, path)


class LookupTable:
    """The second file of a `lookup`, read once.

    Raises
    ------
    SourceError
        If it cannot be read to its last row, or several of its rows have one key.
    """

    def __init__(self, name: str, lookup: Lookup, path: Path) -> None:
        self._name = name
        self._lookup = lookup
        self._path = path
        second = self._read()
        self._require(lookup.equals, second)
        self._rows = self._keyed(second, lookup.equals)
        repeated = self._rows.filter(pl.col(KEY).is_duplicated())
        if repeated.height:
            raise SourceError(
                f"`{name}`: `lookup` finds several rows for one key",
                where=self._path,
                why=f"`{lookup.equals}` is `{repeated[KEY][0]}` more than once",
                next_step="choose a column whose values differ, or remove the repeats",
            )

    def joined(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return `frame` with the columns of the second file beside its own, row by row."""
        self._require(self._lookup.key, frame)
        clashing = [column for column in self._rows.columns if column in frame.columns]
        return (
            self._keyed(frame, self._lookup.key)
            .join(self._rows.drop(clashing), on=KEY, how="left", maintain_order="left")
            .drop(KEY)
        )

    def _read(self) -> pl.DataFrame:
        raw: list[RawRow] = []
        for row in read_raw(self._path):
            if isinstance(row, Unreadable):
                # Leaving it out would shift the rows after it under the wrong keys.
                raise SourceError(
                    f"`{self._name}`: the file of `lookup` holds a row that cannot be read",
                    where=f"{row.file}:{row.line}",
                    why=row.reason,
                    next_step="mend or remove that row",
                )
            raw.append(row)
        second = frame_of_rows(raw).drop(FILE, LINE)
        if "row" not in second.columns:
            return second.with_row_index("row")
        if self._lookup.equals == "row":
            raise SourceError(
                f"`{self._name}`: `lookup` goes by row number, but the file has a column `row`",
                where=self._path,
                next_step="name another column with `equals`, or rename `row` in the file",
            )
        return second

    def _require(self, column: str, table: pl.DataFrame) -> None:
        if column not in table.columns:
            raise SourceError(
                f"`{self._name}`: `lookup` names a column that does not exist: {column}",
                where=self._path,
                why=f"the columns are: {', '.join(visible(table.columns))}",
                next_step="correct `lookup`",
            )

    def _keyed(self, table: pl.DataFrame, column: str) -> pl.DataFrame:
        try:
            return table.with_columns(pl.col(column).cast(pl.String).alias(KEY))
        except PolarsError as error:
            raise SourceError(
                f"`{self._name}`: `lookup` cannot compare the column `{column}`",
                where=self._path,
                why=f"its values are no text or numbers, but {table.schema[column]}",
                next_step="name a column of text or numbers with `key` and `equals`",
            ) from error
