"""Rows for which an SQL expression of the recipe is not true."""

from collections.abc import Iterator, Mapping

import polars as pl

from doitkit.core.errors import UsageError
from doitkit.core.expressions import FAULTS
from doitkit.curate.filters.filter import Filter
from doitkit.recipe.expressions import FILTER_COLUMNS, condition


def where_filters(declared: Mapping[str, str]) -> Iterator[Filter]:
    """Yield a filter for each expression; the reason is its name.

    As everywhere in SQL, what is unknown is not true: a row that lacks what the expression needs
    is left out.

    Raises
    ------
    UsageError
        If an expression cannot be read, or looks at several rows.
    """
    for name, expression in declared.items():
        key = f"where.{name}"
        try:
            true = condition(expression)
        except FAULTS as error:
            raise UsageError(
                f"`{name}` cannot be carried out",
                where=f"curate.filters.{key}",
                why=str(error).split("\n", 1)[0],
                next_step="write a Polars SQL expression over: " + ", ".join(FILTER_COLUMNS),
            ) from error
        reason = pl.when(~true.fill_null(value=False)).then(pl.lit(f"where: {name}"))
        yield Filter(key, reason, brought=True)
