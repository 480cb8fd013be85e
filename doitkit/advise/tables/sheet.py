"""A table of a user's own, cell by cell, so that whatever is wrong with it has a place."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doitkit.core.errors import SourceError, UsageError
from doitkit.recipe.diagnostics import listed
from doitkit.source.files import read_raw
from doitkit.source.raw import Unreadable

RUN_COLUMNS = ("run", "run_id", "index", "id", "")
"""What names a run, the first of these that is there; a column without a name is an index."""
_MOST = 1e15
"""No amount or score is meant to be larger."""
_NOTHING = {"", "nan", "na", "n/a", "null", "none", "-"}


@dataclass(frozen=True)
class Row:
    """A row, and the line of its file (parquet: its number) where it begins."""

    line: int
    cells: dict[str, Any]


@dataclass(frozen=True)
class Sheet:
    """A table as it stands in its file.

    Attributes
    ----------
    file
        Its name, without the folders.
    """

    file: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def where(self, row: Row, column: str) -> str:
        """Return the place of a cell: file, line and column."""
        return f"{self.file}:{row.line}:{column or '(the first column)'}"

    def places(self, rows: Sequence[Row], column: str) -> str:
        """Return the places of several cells of one column, as many as fit in a line or two."""
        return f"{self.file}, `{column}`, line " + listed(str(row.line) for row in rows)

    def has(self, column: str) -> bool:
        """Say whether there is such a column."""
        return column in self.columns

    def first(self, *names: str) -> str | None:
        """Return the first of some columns that is there."""
        return next((name for name in names if name in self.columns), None)

    def run_column(self) -> str:
        """Return the column that names the runs."""
        found = self.first(*RUN_COLUMNS)
        if found is None:
            raise UsageError(
                "no column names the runs",
                code="E402",
                where=self.file,
                why=f"its columns are {listed(self.columns)}",
                next_step="name the runs in a column `run` (`index` is taken, too), alike in both "
                "tables",
            )
        return found

    def text(self, row: Row, column: str) -> str:
        """Return a cell that must hold a name."""
        value = row.cells.get(column)
        # A table of columns holds a run's number as 1.0 where another holds it as 1.
        found = str(int(value)) if isinstance(value, float) and value == int(value) else str(value)
        if value is None or found.strip().lower() in _NOTHING - {"-", "none", "na"}:
            raise UsageError(
                "a name is missing",
                code="E403",
                where=self.where(row, column),
                next_step="fill the cell",
            )
        return found.strip()

    def number(self, row: Row, column: str) -> float | None:
        """Return the number in a cell, or None where it is empty or says that there is none.

        Raises
        ------
        UsageError
            If the cell holds something else.
        """
        value = row.cells.get(column)
        if isinstance(value, bool):
            return float(value)
        if value is None or (isinstance(value, str) and value.strip().lower() in _NOTHING):
            return None
        try:
            found = float(value)
        except (TypeError, ValueError):
            found = math.inf
        if math.isnan(found):
            return None
        if abs(found) > _MOST or (isinstance(value, str) and "_" in value):
            raise UsageError(
                f"`{str(value)[:40]}` is no number that can be meant",
                code="E403",
                where=self.where(row, column),
                next_step="write plain numbers such as 1200 or 0.35, without separators, units or "
                "signs of percent; leave columns out that hold text",
            )
        return found

    def amount(self, row: Row, column: str) -> float:
        """Return a number that must be there and cannot be negative."""
        found = self.number(row, column)
        if found is None:
            raise UsageError(
                "an amount of data is missing",
                code="E403",
                where=self.where(row, column),
                next_step="say 0 where a run holds nothing",
            )
        if found < 0:
            raise UsageError(
                f"a run cannot hold {found:g} of something",
                code="E403",
                where=self.where(row, column),
                next_step="correct the amount",
            )
        return found

    def flag(self, row: Row, column: str) -> bool | None:
        """Return whether a cell says yes, or None where it says nothing."""
        value = str(row.cells.get(column, "")).strip().lower()
        if value in _NOTHING:
            return None
        if value in ("true", "yes", "1", "1.0", "false", "no", "0", "0.0"):
            return value in ("true", "yes", "1", "1.0")
        raise UsageError(
            f"`{value[:40]}` is neither true nor false",
            code="E403",
            where=self.where(row, column),
            next_step="write true or false",
        )


def read_sheet(path: Path) -> Sheet:
    """Read a table of .csv, .parquet, .arrow, .jsonl or .json.

    Raises
    ------
    UsageError
        If it cannot be read, holds no row, or has two columns of one name.
    """
    rows: list[Row] = []
    columns: dict[str, None] = {}
    try:
        for found in read_raw(path):
            if isinstance(found, Unreadable):
                raise UsageError(
                    "a line of the table cannot be read",
                    code="E401",
                    where=f"{path.name}:{found.line}",
                    why=found.reason,
                    next_step="correct the line, or leave it out",
                )
            cells = {str(key).strip(): value for key, value in found.value.items()}
            columns.update(dict.fromkeys(cells))
            if any(value not in (None, "") for value in cells.values()):
                rows.append(Row(found.line, cells))
    except SourceError as error:
        raise UsageError(
            error.what, code="E401", where=path.name, why=error.why, next_step=error.next_step
        ) from error
    if not rows:
        raise UsageError(
            "the table holds no row",
            code="E401",
            where=path.name,
            next_step="give one line of column names, and below it a row for each run",
        )
    if len(columns) == 1:
        raise UsageError(
            "the table has a single column",
            code="E401",
            where=path.name,
            why=f"it is `{next(iter(columns))[:60]}`",
            next_step="separate the columns with commas",
        )
    return Sheet(path.name, tuple(columns), tuple(rows))
