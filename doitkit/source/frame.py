"""Raw rows side by side as a frame, without losing or bending any cell."""

import json
from collections.abc import Sequence
from typing import Any

import polars as pl
import pyarrow as pa
from polars.exceptions import PolarsError

from doitkit.core.errors import SourceError
from doitkit.source.raw import RawRow

FILE, LINE, KEY = "__file", "__line", "__key"
_OWN = (FILE, LINE, KEY)

_MAX_DEPTH = 16


def frame_of_rows(raw: Sequence[RawRow]) -> pl.DataFrame:
    """Return raw rows as a frame, with `__file` and `__line` beside their own columns.

    Arrow finds the type of a column, since it looks at every cell: Polars decides by the first
    ones, and then drops a key that it has not seen, or the fraction of a number, in silence. A
    column that no one type holds exactly becomes text, with lists and objects as JSON text: the
    formats read lists back from that, so that one odd row does not spoil the others.

    Raises
    ------
    SourceError
        If a row has a column of a name that stands for something else here.
    """
    names: dict[str, None] = {}
    for row in raw:
        for own in _OWN:
            if own in row.value:
                raise SourceError(
                    f"a row has a field `{own}`, a name that doitkit needs for itself",
                    where=f"{row.file}:{row.line}",
                    next_step="rename that field in the file",
                )
        names.update(dict.fromkeys(row.value))
    columns = [_column(name, [row.value.get(name) for row in raw]) for name in names]
    columns.append(pl.Series(FILE, [row.file for row in raw], dtype=pl.String))
    columns.append(pl.Series(LINE, [row.line for row in raw], dtype=pl.Int64))
    return pl.DataFrame(columns)


def _column(name: str, cells: list[Any]) -> pl.Series:
    kinds = {type(cell) for cell in cells if cell is not None}
    # Arrow takes true for 1.0 among numbers.
    mixed = bool in kinds and len(kinds) > 1
    if not mixed and not any(_deeper_than(cell, _MAX_DEPTH) for cell in cells):
        try:
            return pl.Series(name, pa.array(cells))
        except (pa.ArrowException, PolarsError, OverflowError):
            pass
    return pl.Series(name, [_as_text(cell) for cell in cells], dtype=pl.String)


def _deeper_than(value: Any, depth: int) -> bool:
    """Say whether lists and objects lie deeper in one another; Arrow has no guard of its own."""
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return False
    return depth == 0 or any(_deeper_than(element, depth - 1) for element in value)


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
