"""From observations and prices to a recommendation."""

from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from doitkit.advise.allocate import (
    Market,
    equal_money,
    marginal_gain,
    water_fill,
)
from doitkit.advise.recommendation import AbilityAdvice, Purchase, Recommendation
from doitkit.core.errors import UsageError
from doitkit.core.origins import Cell, Origin
from doitkit.growth import (
    GrowthFit,
    Identified,
    Interval,
    Observations,
    diagnose,
    examine,
    fit_growth,
)
from doitkit.growth.identify import TRANSFER
from doitkit.growth.observations import Floats
from doitkit.mix import Mixture, Stock
from doitkit.recipe.model import Recipe
from doitkit.recipe.prices import Advice

_INTERVAL_DRAWS = 30
_FAR = 2.0


def recommend(recipe: Recipe, seen: Observations, today: Mixture, stock: Stock) -> Recommendation:
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

    Raises
    ------
    UsageError
        If the recipe states no budget.
    FitError
        If the laws cannot be fitted.
    """
    declared = declared_advice(recipe)
    fit = fit_growth(seen)
    identified = examine(fit)
    market = _market(recipe, declared, seen, today, stock)
    held = _array(seen, today)
    declared_weights = recipe.weights()
    weights = np.array([declared_weights[ability] for ability in seen.abilities])
    weights = weights / weights.sum()
    case = _Case(fit, market, held, weights)
    bought = water_fill(case.objective, held, market)
    equal_kind, equal = case.equal_split()
    return _written(recipe, declared, case, identified, today, bought, equal_kind, equal)


def declared_advice(recipe: Recipe) -> Advice:
    """Return what the recipe says about the advice that it wants, or raise a `UsageError`."""
    if recipe.advise is None:
        raise UsageError(
            "the recipe does not say what may be spent",
            where="advise",
            next_step="add an `advise:` block with a `budget`, and `prices`",
        )
    return recipe.advise


@dataclass(frozen=True)
class _Case:
    """The fitted laws against one market."""

    fit: GrowthFit
    market: Market
    held: Floats
    weights: Floats

    def objective(self, mixtures: Floats) -> Floats:
        """Return the weighted mean score, averaged over the draws."""
        values: Floats = self.values(mixtures).mean(axis=0)
        return values

    def values(self, mixtures: Floats) -> Floats:
        """Return the weighted mean score, shape (draws, mixtures)."""
        values: Floats = self.fit.predict(mixtures) @ self.weights
        return values

    def equal_split(self) -> tuple[str, Floats]:
        """Return the better of the two equal splits: reference rows only, or all origins."""
        sold = np.isfinite(self.market.prices)
        reference = np.zeros_like(self.market.prices)
        reference[:, 0] = sold[:, 0]
        per_ability = sold / np.maximum(sold.sum(axis=1, keepdims=True), 1)
        splits = {
            f"equal money per ability, {self.fit.seen.origins[0]} rows only": reference,
            "equal money per ability and origin": per_ability,
        }
        bought = {
            kind: equal_money(self.held, self.market, share)
            for kind, share in splits.items()
            if share.any()
        }
        reached = {
            kind: float(self.objective((self.held + rows)[None])[0])
            for kind, rows in bought.items()
        }
        best = max(reached, key=lambda kind: reached[kind])
        return best, bought[best]

    def forecast(self, mixtures: Floats) -> Floats:
        """Return the weighted mean score as wide as it must be said, (draws, mixtures)."""
        values: Floats = self.fit.forecast(mixtures) @ self.weights
        return values

    def purchase_draws(self) -> Floats:
        """Return what each of some draws, taken for the truth, would buy: (draws, a, o)."""
        chosen = np.linspace(0, len(self.fit.draws) - 1, _INTERVAL_DRAWS).astype(int)
        results = []
        for index in chosen:
            alone = replace(self, fit=replace(self.fit, draws=self.fit.draws[[index]]))
            results.append(water_fill(alone.objective, self.held, self.market))
        return np.array(results)


def _written(
    recipe: Recipe,
    advice: Advice,
    case: _Case,
    identified: Identified,
    today: Mixture,
    bought: Floats,
    equal_kind: str,
    equal: Floats,
) -> Recommendation:
    seen = case.fit.seen
    market = case.market
    three = np.stack([case.held, case.held + bought, case.held + equal])
    values = case.forecast(three)
    scores = case.fit.forecast(three)
    gain, equal_gain = values[:, 1] - values[:, 0], values[:, 2] - values[:, 0]
    before = marginal_gain(case.objective, case.held, market)
    after = marginal_gain(case.objective, case.held + bought, market)
    diagnoses = diagnose(case.fit, identified, advice.min_gain)
    return Recommendation(
        recipe=recipe.name,
        unit=advice.unit,
        budget=advice.budget,
        spent=_cost(bought, market),
        reference=advice.reference,
        today=today,
        plan=today.plus("advised", _counts(seen, bought)),
        purchases=_purchases(case, bought),
        abilities=tuple(
            AbilityAdvice(
                diagnosis=diagnosis,
                before=Interval.of(scores[:, 0, a]),
                after=Interval.of(scores[:, 1, a]),
                marginal_before=_best(before[a]),
                marginal_after=_best(after[a]),
            )
            for a, diagnosis in enumerate(diagnoses)
        ),
        gain=Interval.of(gain),
        equal=today.plus("equal split", _counts(seen, equal)),
        equal_kind=equal_kind,
        equal_gain=Interval.of(equal_gain),
        advantage=Interval.of(gain - equal_gain),
        better=float((gain > equal_gain).mean()),
        unknown=tuple(u for u in identified.unknown if advice.transfer or u.what != TRANSFER),
        transfer=_transfer(case.fit) if identified.transfer and advice.transfer else None,
        notes=_notes(case, bought, gain - equal_gain),
        fit=case.fit,
    )


def _purchases(case: _Case, bought: Floats) -> tuple[Purchase, ...]:
    draws = case.purchase_draws()
    seen = case.fit.seen
    return tuple(
        Purchase(
            cell=Cell(ability, cast(Origin, origin)),
            rows=int(bought[a, o]),
            interval=Interval.of(draws[:, a, o]),
            price=float(case.market.prices[a, o]),
            cost=float(bought[a, o] * case.market.prices[a, o]),
        )
        for a, ability in enumerate(seen.abilities)
        for o, origin in enumerate(seen.origins)
        if np.isfinite(case.market.prices[a, o])
    )


def _market(
    recipe: Recipe, advice: Advice, seen: Observations, today: Mixture, stock: Stock
) -> Market:
    prices = np.full((len(seen.abilities), len(seen.origins)), np.inf)
    limits = np.zeros_like(prices)
    for cell in recipe.cells():
        if cell.ability not in seen.abilities or cell.origin not in seen.origins:
            continue
        place = seen.abilities.index(cell.ability), seen.origins.index(cell.origin)
        price = stock.price(cell)
        if price is None:  # nothing that has no price is for sale
            continue
        prices[place] = price
        unlimited = advice.supply == "unlimited"
        if unlimited and prices[place] == 0:
            raise UsageError(
                f"{cell.origin} rows are free and without limit: there is no most of them to buy",
                where=recipe.place("prices", cell.origin),
                next_step="state a price, or say `supply: available`",
            )
        limits[place] = np.inf if unlimited else stock.rows.get(cell, 0) - today[cell]
    return Market(prices, limits, advice.budget, advice.lot)


def _array(seen: Observations, mixture: Mixture) -> Floats:
    counts = np.zeros((len(seen.abilities), len(seen.origins)))
    for cell, n in mixture.counts:
        if cell.ability in seen.abilities and cell.origin in seen.origins:
            counts[seen.abilities.index(cell.ability), seen.origins.index(cell.origin)] = n
    return counts


def _counts(seen: Observations, rows: Floats) -> dict[Cell, int]:
    return {
        Cell(ability, cast(Origin, origin)): int(rows[a, o])
        for a, ability in enumerate(seen.abilities)
        for o, origin in enumerate(seen.origins)
    }


def _cost(rows: Floats, market: Market) -> float:
    return float((rows * np.where(np.isfinite(market.prices), market.prices, 0.0)).sum())


def _best(marginals: Floats) -> float:
    return float(np.nanmax(marginals)) if np.isfinite(marginals).any() else 0.0


def _transfer(fit: GrowthFit) -> dict[str, dict[str, Interval]]:
    matrix = fit.parameters().transfer_matrix()
    abilities = fit.seen.abilities
    return {
        to: {source: Interval.of(matrix[:, a, d]) for d, source in enumerate(abilities) if d != a}
        for a, to in enumerate(abilities)
    }


def _notes(case: _Case, bought: Floats, advantage: Floats) -> tuple[str, ...]:
    notes = []
    seen = case.fit.seen
    largest = seen.counts.max(axis=0)
    after = case.held + bought
    for a, ability in enumerate(seen.abilities):
        for o, origin in enumerate(seen.origins):
            if bought[a, o] > 0 and after[a, o] > _FAR * max(largest[a, o], 1):
                notes.append(
                    f"{ability}, {origin}: {after[a, o]:,.0f} rows is far beyond the largest run "
                    f"({largest[a, o]:,.0f} rows); the law is extrapolated there"
                )
    if float((advantage > 0).mean()) < 0.8:
        notes.append(
            "the advice is not clearly better than the equal split: the runs do not tell them apart"
        )
    spent, budget = _cost(bought, case.market), case.market.budget
    if spent < 0.9 * budget:
        notes.append(
            f"{budget - spent:,.0f} of {budget:,.0f} stay unspent: nothing more on sale would help"
            if (case.market.supply - bought > 0).any()
            else f"{budget - spent:,.0f} of {budget:,.0f} stay unspent: the supply is used up"
        )
    return tuple(notes)
