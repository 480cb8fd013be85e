"""What is held today: a table of one row."""

import numpy as np

from doitkit.advise.tables.naming import plain_name
from doitkit.advise.tables.sheet import RUN_COLUMNS, Sheet
from doitkit.core.errors import UsageError
from doitkit.growth.observations import Floats
from doitkit.recipe.diagnostics import did_you_mean


def held_of(sheet: Sheet, sources: tuple[str, ...]) -> Floats:
    """Return the amounts that are held of the sources of the compositions, shape (sources,).

    Raises
    ------
    UsageError
        If the table has more than one row, or names a source that the compositions do not.
    """
    if len(sheet.rows) != 1:
        raise UsageError(
            f"today's mixture has {len(sheet.rows)} rows",
            code="E402",
            where=sheet.file,
            next_step="give one row, with the columns of the compositions",
        )
    held = np.zeros(len(sources))
    for column in sheet.columns:
        if column in RUN_COLUMNS or column in ("seed", "params"):
            continue
        name = plain_name(column)
        if name not in sources:
            raise UsageError(
                f"`{column}` is no source of the compositions",
                code="E402",
                where=sheet.where(sheet.rows[0], column),
                next_step=did_you_mean(name, sources),
            )
        held[sources.index(name)] += sheet.amount(sheet.rows[0], column)
    return held
