"""The declared filters, carried out."""

from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

from doitkit.core.arrow import empty_frame
from doitkit.core.errors import UsageError
from doitkit.core.expressions import gives_one_value
from doitkit.core.rows import ROWS, TEXTS
from doitkit.curate.filters.boilerplate import boilerplate_filter
from doitkit.curate.filters.filter import Filter
from doitkit.curate.filters.language import language_filter
from doitkit.curate.filters.length import length_filters
from doitkit.curate.filters.personal import personal_filter
from doitkit.curate.filters.plugins import plugin_filters
from doitkit.curate.filters.refusals import refusal_filter
from doitkit.curate.filters.repetition import repetition_filter
from doitkit.curate.filters.where import where_filters
from doitkit.recipe.filters import Filters

_CONSTANTS = ("source", "ability", "origin", "generator", "license")


def left_out(
    rows: pl.DataFrame, declared: Filters, *, tokens: pl.Series | None = None
) -> pl.Series:
    """Say of each row why it is left out.

    Every row is judged by itself: in what parts rows are handed over makes no difference.

    Parameters
    ----------
    rows
        In the schema `doitkit.core.rows.ROWS`, with `source`, `ability`, `origin`, `generator`
        and `license` beside: strings, which may be null.
    tokens
        Tokens of all messages of each row; needed where `declared.length` bounds them.

    Returns
    -------
    reason
        One string per row, null for a row that stays. Of several filters that would leave out a
        row, the one gives the reason that stands first in `Filters`.

    Raises
    ------
    UsageError
        If a filter cannot be made, or carried out on these rows; it says which, and why.
    """
    if tokens is None and declared.length is not None and declared.length.tokens is not None:
        raise ValueError("`length` bounds the tokens of rows, but no `tokens` are given")
    filters = list(_filters(declared))
    if not rows.height:
        return pl.Series("reason", [], dtype=pl.String)
    frame = _with_texts(rows, tokens)
    brought = [each for each in filters if each.brought]
    one = frame.head(1).collect().lazy()
    for each in brought:
        _check(each, one)
    # A column for each filter, as Polars works out columns at the same time.
    named = {f"reason {at}": each.reason for at, each in enumerate(filters)}
    first = pl.coalesce(*named, pl.lit(None, dtype=pl.String))
    try:
        return _reasons(first, frame.with_columns(**named))
    except Exception:
        for each in brought:
            with _explained(each):
                _reasons(each.reason, frame)
        raise


def require_plugins(declared: Filters) -> None:
    """Make all filters, so that what is missing is known before any row is read.

    Raises
    ------
    MissingExtraError
        If the extra [language] is needed and not installed.
    UsageError
        If a plug-in is not installed, does not take its parameters, or is no `RowFilter`; or if
        another filter cannot be carried out as it is declared.
    """
    frame = _with_texts(_one_row(), None)
    for each in _filters(declared):
        if each.brought:
            _check(each, frame)


def _filters(declared: Filters) -> Iterator[Filter]:
    """Yield the declared filters in the order of `Filters`."""
    if declared.length is not None:
        yield from length_filters(declared.length)
    if declared.language is not None:
        yield language_filter(declared.language)
    if declared.refusals is not None:
        yield refusal_filter(declared.refusals)
    if declared.boilerplate is not None:
        yield boilerplate_filter(declared.boilerplate)
    if declared.repetition is not None:
        yield repetition_filter(declared.repetition)
    if declared.personal is not None and declared.personal.then == "drop":
        yield personal_filter(declared.personal)
    yield from where_filters(declared.where)
    yield from plugin_filters(declared.plugins)


def _with_texts(rows: pl.DataFrame, tokens: pl.Series | None) -> pl.LazyFrame:
    # Lazy, so that only the texts are made that a filter reads, and each once.
    counted = pl.lit(None, dtype=pl.Int64) if tokens is None else tokens
    return rows.lazy().with_columns(tokens=counted, **TEXTS)


def _check(each: Filter, frame: pl.LazyFrame) -> None:
    """Refuse a filter that does not give each row a reason by itself."""
    with _explained(each):
        dtype = _reasons(each.reason, frame).dtype
        if dtype not in (pl.String, pl.Null):
            raise TypeError(f"it gives {dtype}, not strings")
        if gives_one_value(each.reason, frame.collect()):
            raise ValueError("it gives one value for all rows together")


def _reasons(reason: pl.Expr, frame: pl.LazyFrame) -> pl.Series:
    # With all columns beside: a constant alone would be one value, for however many rows.
    return frame.with_columns(reason=reason).select("reason").collect().to_series()


@contextmanager
def _explained(each: Filter) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # whatever another package raises
        step = "give a Polars SQL expression that is true of the rows to keep"
        if each.key.startswith("plugins."):
            step = "correct its parameters, or tell those who wrote it"
        raise UsageError(
            f"the filter `{each.key.split('.', 1)[1]}` cannot be carried out",
            where=f"curate.filters.{each.key}",
            why=str(error).split("\n", 1)[0],
            next_step=step,
        ) from error


def _one_row() -> pl.DataFrame:
    messages = [{"role": role, "content": "text"} for role in ("user", "assistant")]
    row = {"id": "", "prompt_id": "", "messages": messages, "file": "", "line": 1}
    schema = empty_frame(ROWS).schema
    return pl.DataFrame([row], schema=schema).with_columns(**dict.fromkeys(_CONSTANTS, pl.lit("")))
