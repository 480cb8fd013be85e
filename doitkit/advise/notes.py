"""What a reader of the advice must know before acting on it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from doitkit.advise.allocate import water_fill
from doitkit.advise.market import Limit, Market
from doitkit.advise.question import Case
from doitkit.advise.recommendation import MinScore
from doitkit.advise.solve import Solution
from doitkit.growth import Observations
from doitkit.growth.observations import Floats

_FAR = 2.0
_SURE = 0.8
_SPENT = 0.9
_ANY_MONEY = 1000.0
"""Times the limits, which stands for no limit at all."""


def notes_on(
    case: Case,
    seen: Observations,
    solution: Solution,
    advantage: Floats,
    asked: Sequence[MinScore],
) -> tuple[str, ...]:
    """Return the notes on the purchase of a solution.

    Parameters
    ----------
    advantage
        What it brings beyond the equal split, per draw.
    """
    bought = solution.bought
    return (
        *_nothing_for_sale(case),
        *_missed(case, asked),
        *_far(case, seen, bought),
        *_repeated(case, bought),
        *_no_better(solution, advantage),
        *_unspent(case, bought),
    )


def _nothing_for_sale(case: Case) -> list[str]:
    market = case.question.market
    if market.room(np.zeros_like(case.question.held)).any():
        return []
    if not market.for_sale.any():
        frozen = market.frozen is not None and bool(market.frozen.all())
        why = "everything is frozen" if frozen else "no lot of any kind is for sale"
        return [f"nothing can be bought: {why}"]
    short = [limit for limit in market.all_limits if _too_small(market, limit, limit.amount)]
    names = " and ".join(f"{limit.amount:,.6g} {limit.unit}" for limit in short)
    return [f"nothing can be bought for {names}; what the runs tell, and what to run next, stands"]


def _missed(case: Case, asked: Sequence[MinScore]) -> list[str]:
    """Say which minimum scores are missed, and whether any purchase at all would reach them."""
    missed = [score for score in asked if not score.met]
    if not missed:
        return []
    question = case.question
    market = replace(
        question.market,
        budget=question.market.budget * _ANY_MONEY,
        limits=tuple(
            replace(limit, amount=limit.amount * _ANY_MONEY) for limit in question.market.limits
        ),
    )
    everything = water_fill(case.merit, question.held, market, steps=40)
    reached = case.law.predict((question.held + everything)[None])[:, 0].mean(axis=0)
    notes = []
    for score in missed:
        best = float(reached[question.outcomes.index(score.outcome)])
        said = f"{score.outcome}: {score.reached:.3f} is forecast, short of the {score.wanted:g} "
        said += "that is asked for; "
        if best >= score.wanted:
            said += "it takes more than may be spent"
        else:
            said += f"no purchase reaches it: {best:.3f} is forecast at {_ANY_MONEY:,.0f} times "
            said += "what may be spent"
        notes.append(said)
    return notes


def _far(case: Case, seen: Observations, bought: Floats) -> list[str]:
    after, largest = case.question.held + bought, seen.counts.max(axis=0)
    return [
        f"{cell.ability}, {cell.origin}: {after[a, o]:,.0f} rows is far beyond the largest run "
        f"({largest[a, o]:,.0f} rows); the law is extrapolated there"
        for a, o, cell in case.question.cells()
        if bought[a, o] > 0 and after[a, o] > _FAR * max(largest[a, o], 1)
    ]


def _repeated(case: Case, bought: Floats) -> list[str]:
    question = case.question
    if question.repeat_at_most == 1:
        return []
    again = question.held + bought - question.owned
    return [
        f"{cell.ability}, {cell.origin}: {again[a, o]:,.0f} of the rows are repeats of others; the "
        "law takes them for new ones"
        for a, o, cell in question.cells()
        if bought[a, o] > 0 and again[a, o] > 0
    ]


def _no_better(solution: Solution, advantage: Floats) -> list[str]:
    if not solution.bought.any():
        return []
    if (solution.bought == solution.equal).all():
        return ["the equal split is the very same purchase"]
    if float((advantage > 0).mean()) >= _SURE:
        return []
    return [
        "the advice is not clearly better than the equal split: the runs do not tell them apart"
    ]


def _unspent(case: Case, bought: Floats) -> list[str]:
    market = case.question.market
    spent, budget = market.cost(bought), market.budget
    if spent >= _SPENT * budget or not market.room(np.zeros_like(bought)).any():
        return []
    left = f"{budget - spent:,.0f} of {budget:,.0f} stay unspent"
    used_up = [
        limit
        for limit in market.limits
        if _too_small(market, limit, limit.amount - float(limit.used(bought)))
    ]
    if (market.room(bought) > 0).any():
        return [f"{left}: nothing more on sale would help"]
    if used_up:
        return [f"{left}: the limit on {used_up[0].name} is reached"]
    return [f"{left}: the supply is used up"]


def _too_small(market: Market, limit: Limit, left: float) -> bool:
    """Say whether what is left of a limit is not enough for the smallest lot that takes of it."""
    takes = limit.use[market.for_sale & (limit.use > 0)]
    return bool(takes.size and left < takes.min() * market.lot)
