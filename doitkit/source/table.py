"""From raw rows to the canonical columns of a format, by the recipe's own SQL expressions."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from doitkit.core.errors import SourceError
from doitkit.recipe.data import COLUMNS, Lookup, Rows
from doitkit.source.drawn import drawn_rows
from doitkit.source.files import read_raw, resolve
from doitkit.source.frame import FILE, KEY, LINE, frame_of_rows
from doitkit.source.raw import RawRow, Unreadable, elements_of, unreadable

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Table:
    """The rows of a source in canonical columns, and the account of the others."""

    frame: pl.DataFrame
    """The canonical columns of the format that exist, and `__file` and `__line`."""
    unreadable: list[Unreadable]
    columns: list[str]
    """The columns of the files, for messages."""
    filtered: int
    """How many rows the recipe's `where` left out: these were not asked for, so they are
    counted but are neither kept nor rejected."""
    stands_for: float = 1.0
    """How many rows of the files each row stands for: more than one in a sample."""


def read_table(name: str, rows: Rows, data_folder: Path | str, most: int | None = None) -> Table:
    """Read the files of `rows` into a frame of canonical columns.

    Parameters
    ----------
    most
        Draw about this many rows of each file, for an estimate; all if not given.
    """
    raw: list[RawRow] = []
    bad: list[Unreadable] = []
    total = 0
    for path in resolve(name, rows.path, data_folder):
        found: Iterable[RawRow | Unreadable]
        if most is None:
            found = read_raw(path, header=rows.header, records_at=rows.records_at)
        else:
            found, held = drawn_rows(
                path,
                most,
                keys=_named(rows),
                header=rows.header,
                records_at=rows.records_at,
            )
            total += held
        for row in found:
            if isinstance(row, RawRow):
                raw.append(row)
            else:
                bad.append(row)
    stands_for = max(total, 1) / max(len(raw) + len(bad), 1) if most is not None else 1.0
    if rows.explode is not None:
        raw = _exploded(name, raw, rows.explode, bad)
    if not raw:
        empty = pl.DataFrame(schema={FILE: pl.String, LINE: pl.Int64})
        return Table(empty, bad, [], 0, stands_for)
    frame = frame_of_rows(raw)
    if rows.lookup is not None:
        frame = _joined(name, frame, rows.lookup, data_folder)
    before = frame.height
    if rows.where is not None:
        with _explained(name, frame, "where", rows.where):
            frame = frame.filter(_row_by_row(frame, rows.where))
    filtered = before - frame.height
    return Table(_selected(name, frame, rows), bad, _visible(frame), filtered, stands_for)


def _named(rows: Rows) -> set[str]:
    """Return the columns of the file that a recipe names, or that its format takes by name."""
    words = {word for text in rows.columns.values() for word in _WORD.findall(text)}
    joined = {rows.explode, rows.lookup.key if rows.lookup is not None else None}
    return words | set(COLUMNS[rows.format]) | {name for name in joined if name is not None}


def _exploded(name: str, raw: list[RawRow], column: str, bad: list[Unreadable]) -> list[RawRow]:
    if raw and not any(column in row.value for row in raw):
        raise SourceError(
            f"`{name}`: `explode` names no column of the file",
            where=raw[0].file,
            why=f"the columns are: {', '.join(raw[0].value)}",
            next_step="correct `explode`",
        )
    result: list[RawRow] = []
    for row in raw:
        elements = elements_of(row, column)
        if not elements:
            held = row.value.get(column)
            reason = f"`{column}` is {'an empty list' if held == [] else 'not a list'}"
            bad.append(unreadable(Path(row.file), row.line, reason, str(row.value)))
        result += elements
    return result


def _joined(
    name: str, frame: pl.DataFrame, lookup: Lookup, data_folder: Path | str
) -> pl.DataFrame:
    path = resolve(name, lookup.path, data_folder)[0]
    raw: list[RawRow] = []
    for row in read_raw(path):
        if isinstance(row, Unreadable):
            # Leaving it out would shift the rows after it under the wrong keys.
            raise SourceError(
                f"`{name}`: the file of `lookup` holds a row that cannot be read",
                where=f"{row.file}:{row.line}",
                why=row.reason,
                next_step="mend or remove that row",
            )
        raw.append(row)
    second = frame_of_rows(raw).drop(FILE, LINE)
    if "row" not in second.columns:
        second = second.with_row_index("row")
    elif lookup.equals == "row":
        raise SourceError(
            f"`{name}`: `lookup` goes by row number, but the file has a column `row`",
            where=path,
            next_step="name another column with `equals`, or rename `row` in the file",
        )
    for column, table in ((lookup.key, frame), (lookup.equals, second)):
        if column not in table.columns:
            raise SourceError(
                f"`{name}`: `lookup` names a column that does not exist: {column}",
                where=path,
                why=f"the columns are: {', '.join(_visible(table))}",
                next_step="correct `lookup`",
            )
    keyed = _keyed(name, second, lookup.equals, path)
    repeated = keyed.filter(pl.col(KEY).is_duplicated())
    if repeated.height:
        raise SourceError(
            f"`{name}`: `lookup` finds several rows for one key",
            where=path,
            why=f"`{lookup.equals}` is `{repeated[KEY][0]}` more than once",
            next_step="choose a column whose values differ, or remove the repeats",
        )
    clashing = [c for c in second.columns if c in frame.columns]
    return (
        _keyed(name, frame, lookup.key, path)
        .join(keyed.drop(clashing), on=KEY, how="left", maintain_order="left")
        .drop(KEY)
    )


def _keyed(name: str, table: pl.DataFrame, column: str, path: Path) -> pl.DataFrame:
    try:
        return table.with_columns(pl.col(column).cast(pl.String).alias(KEY))
    except PolarsError as error:
        raise SourceError(
            f"`{name}`: `lookup` cannot compare the column `{column}`",
            where=path,
            why=f"its values are no text or numbers, but {table.schema[column]}",
            next_step="name a column of text or numbers with `key` and `equals`",
        ) from error


def _selected(name: str, frame: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    known = COLUMNS[rows.format]
    for column in rows.columns:
        if column not in known:
            raise SourceError(
                f"`{name}`: format {rows.format} has no column `{column}`",
                why=f"it has: {', '.join(known)}",
                next_step="correct `columns`",
            )
    picked = [pl.col(FILE), pl.col(LINE)]
    shown = "; ".join(f"{column}: {expression}" for column, expression in rows.columns.items())
    with _explained(name, frame, "columns", shown):
        for column in known:
            if column in rows.columns:
                picked.append(_row_by_row(frame, rows.columns[column]).alias(column))
            elif column in frame.columns:
                picked.append(pl.col(column))
        return frame.select(picked)


def _row_by_row(frame: pl.DataFrame, expression: str) -> pl.Expr:
    """Return an expression that says something about each row, or is a constant.

    Polars would spread the one value of an aggregate over all rows in silence. A row seen twice
    shows which is which: only a constant gives one value for it, and the same one for no row.
    """
    parsed = pl.sql_expr(expression)
    twice = pl.concat([frame.head(1)] * 2).select(parsed)
    if twice.height < 2 * min(1, frame.height) and not frame.head(0).select(parsed).equals(twice):
        raise ValueError(f"`{expression}` gives one value for all rows together")
    return parsed


@contextmanager
def _explained(name: str, frame: pl.DataFrame, key: str, shown: str) -> Iterator[None]:
    """Turn what Polars says of an expression into an error about the recipe's `key`.

    Expressions are parsed one by one and never as a whole query: a query could read other files,
    whose contents would decide about rows without entering the address of the build.
    """
    try:
        yield
    except (PolarsError, ValueError, TypeError) as error:
        raise SourceError(
            f"`{name}`: `{key}` cannot be carried out",
            where=shown,
            why=f"{str(error).splitlines()[0]}; the columns are: {', '.join(_visible(frame))}",
            next_step=f"correct `{key}`: a Polars SQL expression over these columns",
        ) from error


def _visible(frame: pl.DataFrame) -> list[str]:
    return [column for column in frame.columns if column not in (FILE, LINE)]
