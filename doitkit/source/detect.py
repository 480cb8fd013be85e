"""What the rows of a file mean: the first meaning by which the reader reads them.

A meaning is tried on the rows at hand, by the code that will read them later, before it counts.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import polars as pl
from polars.exceptions import PolarsError

from doitkit.core.errors import SourceError
from doitkit.recipe.data import COLUMNS
from doitkit.source.expressions import fields_of_elements
from doitkit.source.formats import Chat, RowError, interpret, required_columns
from doitkit.source.frame import FILE, LINE, frame_of_rows
from doitkit.source.meaning import Meaning, meanings
from doitkit.source.raw import RawRow, elements_of

_MOST = 0.95
"""A meaning that reads this share of the rows is not bettered by one that reads more."""
_LEAST = 0.5
_BARE = 3
"""An answer of this many characters is a letter or a number, and teaches little."""
_SHOWN_COLUMNS = 12


@dataclass(frozen=True)
class Detected:
    """The meaning of rows, and what they are by it; or why none was found."""

    meaning: Meaning | None
    chats: tuple[Chat, ...] = ()
    lines: tuple[int, ...] = ()
    """The line on which each of these stood."""
    share: float = 0.0
    """Of the rows tried, how many could be read."""
    why: str | None = None
    """Why some rows cannot be read, or why none can."""


def detect(rows: Sequence[RawRow]) -> Detected:
    """Return what `rows` mean. A row that holds a list of rows is taken apart if it must be."""
    if not rows:
        return Detected(None, why="there is no row in it")
    try:
        frame = frame_of_rows(rows)
    except SourceError as error:
        return Detected(None, why=error.what)
    best = _best(frame)
    if best is not None and best.share >= _LEAST:
        return best
    lists_of_objects = [column for column in frame.columns if fields_of_elements(frame, column)]
    for column in lists_of_objects:
        taken_apart = [element for row in rows for element in elements_of(row, column)]
        inner = _best(frame_of_rows(taken_apart))
        if inner is not None and inner.meaning is not None and inner.share >= _LEAST:
            return replace(inner, meaning=replace(inner.meaning, explode=column))
    return Detected(None, why=_why_not(frame, best))


def _best(frame: pl.DataFrame) -> Detected | None:
    best: Detected | None = None
    for meaning in meanings(frame):
        found = _tried(frame, meaning)
        if best is None or _rank(found) > _rank(best):
            best = found
        if _rank(best) == (_MOST, True):
            break
    return best


def _rank(found: Detected) -> tuple[float, bool]:
    telling = found.meaning is not None and found.meaning.format == "multiple_choice"
    if found.chats and not telling:
        telling = median(len(chat.messages[-1]["content"]) for chat in found.chats) > _BARE
    # Not to the last row: an odd one must not decide between two meanings.
    return (_MOST if found.share >= _MOST else round(found.share, 1)), telling


def _tried(frame: pl.DataFrame, meaning: Meaning) -> Detected:
    declared = dict(meaning.columns)
    known = [c for c in COLUMNS[meaning.format] if c in declared or c in frame.columns]
    missing = set(required_columns(meaning.format)) - set(known)
    if missing:
        return Detected(meaning, why=f"there is no `{min(missing)}`")
    try:
        kept = frame.filter(pl.sql_expr(meaning.where)) if meaning.where else frame
        columns = [pl.sql_expr(declared.get(c, f'"{c}"')).alias(c) for c in known]
        picked = kept.select(pl.col(LINE), *columns)
    except (PolarsError, ValueError, TypeError) as error:
        return Detected(meaning, why=str(error).splitlines()[0])
    chats: list[Chat] = []
    lines: list[int] = []
    reasons: Counter[str] = Counter()
    for row in picked.iter_rows(named=True):
        try:
            chats.append(interpret(meaning.format, row))
            lines.append(row[LINE])
        except RowError as error:
            reasons[str(error)] += 1
    why = reasons.most_common(1)[0][0] if reasons else None
    return Detected(meaning, tuple(chats), tuple(lines), len(chats) / frame.height, why)


def _why_not(frame: pl.DataFrame, best: Detected | None) -> str:
    if best is not None and best.why is not None:
        return best.why
    columns = [column for column in frame.columns if column not in (FILE, LINE)]
    for column in columns:
        if {"from", "value"} <= fields_of_elements(frame, column):
            return f"`{column}` holds chats of `from` and `value`; `role` and `content` are read"
    if len(columns) == 1 and any(mark in columns[0] for mark in ";\t"):
        return "its columns are not separated by commas"
    if all(re.fullmatch("column_[0-9]+", column) for column in columns):
        return f"its {len(columns)} columns have no names"
    shown = ", ".join(columns[:_SHOWN_COLUMNS]) + (", ..." if len(columns) > _SHOWN_COLUMNS else "")
    return f"no prompt with its answer among the columns: {shown}"
