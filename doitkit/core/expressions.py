"""SQL expressions of a recipe, of which each says something about every row by itself."""

import re

import polars as pl
from polars.exceptions import PanicException, PolarsError

FAULTS = (ValueError, PolarsError, PanicException)
"""What is raised where an expression cannot be read, or carried out."""

_ASIDE = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|--[^\n]*|/\*.*?\*/", flags=re.DOTALL
)
"""Texts, quoted names and comments, in which words mean nothing."""

_QUERY = re.compile(r"\(\s*(?:select|with)\b|\bexists\s*\(", flags=re.IGNORECASE)

_OF_ALL_ROWS = re.compile(
    r"\b(over|array_agg|avg|corr|count|covar(?:_pop|_samp)?|first(?:_value)?|last(?:_value)?|max"
    r"|median|min|quantile(?:_cont|_disc)?|std(?:dev|ev)?(?:_pop|_samp)?|string_agg|sum|unnest"
    r"|var(?:iance|_pop|_samp)?)\s*\(",
    flags=re.IGNORECASE,
)
"""The aggregate functions of Polars SQL, the word before a window, and what makes rows many."""


def row_by_row(expression: str) -> pl.Expr:
    """Parse an SQL expression that, of all rows, looks at one at a time.

    Polars would spread the one value of an aggregate over all rows in silence, and a row would be
    judged by those that happened to be read with it. A query inside an expression could read
    other files, whose contents would decide about rows and be named nowhere. Such expressions
    are known by their words, before Polars sees them: it opens the files that a query names.

    Raises
    ------
    ValueError
        If the expression looks at other rows, or holds a query; the message says which.
    polars.exceptions.PolarsError, polars.exceptions.PanicException
        If it cannot be read. `FAULTS` holds all three.
    """
    words = _ASIDE.sub(" ", expression)
    if _QUERY.search(words):
        raise ValueError("a query inside an expression could read other files")
    of_all = _OF_ALL_ROWS.search(words)
    if of_all is not None:
        raise ValueError(f"`{of_all[1]}` looks at all rows together, not at each by itself")
    return pl.sql_expr(expression)


def gives_one_value(expression: pl.Expr, frame: pl.DataFrame) -> bool:
    """Say whether `expression` gives one value for all rows of `frame`, and is no constant.

    A row seen twice shows which is which: only a constant gives one value for it, and the same
    one for no row.
    """
    twice = pl.concat([frame.head(1)] * 2).select(expression)
    if twice.height >= 2 * min(1, frame.height):
        return False
    return not frame.head(0).select(expression).equals(twice)
