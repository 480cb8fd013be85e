"""Filters of other packages."""

from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import polars as pl

from doitkit.core.errors import UsageError
from doitkit.curate.filters.filter import Filter, Reasons
from doitkit.recipe.diagnostics import did_you_mean

GROUP = "doitkit.filters"


def plugin_filters(declared: Mapping[str, Mapping[str, Any]]) -> Iterator[Filter]:
    """Yield the filter of each plug-in, made with its parameters.

    Raises
    ------
    UsageError
        If a plug-in is not installed, cannot be loaded, does not take the parameters, or is no
        `RowFilter`.
    """
    for name, parameters in declared.items():
        key = f"plugins.{name}"
        reasons = _made(f"curate.filters.{key}", _point(name), parameters)
        expression = reasons if isinstance(reasons, pl.Expr) else _expression(reasons)
        yield Filter(key, expression, brought=True)


def _point(name: str) -> EntryPoint:
    found = {point.name: point for point in entry_points(group=GROUP)}
    if name not in found:
        step = did_you_mean(name, found) if found else "install the package that provides it"
        raise UsageError(
            f"no filter is named `{name}`",
            where=f"curate.filters.plugins.{name}",
            why=f"installed filters: {', '.join(sorted(found)) or 'none'}",
            next_step=step,
        )
    return found[name]


def _made(where: str, point: EntryPoint, parameters: Mapping[str, Any]) -> Reasons:
    try:
        plugin = point.load()
    except Exception as error:  # whatever another package raises when it is imported
        raise UsageError(
            f"the filter `{point.name}` cannot be loaded",
            where=where,
            why=f"{point.value}: {type(error).__name__}: {error}",
            next_step="mend or reinstall the package that provides it",
        ) from error
    if not callable(plugin):
        raise _no_filter(
            where, point, f"it is of type {type(plugin).__name__}, which is not called"
        )
    try:
        reasons = plugin(parameters)
    except Exception as error:
        plain = isinstance(error, TypeError | ValueError)
        raise UsageError(
            f"the filter `{point.name}` does not take these parameters",
            where=where,
            why=str(error) if plain else f"{type(error).__name__}: {error}",
            next_step="correct the parameters",
        ) from error
    if isinstance(reasons, pl.Expr) or callable(reasons):
        return reasons  # type: ignore[no-any-return]
    raise _no_filter(where, point, f"it gives a {type(reasons).__name__}")


def _no_filter(where: str, point: EntryPoint, why: str) -> UsageError:
    return UsageError(
        f"`{point.name}` is no filter of rows",
        where=where,
        why=f"{point.value}: {why}",
        next_step="see `doitkit.curate.filters.RowFilter` for what a filter is",
    )


def _expression(function: Callable[[pl.DataFrame], Any]) -> pl.Expr:
    def reasons(rows: pl.Series) -> pl.Series:
        given = function(rows.struct.unnest())
        if not isinstance(given, pl.Series) or given.dtype not in (pl.String, pl.Null):
            raise TypeError(f"it gives {_named(given)}, not a series of strings")
        if len(given) != len(rows):
            raise ValueError(f"it gives {len(given)} reasons for {len(rows)} rows")
        return given.cast(pl.String)

    return pl.struct(pl.all()).map_batches(reasons, return_dtype=pl.String)


def _named(given: object) -> str:
    if isinstance(given, pl.Series):
        return f"a series of {given.dtype}"
    return f"a {type(given).__name__}"
