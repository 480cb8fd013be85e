"""The recipe's door to the advisor: from a recipe and its runs to a question, and its answer."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from doitkit.advise.answer import answer
from doitkit.advise.market import Limit, Market
from doitkit.advise.objective import Objective
from doitkit.advise.past import joined, read_past, what_history_said
from doitkit.advise.question import Machine, Question
from doitkit.advise.recommendation import Recommendation
from doitkit.core.errors import UsageError
from doitkit.core.origins import ORIGINS, Cell
from doitkit.growth import Observations, fit_growth
from doitkit.growth.history import Past
from doitkit.growth.observations import Floats
from doitkit.mix import Mixture, Stock
from doitkit.recipe.diagnostics import did_you_mean
from doitkit.recipe.model import Recipe
from doitkit.recipe.prices import Advice
from doitkit.source.files import resolve


def recommend(
    recipe: Recipe,
    seen: Observations,
    today: Mixture,
    stock: Stock,
    *,
    machine: Machine | None = None,
    past: Past | None = None,
) -> Recommendation:
    """Fit the growth laws and say what to buy.

    Parameters
    ----------
    seen
        The runs, as `gather` gives them.
    today
        What is held already.
    stock
        What the sources hold, and what a row of each cell costs. The rows matter when
        `advise.supply` is `available`.
    machine
        What training a row takes, from runs that were timed.
    past
        Curves of how abilities grew in earlier models; those of the recipe's `advise.history`
        join them.

    Raises
    ------
    UsageError
        If the recipe states no budget, or speaks of what it does not hold.
    FitError
        If the laws cannot be fitted.
    """
    question = question_of(recipe, seen, today, stock, machine=machine)
    declared = read_past(_history_files(recipe))
    fit = fit_growth(seen, past=joined(declared, past or {}))
    found = answer(question, fit)
    return replace(found, notes=(*found.notes, *what_history_said(fit)))


def _history_files(recipe: Recipe) -> list[Path]:
    named = declared_advice(recipe).history
    return resolve("advise.history", named, recipe.data_folder) if named else []


def declared_advice(recipe: Recipe) -> Advice:
    """Return what the recipe says about the advice that it wants, or raise a `UsageError`."""
    if recipe.advise is None:
        raise UsageError(
            "the recipe does not say what may be spent",
            where="advise",
            next_step="add an `advise:` block with a `budget`, and `prices`",
        )
    return recipe.advise


def question_of(
    recipe: Recipe,
    seen: Observations,
    today: Mixture,
    stock: Stock,
    *,
    machine: Machine | None = None,
) -> Question:
    """Return what a recipe asks; the parameters are those of `recommend`."""
    declared = declared_advice(recipe)
    _require_known(recipe, declared, seen)
    held = _rows_of(seen, dict(today.counts))
    return Question(
        name=recipe.name,
        unit=declared.unit,
        abilities=seen.abilities,
        origins=seen.origins,
        outcomes=seen.abilities,
        objective=_objective(recipe, declared, seen),
        market=_market(recipe, declared, seen, today, stock, machine),
        held=held,
        owned=_rows_of(seen, dict(stock.rows)),
        min_gain=declared.min_gain,
        transfer=declared.transfer,
        repeat_at_most=today.repeat_at_most,
        machine=machine,
        assumptions=_assumptions(recipe, seen),
    )


def _assumptions(recipe: Recipe, seen: Observations) -> tuple[str, ...]:
    """Say which rows are left out of the advice because no run tells of them."""
    untried = sorted({c.origin for c in recipe.cells()} - set(seen.origins))
    return tuple(
        f"no run holds {origin} rows, so nothing is known of them and none are bought"
        for origin in untried
    )


def _objective(recipe: Recipe, declared: Advice, seen: Observations) -> Objective:
    weights = recipe.weights()
    asked = declared.min_scores
    return Objective(
        weights=np.array([weights[ability] for ability in seen.abilities]),
        kind=declared.objective,
        tail=declared.tail,
        min_scores=np.array([asked.get(ability, -np.inf) for ability in seen.abilities])
        if asked
        else None,
    )


def _market(
    recipe: Recipe,
    declared: Advice,
    seen: Observations,
    today: Mixture,
    stock: Stock,
    machine: Machine | None,
) -> Market:
    shape = (len(seen.abilities), len(seen.origins))
    prices, supply = np.full(shape, np.inf), np.zeros(shape)
    at_most, frozen = np.full(shape, np.inf), np.zeros(shape, dtype=bool)
    caps = declared.buy_at_most
    for a, o, cell in _cells(recipe, seen):
        price = stock.price(cell)
        if price is None:
            raise UsageError(
                f"no price is given for {cell.origin} rows",
                code="E148",
                where=recipe.place("prices"),
                next_step=f"add `{cell.origin}: {{per_row: ...}}` to `prices`",
            )
        prices[a, o] = price
        frozen[a, o] = {cell.ability, cell.origin, str(cell)} & set(declared.frozen) != set()
        at_most[a, o] = caps.get(cell.ability, {}).get(cell.origin, np.inf)
        supply[a, o] = (
            np.inf
            if declared.supply == "unlimited"
            else stock.rows.get(cell, 0) * today.repeat_at_most - today[cell]
        )
    limits = _limits(recipe, declared, seen, stock, machine)
    market = Market(
        prices, supply, declared.budget, declared.lot, limits, frozen, at_most, declared.unit
    )
    _require_an_end(recipe, market, seen)
    return market


def _limits(
    recipe: Recipe,
    declared: Advice,
    seen: Observations,
    stock: Stock,
    machine: Machine | None,
) -> tuple[Limit, ...]:
    asked = declared.limits
    ones = np.ones((len(seen.abilities), len(seen.origins)))
    limits = []
    if asked.rows is not None:
        limits.append(Limit("rows", "rows", ones, float(asked.rows)))
    if asked.tokens is not None:
        limits.append(Limit("tokens", "tokens", _tokens(recipe, seen, stock), float(asked.tokens)))
    if asked.gpu_hours is not None:
        if machine is None:
            raise UsageError(
                "hours of training are limited, but no run was timed",
                where=recipe.place("advise", "limits", "gpu_hours"),
                next_step="train a run first: `doitkit train --first 2`",
            )
        hours = ones * machine.hours_per_row
        limits.append(Limit("hours of training", "hours", hours, asked.gpu_hours))
    return tuple(limits)


def _tokens(recipe: Recipe, seen: Observations, stock: Stock) -> Floats:
    """Return the mean tokens of a row; a cell that holds none is taken for one like the others."""
    means = np.full((len(seen.abilities), len(seen.origins)), np.nan)
    for a, o, cell in _cells(recipe, seen):
        lengths = stock.tokens(cell) if stock.rows.get(cell, 0) else []
        means[a, o] = np.mean(lengths) if len(lengths) else np.nan
    if not np.isfinite(means).any():
        raise UsageError(
            "tokens are limited, but no row is there whose tokens could be counted",
            where=recipe.place("advise", "limits", "tokens"),
            next_step="limit `rows` instead, or add sources with rows",
        )
    return np.where(np.isfinite(means), means, np.nanmean(means))


def _require_an_end(recipe: Recipe, market: Market, seen: Observations) -> None:
    """Raise if some rows could be bought without end."""
    free = np.isinf(market.most)
    for limit in market.all_limits:
        free &= limit.use == 0
    for _, o in np.argwhere(free):
        origin = seen.origins[int(o)]
        raise UsageError(
            f"{origin} rows are free and without limit: there is no most of them to buy",
            where=recipe.place("prices", origin),
            next_step="state a price, or say `supply: available`",
        )


def _require_known(recipe: Recipe, declared: Advice, seen: Observations) -> None:
    """Raise if the advice speaks of abilities, origins or cells that are not there."""
    cells = [str(cell) for cell in recipe.cells()]
    for index, name in enumerate(declared.frozen):
        known = cells if "/" in name else [*recipe.abilities, *ORIGINS]
        if name not in known:
            raise _unknown(recipe, "frozen", index, what=name, known=known)
    for ability in declared.min_scores:
        if ability not in seen.abilities:
            raise _unknown(recipe, "min_scores", ability, what=ability, known=seen.abilities)
    for ability, origins in declared.buy_at_most.items():
        for origin in origins:
            if str(Cell(ability, origin)) not in cells:
                what = f"{ability}/{origin}"
                raise _unknown(recipe, "buy_at_most", ability, what=what, known=cells)


def _unknown(recipe: Recipe, *path: str | int, what: str, known: Iterable[str]) -> UsageError:
    scored = path[0] == "min_scores"
    return UsageError(
        f"no ability that is scored is named `{what}`" if scored else f"there is no `{what}`",
        code="E141",
        where=recipe.place("advise", *path),
        next_step=did_you_mean(what, known),
    )


def _cells(recipe: Recipe, seen: Observations) -> list[tuple[int, int, Cell]]:
    return [
        (seen.abilities.index(cell.ability), seen.origins.index(cell.origin), cell)
        for cell in recipe.cells()
        if cell.ability in seen.abilities and cell.origin in seen.origins
    ]


def _rows_of(seen: Observations, counts: dict[Cell, int]) -> Floats:
    rows = np.zeros((len(seen.abilities), len(seen.origins)))
    for cell, n in counts.items():
        if cell.ability in seen.abilities and cell.origin in seen.origins:
            rows[seen.abilities.index(cell.ability), seen.origins.index(cell.origin)] = n
    return rows
