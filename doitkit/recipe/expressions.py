"""Paths, SQL expressions and patterns of a recipe: checked before a file is touched."""

import os
import re
import warnings
from collections.abc import Iterator
from pathlib import Path as FilePath

from doitkit.recipe.data import COLUMNS, Rows
from doitkit.recipe.diagnostics import Found, did_you_mean
from doitkit.recipe.document import Path
from doitkit.recipe.flaw import shown
from doitkit.recipe.model import Recipe

_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")
_OPERATOR = re.compile(r"[^\w\s.]+|\b(?:and|or|not|like|is|in|between)\b", re.IGNORECASE)
MOST_CHARACTERS = 10_000
MOST_OPERATORS = 500
_MOST_WORK = 4_000_000
"""Operators squared, over all expressions: so does the time grow that Polars takes for them."""
MOST_IN_PATTERN = 1_000
MOST_GROUPS = 50


def expression_problems(recipe: Recipe) -> Found:
    """Yield what is wrong with the paths, expressions and patterns of sources and item sets."""
    checker = _Expressions()
    # By the words of the path alone: links may lead elsewhere on purpose.
    root = os.path.normpath(FilePath.cwd() / recipe.data_folder)
    for path, rows in _all_rows(recipe):
        yield from _paths(root, path, rows)
        if rows.where is not None:
            yield from checker.problems((*path, "where"), rows.where)
        for column, expression in rows.columns.items():
            if column not in COLUMNS[rows.format]:
                what = f"the format {rows.format} has no column `{shown(column)}`"
                step = did_you_mean(column, COLUMNS[rows.format])
                yield (*path, "columns", column), "E120", what, step
            yield from checker.problems((*path, "columns", column), expression)
    for name, declared in recipe.evaluation_sets().items():
        if declared.extract is not None:
            yield from _pattern(("abilities", name, "evaluate", "extract"), declared.extract)


def _all_rows(recipe: Recipe) -> Iterator[tuple[Path, Rows]]:
    for name, source in recipe.file_sources().items():
        yield ("sources", name), source
    for name, declared in recipe.evaluation_sets().items():
        yield ("abilities", name, "evaluate"), declared


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
    if text.startswith("hf://"):
        return False
    target = os.path.normpath(FilePath(root) / text)
    return os.path.commonpath([root, target]) != root


class _Expressions:
    """Checks SQL expressions, and keeps count of the work that this takes."""

    def __init__(self) -> None:
        self._work = 0
        self._sound: set[str] = set()

    def problems(self, place: Path, expression: str) -> Found:
        if _COLUMN.match(expression) or expression in self._sound:
            return
        operators = len(_OPERATOR.findall(_LITERAL.sub(" ", expression)))
        if len(expression) > MOST_CHARACTERS or operators > MOST_OPERATORS:
            what = f"the expression has {len(expression):,} characters, {operators:,} operators"
            step = f"write at most {MOST_CHARACTERS:,}, and {MOST_OPERATORS:,} operators"
            yield place, "E108", what, step
            return
        self._work += operators**2
        if self._work > _MOST_WORK:
            what = "the expressions of this recipe are too long, taken together"
            yield place, "E108", what, "write shorter ones, or prepare the data files"
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


def _fault_of(expression: str) -> str | None:
    # Polars takes a tenth of a second to load: only where an expression is more than a name.
    import polars as pl
    from polars.exceptions import PanicException, PolarsError

    try:
        pl.sql_expr(expression)
    except (PolarsError, PanicException) as error:
        return str(error).splitlines()[0] if str(error) else "it cannot be read"
    return None


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
