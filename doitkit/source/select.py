"""The recipe's own SQL expressions, carried out over the rows of files."""

from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

from doitkit.core.errors import SourceError
from doitkit.core.expressions import FAULTS, gives_one_value, row_by_row
from doitkit.recipe.data import COLUMNS, Rows
from doitkit.source.frame import FILE, LINE, STRATUM, visible


def filtered(name: str, frame: pl.DataFrame, where: str) -> pl.DataFrame:
    """Return the rows for which the recipe's `where` is true."""
    with _explained(name, frame, "where", where):
        return frame.filter(_parsed(frame, where))


def selected(name: str, frame: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """Return the canonical columns of the format that the recipe names or the file has.

    Beside them stand `__file`, `__line` and `__stratum`, which is null where no row has one.

    Raises
    ------
    SourceError
        If `columns` names what the format does not know, or an expression cannot be carried out.
    """
    known = COLUMNS[rows.format]
    for column in rows.columns:
        if column not in known:
            raise SourceError(
                f"`{name}`: format {rows.format} has no column `{column}`",
                why=f"it has: {', '.join(known)}",
                next_step="correct `columns`",
            )
    picked = [pl.col(FILE), pl.col(LINE)]
    shown = "; ".join(f"{column}: {expression}" for column, expression in rows.columns.items())
    with _explained(name, frame, "columns", shown):
        for column in known:
            if column in rows.columns:
                picked.append(_parsed(frame, rows.columns[column]).alias(column))
            elif column in frame.columns:
                picked.append(pl.col(column))
        chosen = frame.select(picked)
    return chosen.with_columns(_stratum(name, frame, rows.stratum))


def _stratum(name: str, frame: pl.DataFrame, expression: str | None) -> pl.Series:
    if expression is None:
        return pl.Series(STRATUM, [None], dtype=pl.String).new_from_index(0, frame.height)
    with _explained(name, frame, "stratify", expression):
        found = frame.select(_parsed(frame, expression)).to_series()
        if found.dtype.is_nested():
            raise ValueError(f"`{expression}` gives lists or objects")
        # A constant is one value for all rows.
        found = found.new_from_index(0, frame.height) if len(found) == 1 else found
        return found.cast(pl.String).alias(STRATUM)


def _parsed(frame: pl.DataFrame, expression: str) -> pl.Expr:
    """Return an expression that says something about each row, or is a constant."""
    parsed = row_by_row(expression)
    if gives_one_value(parsed, frame):
        raise ValueError(f"`{expression}` gives one value for all rows together")
    return parsed


@contextmanager
def _explained(name: str, frame: pl.DataFrame, key: str, shown: str) -> Iterator[None]:
    """Turn what Polars says of an expression into an error about the recipe's `key`."""
    try:
        yield
    except (*FAULTS, TypeError) as error:
        raise SourceError(
            f"`{name}`: `{key}` cannot be carried out",
            where=shown,
            why=f"{str(error).splitlines()[0]}; the columns are: "
            f"{', '.join(visible(frame.columns))}",
            next_step=f"correct `{key}`: a Polars SQL expression over these columns",
        ) from error
