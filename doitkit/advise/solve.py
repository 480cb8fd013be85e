"""The purchase that answers a question, and the purchases that stand beside it."""

from dataclasses import dataclass

import numpy as np

from doitkit.advise.allocate import STEPS, equal_money, parts_of, water_fill, water_fill_each
from doitkit.advise.optimality import optimality_gap
from doitkit.advise.question import Case
from doitkit.advise.search import best_of
from doitkit.growth.observations import Floats

_ENOUGH = 0.2
"""The cheapest plan may be worse by what counts with at most this probability."""


@dataclass(frozen=True)
class Solution:
    """Purchases, each of shape (abilities, origins)."""

    bought: Floats
    """The best purchase that was found."""
    equal_kind: str
    equal: Floats
    """The better one of the equal splits."""
    of_draws: Floats
    """What each draw of the law would buy if it were the truth, (draws, abilities, origins)."""
    gap: float
    """How far `bought` is from the conditions of an optimum; 0 is none."""

    @property
    def alternatives(self) -> Floats:
        """All different purchases; first the best, then the equal split, then nothing."""
        first = np.stack([self.bought, self.equal, np.zeros_like(self.bought)])
        return np.concatenate([first, np.unique(self.of_draws, axis=0)])


def solve(case: Case) -> Solution:
    """Return the best purchase that greedy buying and exchanges from several starts find."""
    question = case.question
    held, market = question.held, question.market
    greedy = water_fill(case.merit, held, market, steps=STEPS)
    draws = len(case.law.predict(held[None]))
    of_draws = water_fill_each(case.merit_of_each, held, market, draws)
    splits = _equal_splits(case)
    others = [*splits.values(), *_single_cells(case), *of_draws]
    bought = best_of(case.merit, held, market, greedy, others)
    names = list(splits)
    best = int(case.merit(held + np.stack([splits[name] for name in names])).argmax())
    gap = optimality_gap(case.merit, held, market, bought)
    return Solution(bought, names[best], splits[names[best]], of_draws, gap)


@dataclass(frozen=True)
class Cheapest:
    """The part of a purchase that does as well as all of it, as far as can be told."""

    rows: Floats
    worse: float
    """Probability that it brings less than the whole by more than the gain that counts."""


def cheapest_within_noise(case: Case, bought: Floats) -> Cheapest:
    """Return the cheapest part of a purchase that cannot be told from all of it.

    Of the purchases that greedy buying passes on the way to `bought`, it is the cheapest one that
    is worse by more than `min_gain` with a probability below 20 %, and that meets the minimum
    scores as well as `bought` does.
    """
    question = case.question
    parts = parts_of(case.merit, question.held, question.market, bought)
    scores = case.law.forecast(question.held + parts)
    values = question.objective.each(scores)
    missed = question.objective.shortfall(scores).sum(axis=-1)
    worse = (values[:, -1:] - values > question.min_gain).mean(axis=0)
    enough = (worse < _ENOUGH) & (missed <= missed[-1] + 1e-9)
    costs = np.array([question.market.cost(rows) for rows in parts])
    best = int(np.where(enough, costs, np.inf).argmin())
    return Cheapest(parts[best], float(worse[best]))


def _equal_splits(case: Case) -> dict[str, Floats]:
    """Return what is bought if every ability gets the same money, in two ways, by their names."""
    question = case.question
    held, market = question.held, question.market
    sold = market.for_sale.astype(np.float64)
    reference = np.zeros_like(sold)
    reference[:, 0] = sold[:, 0]
    shares = {
        f"equal money per ability, {question.origins[0]} rows only": reference,
        "equal money per ability and origin": sold / np.maximum(sold.sum(1, keepdims=True), 1.0),
    }
    return {
        kind: equal_money(held, market, share)
        for kind, share in shares.items()
        if share.any() or not sold.any()
    }


def _single_cells(case: Case) -> list[Floats]:
    """Return what is bought if all goes to one cell, for every cell."""
    market = case.question.market
    room = market.room(np.zeros_like(case.question.held))
    single = []
    for a, o in np.argwhere(market.for_sale):
        rows = np.zeros_like(room)
        rows[a, o] = room[a, o] if np.isfinite(room[a, o]) else 0.0
        single.append(rows)
    return single
