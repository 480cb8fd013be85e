"""A key that no recipe has: what its author may have meant."""

import difflib
import re
from typing import Any

from doitkit.core.origins import ORIGINS
from doitkit.recipe.amounts import UNITS
from doitkit.recipe.diagnostics import did_you_mean
from doitkit.recipe.document import Path, value_at
from doitkit.recipe.fields import designs_with, fields_at, holds_keys, home_of
from doitkit.recipe.flaw import shown

_NO_SPACE = re.compile(r"([\w.-]+):(\S.*)\Z", re.DOTALL)


def next_step(value: Any, path: Path) -> str:
    """Return what to do about the unknown key at `path`.

    Parameters
    ----------
    value
        The whole recipe.
    """
    key, fields = str(path[-1]), fields_at(value, path[:-1])
    joined = _NO_SPACE.match(key)
    if joined is not None and joined[1] in fields:
        return f"put a space after the colon: `{joined[1]}: {shown(joined[2])}`"
    if set(UNITS) <= set(fields) and _is_cells(value_at(value, path)):
        return f"say in which unit: `counts: {{{shown(key)}: ...}}`; or one of {', '.join(UNITS)}"
    if (empty := _empty_above(value, path)) is not None:
        return f"`{shown(key)}` belongs under `{empty}`: indent it"
    if "design" in fields and (designs := designs_with(key)):
        return f"`{key}` belongs to `design: {' or '.join(designs)}`"
    home = home_of(key)
    belongs = f"`{key}` belongs under `{home}`" if home is not None else None
    meant = _meant_by(value, path)
    if belongs is not None:
        return f"{belongs}; or did you mean `{meant}`?" if meant is not None else belongs
    return did_you_mean(key, fields)


def meant_places(value: Any, path: Path) -> set[Path]:
    """Return where the key would stand that the author of an unknown one may have meant."""
    block, key = path[:-1], str(path[-1])
    meant, home = _meant_by(value, path), home_of(key)
    places: set[Path] = set() if meant is None else {(*block, meant)}
    return places if home is None else {*places, (*block, home, key)}


def _meant_by(value: Any, path: Path) -> str | None:
    """Return the key that is known at the place of an unknown one, and spelt almost so."""
    known = sorted(fields_at(value, path[:-1]))
    key = shown(path[-1]).partition(":")[0]
    return next(iter(difflib.get_close_matches(key, known, n=1, cutoff=0.6)), None)


def _empty_above(value: Any, path: Path) -> str | None:
    """Return the key above an unknown one under which nothing stands, if it should."""
    fields = fields_at(value, path[:-1])
    above: str | None = None
    for key, held in value_at(value, path[:-1]).items():
        if key == path[-1]:
            return above
        if key in fields:
            above = key if held is None and holds_keys(fields[key]) else None
    return None


def _is_cells(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and set(value) <= set(ORIGINS)
