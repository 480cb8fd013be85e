"""Raw rows side by side as a frame, without losing or bending any cell."""

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl
import pyarrow as pa
from polars.exceptions import PolarsError

from doitkit.core.errors import SourceError
from doitkit.source.raw import RawRow

FILE, LINE, KEY, STRATUM = "__file", "__line", "__key", "__stratum"
OWN = frozenset({FILE, LINE, KEY, STRATUM})
EXACT = 1 << 53
"""Beyond it, a whole number may not be one of the floats."""
OPEN_OBJECTS = ("arguments", "parameters")
"""Names of objects, in the calls and descriptions of tools, whose keys are different in each."""

_MAX_DEPTH = 16


def frame_of_rows(raw: Sequence[RawRow]) -> pl.DataFrame:
    """Return raw rows as a frame, with `__file` and `__line` beside their own columns.

    Arrow finds the type of a column, since it looks at every cell: Polars decides by the first
    ones, and then drops a key that it has not seen, or the fraction of a number, in silence. A
    column that no one type holds exactly becomes text, with lists and objects as JSON text: the
    formats read lists back from that, so that one odd row does not spoil the others. So does a
    column of lists that hold calls of tools.

    Raises
    ------
    SourceError
        If a row has a column of a name that stands for something else here.
    """
    names: dict[str, None] = {}
    for row in raw:
        names.update(dict.fromkeys(row.value))
    if not all(map(_may_be_named, names)):
        for row in raw:
            refuse_names(row.value, f"{row.file}:{row.line}")
    columns = [_column(name, [row.value.get(name) for row in raw]) for name in names]
    columns.append(pl.Series(FILE, [row.file for row in raw], dtype=pl.String))
    columns.append(pl.Series(LINE, [row.line for row in raw], dtype=pl.Int64))
    return pl.DataFrame(columns)


def _column(name: str, cells: list[Any]) -> pl.Series:
    kinds = {type(cell) for cell in cells if cell is not None}
    # Arrow takes true for 1.0 among numbers.
    mixed = bool in kinds and len(kinds) > 1
    if not mixed and not any(_is_unfit(cell, _MAX_DEPTH) for cell in cells):
        try:
            return pl.Series(name, pa.array(cells))
        except (pa.ArrowException, PolarsError, OverflowError):
            pass
    return pl.Series(name, [as_text(cell) for cell in cells], dtype=pl.String)


def _is_unfit(value: Any, depth: int, *, in_list: bool = False) -> bool:
    """Say whether Arrow would change a value, or not survive it.

    It has no guard against lists and objects that lie deep in one another. And it gives all
    objects of a column the same keys, which is no harm but to the arguments of a call of a tool,
    where a key that was not given says something.
    """
    if isinstance(value, dict):
        if in_list and any(isinstance(value.get(key), dict) for key in OPEN_OBJECTS):
            return True
        inner = list(value.values())
    elif isinstance(value, list):
        inner, in_list = value, True
    else:
        return False
    return depth == 0 or any(_is_unfit(element, depth - 1, in_list=in_list) for element in inner)


def as_text(value: Any) -> str | None:
    """Return a cell as text: lists and objects as JSON text. A cell that is no number is none."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else number_text(value)
    if isinstance(value, bool | int | list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def number_text(value: float) -> str:
    """Return a number as text: a column that holds 3 and 2.5 must not make "3.0" of 3."""
    return f"{value:.0f}" if value.is_integer() and abs(value) < EXACT else str(value)


def visible(columns: Iterable[str]) -> list[str]:
    """Return the columns that are the file's own."""
    return [column for column in columns if column not in OWN]


def refuse_names(columns: Iterable[str], where: str) -> None:
    """Raise a `SourceError` if a column has a name that no frame of rows can have."""
    for column in columns:
        if _may_be_named(column):
            continue
        name = column.replace("\0", "\\0")
        raise SourceError(
            f"a row has a field `{name}`, "
            + ("a name that doitkit needs for itself" if column in OWN else "whose name holds NUL"),
            where=where,
            next_step="rename that field in the file",
        )


def _may_be_named(column: str) -> bool:
    # Arrow hands names on as C strings, which end at the first NUL.
    return column not in OWN and "\0" not in column
