"""What each run was made of: the table of compositions."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from doitkit.advise.tables.naming import plain_name
from doitkit.advise.tables.sheet import Row, Sheet
from doitkit.core.errors import UsageError
from doitkit.core.origins import ORIGINS
from doitkit.growth.observations import Floats
from doitkit.recipe.diagnostics import listed

Unit = Literal["rows", "tokens", "weights", "amounts"]
"""`amounts` are numbers of which nothing says whether they are rows or tokens."""

_AMOUNTS: dict[str, Unit] = {
    "rows": "rows",
    "count": "rows",
    "tokens": "tokens",
    "weight": "weights",
    "weights": "weights",
}
_BESIDE = ("seed", "params")
_NEAR_ONE = 0.02
_NEAR_HUNDRED = 1.0


@dataclass(frozen=True)
class Compositions:
    """What each run holds of each source.

    Attributes
    ----------
    runs
        Names of the runs.
    sources
        Names of the sources: `ability/origin`, or any other.
    amounts
        Shape (runs, sources).
    params
        Size of each run's model, shape (runs,); NaN where none is stated.
    seeds
        Of each run, the seeds that the table names.
    assumptions
        What was taken for granted, in sentences.
    """

    file: str
    runs: tuple[str, ...]
    sources: tuple[str, ...]
    amounts: Floats
    unit: Unit
    params: Floats
    seeds: tuple[frozenset[str], ...]
    assumptions: tuple[str, ...]


@dataclass(frozen=True)
class _Stated:
    """What the table says of one run with one seed."""

    row: Row
    amounts: dict[str, float]
    params: float


def compositions_of(sheet: Sheet) -> Compositions:
    """Read a table of compositions, wide or long.

    Raises
    ------
    UsageError
        If columns or cells make no sense, or a run stands twice.
    """
    run = sheet.run_column()
    amount = sheet.first(*_AMOUNTS)
    source = sheet.first("source", "ability", "domain")
    if amount is not None and source is not None:
        stated, unit = _long(sheet, run, source, amount), _AMOUNTS[amount]
    else:
        stated, unit = _wide(sheet, run), None
    return _settled(sheet, run, stated, unit)


def _wide(sheet: Sheet, run: str) -> dict[tuple[str, str], _Stated]:
    sources = [column for column in sheet.columns if column != run and column not in _BESIDE]
    _require_numbers(sheet, sources)
    _require_distinct(sheet, sources)
    stated: dict[tuple[str, str], _Stated] = {}
    for row in sheet.rows:
        key = sheet.text(row, run), _seed(sheet, row)
        if key in stated:
            raise _twice(sheet, run, row, stated[key].row, key[0])
        amounts = {plain_name(source): sheet.amount(row, source) for source in sources}
        stated[key] = _Stated(row, amounts, _params(sheet, row))
    return stated


def _long(sheet: Sheet, run: str, source: str, amount: str) -> dict[tuple[str, str], _Stated]:
    known = {run, source, amount, "origin", *_BESIDE}
    unknown = [column for column in sheet.columns if column not in known]
    if unknown:
        raise UsageError(
            f"the column `{unknown[0]}` is not known in a long table of compositions",
            code="E402",
            where=sheet.file,
            next_step="leave it out; known are run, ability (or source), origin, rows (or tokens, "
            "or weight), seed and params",
        )
    stated: dict[tuple[str, str], _Stated] = {}
    seen: dict[tuple[str, str, str], Row] = {}
    for row in sheet.rows:
        key = sheet.text(row, run), _seed(sheet, row)
        name = sheet.text(row, source)
        if sheet.has("origin") and row.cells.get("origin"):
            name = f"{name}/{_origin(sheet, row)}"
        name = plain_name(name)
        if (*key, name) in seen:
            raise _twice(sheet, source, row, seen[*key, name], f"{key[0]}, {name}")
        seen[*key, name] = row
        of_run = stated.setdefault(key, _Stated(row, {}, _params(sheet, row)))
        of_run.amounts[name] = sheet.amount(row, amount)
    return stated


def _settled(
    sheet: Sheet, run: str, stated: dict[tuple[str, str], _Stated], unit: Unit | None
) -> Compositions:
    sources = tuple(dict.fromkeys(name for of in stated.values() for name in of.amounts))
    runs: dict[str, _Stated] = {}
    seeds: dict[str, set[str]] = {}
    for (name, seed), found in stated.items():
        first = runs.setdefault(name, found)
        if first.amounts != found.amounts:
            raise UsageError(
                f"the run `{name}` is made of one thing with one seed, of another with another",
                code="E404",
                where=sheet.where(found.row, run),
                why=f"line {first.row.line} names it with other amounts",
                next_step="give the two different names",
            )
        seeds.setdefault(name, set()).update([seed] if seed else [])
    amounts = np.array([[of.amounts.get(s, 0.0) for s in sources] for of in runs.values()])
    measure, scale, said = _measured(sheet, list(runs.values()), amounts, unit)
    return Compositions(
        file=sheet.file,
        runs=tuple(runs),
        sources=sources,
        amounts=amounts * scale,
        unit=measure,
        params=np.array([of.params for of in runs.values()]),
        seeds=tuple(frozenset(seeds[name]) for name in runs),
        assumptions=said,
    )


def _measured(
    sheet: Sheet, runs: list[_Stated], amounts: Floats, unit: Unit | None
) -> tuple[Unit, float, tuple[str, ...]]:
    """Return the unit, what to multiply by, and what was assumed about it."""
    totals = amounts.sum(axis=1)
    held = totals > 0
    if not held.any():
        raise UsageError(
            "no run holds anything",
            code="E407",
            where=sheet.file,
            next_step="give the amounts of data that the runs were trained on",
        )
    ones = held & (np.abs(totals - 1) <= _NEAR_ONE)
    if unit in ("rows", "tokens"):
        return unit, 1.0, ()
    if ones[held].all():
        said = "the amounts of every run sum to 1: they are taken for weights"
        return "weights", 1.0, () if unit else (said,)
    if ones.any() or unit == "weights":
        odd = held & ~ones
        if unit == "weights" and (np.abs(totals[held] - 100) <= _NEAR_HUNDRED).all():
            return "weights", 0.01, ("weights sum to 100: they are taken for percent",)
        chosen = [runs[index].row for index in np.flatnonzero(odd)]
        raise UsageError(
            "weights that do not sum to 1 stand beside weights that do"
            if ones.any()
            else "the weights of a run do not sum to 1",
            code="E403",
            where=f"{sheet.file}, line " + listed(str(row.line) for row in chosen),
            why="they sum to " + listed(f"{totals[i]:g}" for i in np.flatnonzero(odd)),
            next_step="give weights that sum to 1 for every run, or rows or tokens for every run",
        )
    whole = bool((amounts == np.round(amounts)).all())
    if not whole and (np.abs(totals[held] - 100) <= _NEAR_HUNDRED).all():
        said = "the amounts of every run sum to 100: they are taken for weights in percent"
        return "weights", 0.01, (said,)
    return "amounts", 1.0, ()


def _require_numbers(sheet: Sheet, sources: list[str]) -> None:
    if not sources:
        raise UsageError(
            "no column says what the runs are made of",
            code="E402",
            where=sheet.file,
            next_step="give a column for each source, or the columns `ability`, `origin`, `rows`",
        )
    for source in sources:
        if all(_is_text(row.cells.get(source)) for row in sheet.rows):
            raise UsageError(
                f"the column `{source}` is not known, and holds no amounts",
                code="E402",
                where=sheet.where(sheet.rows[0], source),
                next_step="leave it out; besides the sources, a table of compositions may have the "
                "columns run, seed and params",
            )


def _require_distinct(sheet: Sheet, sources: list[str]) -> None:
    names = [plain_name(source) for source in sources]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise UsageError(
            f"two columns are about `{twice[0]}`",
            code="E402",
            where=sheet.file,
            next_step="add them up in one column",
        )


def _origin(sheet: Sheet, row: Row) -> str:
    origin = sheet.text(row, "origin")
    if origin not in ORIGINS:
        raise UsageError(
            f"`{origin[:40]}` is no origin",
            code="E403",
            where=sheet.where(row, "origin"),
            next_step=f"say one of {', '.join(ORIGINS)}; for other sources use the column `source`",
        )
    return origin


def _is_text(value: object) -> bool:
    if not isinstance(value, str) or not value.strip():
        return False
    try:
        float(value)
    except ValueError:
        return True
    return False


def _seed(sheet: Sheet, row: Row) -> str:
    return sheet.text(row, "seed") if sheet.has("seed") else ""


def _params(sheet: Sheet, row: Row) -> float:
    found = sheet.number(row, "params") if sheet.has("params") else None
    if found is not None and found <= 0:
        raise UsageError(
            f"a model cannot have {found:g} parameters",
            code="E403",
            where=sheet.where(row, "params"),
            next_step="correct the number, or leave the column out",
        )
    return float("nan") if found is None else found


def _twice(sheet: Sheet, column: str, row: Row, before: Row, name: str) -> UsageError:
    return UsageError(
        f"`{name}` stands twice",
        code="E404",
        where=sheet.where(row, column),
        why=f"it stands at line {before.line} too",
        next_step="remove one; if they are repeats with other seeds, say so in a column `seed`",
    )
