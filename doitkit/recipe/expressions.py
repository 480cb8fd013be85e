"""Paths, SQL expressions and patterns of a recipe: checked before a file is touched."""

import os
import re
import warnings
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from doitkit.core.addresses import remote_address
from doitkit.recipe.data import COLUMNS, Rows
from doitkit.recipe.diagnostics import Found, did_you_mean
from doitkit.recipe.document import Path
from doitkit.recipe.flaw import shown
from doitkit.recipe.model import Recipe

if TYPE_CHECKING:
    import polars as pl

_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")
_OPERATOR = re.compile(r"[^\w\s.]+|\b(?:and|or|not|like|is|in|between)\b", re.IGNORECASE)
MOST_CHARACTERS = 10_000
MOST_OPERATORS = 500
_MOST_WORK = 4_000_000
"""Operators squared, over all expressions: so does the time grow that Polars takes for them."""
_CARRIED_OUT = 4
"""To carry out a condition takes so many times the work that it takes to parse it."""
MOST_IN_PATTERN = 1_000
MOST_GROUPS = 50

FILTER_COLUMNS = (
    "prompt",
    "answer",
    "text",
    "system",
    "turns",
    "source",
    "ability",
    "origin",
    "generator",
    "license",
)
"""The columns over which `curate.filters.where` may be said: texts, but for the number `turns`."""


def expression_problems(recipe: Recipe) -> Found:
    """Yield what is wrong with the paths, expressions and patterns of sources and item sets."""
    checker = _Expressions()
    # By the words of the path alone: links may lead elsewhere on purpose.
    root = os.path.normpath(FilePath.cwd() / recipe.data_folder)
    for path, rows in _all_rows(recipe):
        yield from _paths(root, path, rows)
        if rows.where is not None:
            yield from checker.problems((*path, "where"), rows.where)
        if rows.stratum is not None:
            yield from checker.problems((*path, "stratify", "by"), rows.stratum)
        for column, expression in rows.columns.items():
            if column not in COLUMNS[rows.format]:
                what = f"the format {rows.format} has no column `{shown(column)}`"
                step = did_you_mean(column, COLUMNS[rows.format])
                yield (*path, "columns", column), "E120", what, step
            yield from checker.problems((*path, "columns", column), expression)
    for name, declared in recipe.evaluation_sets().items():
        if declared.extract is not None:
            yield from _pattern(("abilities", name, "evaluate", "extract"), declared.extract)
    for name, expression in recipe.curate.filters.where.items():
        yield from checker.condition_problems(("curate", "filters", "where", name), expression)


def condition(expression: str) -> "pl.Expr":
    """Parse an expression of `curate.filters.where`.

    Raises
    ------
    ValueError, polars.exceptions.PolarsError, polars.exceptions.PanicException
        If it cannot be read, looks at several rows, names an unknown column, or is neither true
        nor false. These are `doitkit.core.expressions.FAULTS`.
    """
    import polars as pl

    from doitkit.core.expressions import row_by_row

    parsed = row_by_row(expression)
    types = {name: pl.UInt32 if name == "turns" else pl.String for name in FILTER_COLUMNS}
    given = pl.DataFrame(schema=types).select(parsed)
    if given.dtypes != [pl.Boolean]:
        raise ValueError(f"it gives {', '.join(map(str, given.dtypes))}, not true or false")
    return parsed


def _all_rows(recipe: Recipe) -> Iterator[tuple[Path, Rows]]:
    for name, source in recipe.file_sources().items():
        yield ("sources", name), source
    for name, declared in recipe.evaluation_sets().items():
        yield ("abilities", name, "evaluate"), declared
    for name, further in recipe.curate.against.items():
        yield ("curate", "against", name), further


def _paths(root: str, path: Path, rows: Rows) -> Found:
    declared: list[tuple[Path, str]] = [((*path, "path"), rows.paths[0])]
    if isinstance(rows.path, list):
        declared = [((*path, "path", at), text) for at, text in enumerate(rows.path)]
    if rows.lookup is not None:
        declared.append(((*path, "lookup", "path"), rows.lookup.path))
    for place, text in declared:
        if not text.strip():
            yield place, "E126", "`path` is empty", "name a file"
        elif _outside(root, text):
            what = f"`{shown(text)}` lies outside the data folder"
            yield place, "E130", what, "name a file below `data_root`, or move `data_root` up"


def _outside(root: str, text: str) -> bool:
    if remote_address(text) is not None:
        return False
    target = os.path.normpath(FilePath(root) / text)
    return os.path.commonpath([root, target]) != root


class _Expressions:
    """Checks SQL expressions, and keeps count of the work that this takes."""

    def __init__(self) -> None:
        self._work = 0
        self._sound: set[str] = set()

    def problems(self, place: Path, expression: str) -> Found:
        """Yield what is wrong with an expression over columns that are not yet known."""
        if _COLUMN.match(expression) or expression in self._sound:
            return
        large = self._too_large(expression, 1)
        if large is not None:
            yield place, "E108", *large
            return
        fault = _fault_of(expression)
        if fault is not None:
            step = (
                "write a Polars SQL expression over the columns of the file; names in double "
                "quotes, texts in single ones"
            )
            yield place, "E129", f"not a Polars SQL expression: {shown(fault)}", step
        else:
            self._sound.add(expression)

    def condition_problems(self, place: Path, expression: str) -> Found:
        """Yield what is wrong with a condition over `FILTER_COLUMNS`."""
        from doitkit.core.expressions import FAULTS

        large = self._too_large(expression, _CARRIED_OUT)
        if large is not None:
            yield place, "E108", *large
            return
        try:
            condition(expression)
        except FAULTS as error:
            step = f"write a Polars SQL expression over: {', '.join(FILTER_COLUMNS)}"
            yield place, "E129", f"not a condition on a row: {shown(_said(error))}", step

    def _too_large(self, expression: str, times: int) -> tuple[str, str] | None:
        """Say what is too large, and what to do; if nothing is, count the work."""
        operators = len(_OPERATOR.findall(_LITERAL.sub(" ", expression)))
        if len(expression) > MOST_CHARACTERS or operators > MOST_OPERATORS:
            return (
                f"the expression has {len(expression):,} characters, {operators:,} operators",
                f"write at most {MOST_CHARACTERS:,}, and {MOST_OPERATORS:,} operators",
            )
        self._work += times * operators**2
        if self._work > _MOST_WORK:
            return (
                "the expressions of this recipe are too long, taken together",
                "write shorter ones, or prepare the data files",
            )
        return None


def _fault_of(expression: str) -> str | None:
    # Polars takes a tenth of a second to load: only where an expression is more than a name.
    from doitkit.core.expressions import FAULTS, row_by_row

    try:
        row_by_row(expression)
    except FAULTS as error:
        return _said(error)
    return None


def _said(error: BaseException) -> str:
    return str(error).split("\n", 1)[0] or "it cannot be read"


def _pattern(place: Path, pattern: str) -> Found:
    groups = pattern.count("(")
    if len(pattern) > MOST_IN_PATTERN or groups > MOST_GROUPS:
        what = f"the pattern has {len(pattern):,} characters, {groups:,} groups"
        step = f"write at most {MOST_IN_PATTERN:,}, and {MOST_GROUPS} groups"
        yield place, "E108", what, step
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what Python only warns of, it will refuse some day
            re.compile(pattern)
    except (re.error, Warning, OverflowError, RecursionError) as error:
        what = f"`extract` is not a regular expression: {error}"
        yield place, "E129", what, "correct it; `\\(` and `\\[` stand for brackets themselves"
