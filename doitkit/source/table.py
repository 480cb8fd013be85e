"""From raw rows to the canonical columns of a format, by the recipe's own SQL expressions."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from doitkit.core.errors import SourceError
from doitkit.recipe.data import Lookup, Rows
from doitkit.source.raw import RawRow, Unreadable, read_raw

FILE, LINE = "__file", "__line"


def read_table(
    name: str, rows: Rows, data_folder: Path
) -> tuple[pl.DataFrame, list[Unreadable], int]:
    """Read the files of `rows` into a frame of canonical columns.

    Returns
    -------
    frame
        The canonical columns of the format that exist, and `__file` and `__line`.
    unreadable
        Rows that could not be read.
    filtered
        How many rows the recipe's `where` left out: these were not asked for, so they are
        counted but are neither kept nor rejected.
    """
    raw: list[RawRow] = []
    unreadable: list[Unreadable] = []
    for path in resolve(name, rows.path, data_folder):
        for row in read_raw(path, header=rows.header, records_at=rows.records_at):
            if isinstance(row, RawRow):
                raw.append(row)
            else:
                unreadable.append(row)
    raw = _exploded(name, raw, rows.explode, unreadable)
    if not raw:
        return pl.DataFrame(schema={FILE: pl.String, LINE: pl.Int64}), unreadable, 0
    frame = frame_of_rows(raw)
    if rows.lookup is not None:
        frame = _joined(name, frame, rows.lookup, data_folder)
    before = frame.height
    if rows.where is not None:
        frame = _sql(name, frame, f"SELECT * FROM self WHERE {rows.where}", "where", rows.where)
    filtered = before - frame.height
    return _selected(name, frame, rows), unreadable, filtered


def resolve(name: str, patterns: str | list[str], data_folder: Path) -> list[Path]:
    """Return the files that `patterns` name, in the order of the patterns, each sorted.

    Raises
    ------
    SourceError
        If a pattern names no file.
    """
    found: list[Path] = []
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        path = data_folder / pattern
        matches = [path] if path.is_file() else []
        if not matches and any(c in pattern for c in "*?["):
            matches = sorted(p for p in data_folder.glob(pattern) if p.is_file())
        if not matches:
            raise SourceError(
                f"`{name}`: no such file",
                where=path,
                why=None if data_folder.is_dir() else f"there is no folder {data_folder}",
                next_step="correct `path` or `data_root` in the recipe, or give --data FOLDER",
            )
        found += matches
    return found


def frame_of_rows(raw: list[RawRow]) -> pl.DataFrame:
    """Return raw rows as a frame.

    A column of mixed kinds becomes JSON text: nothing is lost, and the formats read lists back
    from it, so that one odd row does not spoil the others.
    """
    names: dict[str, None] = {}
    for row in raw:
        names.update(dict.fromkeys(row.value))
    columns = {name: _column(name, (row.value.get(name) for row in raw)) for name in names}
    columns[FILE] = pl.Series(FILE, [row.file for row in raw], dtype=pl.String)
    columns[LINE] = pl.Series(LINE, [row.line for row in raw], dtype=pl.Int64)
    return pl.DataFrame(list(columns.values()))


def _column(name: str, cells: Iterable[Any]) -> pl.Series:
    values = list(cells)
    kinds = {_kind(value) for value in values if value is not None}
    if len(kinds) <= 1 or kinds == {"int", "float"}:
        try:
            return pl.Series(name, values, strict=kinds != {"int", "float"})
        except (PolarsError, TypeError, OverflowError):
            pass
    return pl.Series(name, [_as_text(value) for value in values], dtype=pl.String)


def _kind(value: Any) -> str:
    return type(value).__name__


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _exploded(
    name: str, raw: list[RawRow], column: str | None, unreadable: list[Unreadable]
) -> list[RawRow]:
    if column is None:
        return raw
    if raw and not any(column in row.value for row in raw):
        raise SourceError(
            f"`{name}`: `explode` names no column of the file",
            where=raw[0].file,
            why=f"the columns are: {', '.join(raw[0].value)}",
            next_step="correct `explode`",
        )
    result: list[RawRow] = []
    for row in raw:
        elements = row.value.get(column)
        if not isinstance(elements, list):
            reason = f"`{column}` is not a list"
            unreadable.append(Unreadable(row.file, row.line, reason, str(elements)[:200]))
            continue
        rest = {key: value for key, value in row.value.items() if key != column}
        for element in elements:
            inner = element if isinstance(element, dict) else {column: element}
            result.append(RawRow(row.file, row.line, {**rest, **inner}))
    return result


def _joined(name: str, frame: pl.DataFrame, lookup: Lookup, data_folder: Path) -> pl.DataFrame:
    path = resolve(name, lookup.path, data_folder)[0]
    raw = [row for row in read_raw(path, header=True, records_at=None) if isinstance(row, RawRow)]
    second = frame_of_rows(raw).drop(FILE, LINE).with_row_index("row")
    for column, table in ((lookup.key, frame), (lookup.equals, second)):
        if column not in table.columns:
            raise SourceError(
                f"`{name}`: `lookup` names a column that does not exist: {column}",
                where=path,
                why=f"the columns are: {', '.join(c for c in table.columns if c != FILE)}",
                next_step="correct `lookup`",
            )
    keyed = second.with_columns(pl.col(lookup.equals).cast(pl.String).alias("__key"))
    clashing = [c for c in second.columns if c in frame.columns]
    return (
        frame.with_columns(pl.col(lookup.key).cast(pl.String).alias("__key"))
        .join(keyed.drop(clashing), on="__key", how="left", maintain_order="left")
        .drop("__key")
    )


def _selected(name: str, frame: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    known = canonical_columns(rows.format)
    for column in rows.columns:
        if column not in known:
            raise SourceError(
                f"`{name}`: format {rows.format} has no column `{column}`",
                why=f"it has: {', '.join(known)}",
                next_step="correct `columns`",
            )
    parts = [f'"{c}"' for c in (FILE, LINE)]
    for column in known:
        if column in rows.columns:
            parts.append(f'({rows.columns[column]}) AS "{column}"')
        elif column in frame.columns:
            parts.append(f'"{column}"')
    shown = "; ".join(f"{c}: {e}" for c, e in rows.columns.items())
    return _sql(name, frame, f"SELECT {', '.join(parts)} FROM self", "columns", shown)


def canonical_columns(form: str) -> tuple[str, ...]:
    """Return the columns that a format knows, the required ones first."""
    return {
        "messages": ("messages",),
        "alpaca": ("instruction", "output", "input", "system"),
        "prompt_completion": ("prompt", "completion", "system", "choices"),
        "multiple_choice": ("prompt", "choices", "answer", "completion", "system"),
    }[form]


def _sql(name: str, frame: pl.DataFrame, query: str, key: str, shown: str) -> pl.DataFrame:
    try:
        return frame.sql(query)
    except (PolarsError, ValueError, TypeError) as error:
        columns = [c for c in frame.columns if c not in (FILE, LINE)]
        raise SourceError(
            f"`{name}`: `{key}` cannot be carried out",
            where=shown,
            why=f"{str(error).splitlines()[0]}; the columns are: {', '.join(columns)}",
            next_step=f"correct `{key}`: a Polars SQL expression over these columns",
        ) from error
