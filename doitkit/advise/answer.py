"""From a question and fitted laws to the answer. It knows of neither recipes nor tables."""

from collections.abc import Sequence

import numpy as np

from doitkit.advise.allocate import marginal_gain
from doitkit.advise.experiment import next_experiments
from doitkit.advise.market import Limit
from doitkit.advise.notes import notes_on
from doitkit.advise.question import Case, Question
from doitkit.advise.recommendation import (
    AbilityAdvice,
    CheapestPlan,
    LimitUse,
    MinScore,
    Purchase,
    Recommendation,
    Regret,
)
from doitkit.advise.solve import Cheapest, Solution, cheapest_within_noise, solve
from doitkit.growth import (
    Diagnosis,
    GrowthFit,
    Interval,
    diagnose,
    examine,
    outliers,
    transfers,
)
from doitkit.growth.identify import TRANSFER
from doitkit.growth.observations import Floats


def answer(question: Question, fit: GrowthFit) -> Recommendation:
    """Say what to buy, what it should bring, how sure that is, and what to run next.

    Parameters
    ----------
    fit
        Growth laws of the question's abilities and origins, in its order.
    """
    case = Case(question, fit)
    solution = solve(case)
    cheapest = cheapest_within_noise(case, solution.bought)
    identified = examine(fit)
    asked = min_scores(case, solution.bought)
    held, bought, equal = question.held, solution.bought, solution.equal
    values = case.values(held + np.stack([np.zeros_like(held), bought, equal, cheapest.rows]))
    gain, equal_gain, cheap_gain = (values[:, 1:] - values[:, :1]).T
    return Recommendation(
        recipe=question.name,
        unit=question.unit,
        budget=question.market.budget,
        spent=question.market.cost(bought),
        reference=question.origins[0],
        objective=_objective(question),
        min_gain=question.min_gain,
        today=question.mixture("today", held),
        plan=question.mixture("advised", held + bought),
        purchases=_purchases(case, solution),
        abilities=_abilities(case, diagnose(fit, identified, question.min_gain), solution),
        gain=Interval.of(gain),
        regret=_regret(case, solution),
        cheapest=_cheapest(question, cheapest, cheap_gain),
        equal=question.mixture("equal split", held + equal),
        equal_kind=solution.equal_kind,
        equal_spent=question.market.cost(equal),
        equal_gain=Interval.of(equal_gain),
        advantage=Interval.of(gain - equal_gain),
        better=float((gain > equal_gain).mean() + 0.5 * (gain == equal_gain).mean()),
        limits=tuple(_use(limit, bought) for limit in question.market.all_limits),
        min_scores=asked,
        next_runs=next_experiments(case, fit.seen, solution, cheapest.rows),
        optimality_gap=solution.gap,
        unknown=tuple(
            unknown
            for unknown in identified.unknown
            if question.transfer or not unknown.what.startswith(TRANSFER)
        ),
        design=identified.design,
        transfer=transfers(fit, identified) if identified.transfer and question.transfer else None,
        outliers=outliers(fit),
        notes=notes_on(case, fit.seen, solution, gain - equal_gain, asked),
        assumptions=question.assumptions,
        fit=fit,
    )


def min_scores(case: Case, bought: Floats) -> tuple[MinScore, ...]:
    """Return the minimum scores that were asked for, and what a purchase reaches."""
    question = case.question
    asked = question.objective.min_scores
    if asked is None:
        return ()
    reached = case.law.predict((question.held + bought)[None])[:, 0].mean(axis=0)
    return tuple(
        MinScore(outcome, float(asked[at]), float(reached[at]))
        for at, outcome in enumerate(question.outcomes)
        if np.isfinite(asked[at])
    )


def _purchases(case: Case, solution: Solution) -> tuple[Purchase, ...]:
    question, bought = case.question, solution.bought
    prices = question.market.prices
    cells = [(a, o, cell) for a, o, cell in question.cells() if np.isfinite(prices[a, o])]
    without = np.repeat((question.held + bought)[None], len(cells) + 1, axis=0)
    for index, (a, o, _) in enumerate(cells):
        without[index, a, o] -= bought[a, o]
    values = case.values(without)
    # A cell that is frozen, or not to be had, is never the next lot either.
    marginal = marginal_gain(case.value, question.held + bought, question.market)
    return tuple(
        Purchase(
            cell=cell,
            rows=int(bought[a, o]),
            interval=Interval.of(solution.of_draws[:, a, o]),
            price=float(prices[a, o]),
            cost=float(bought[a, o] * prices[a, o]),
            gain=Interval.of(values[:, -1] - values[:, index]),
            marginal=float(np.nan_to_num(marginal[a, o])),
        )
        for index, (a, o, cell) in enumerate(cells)
    )


def _abilities(
    case: Case, diagnoses: Sequence[Diagnosis], solution: Solution
) -> tuple[AbilityAdvice, ...]:
    question, held = case.question, case.question.held
    scores = case.law.forecast(held + np.stack([np.zeros_like(held), solution.bought]))
    before = marginal_gain(case.value, held, question.market)
    after = marginal_gain(case.value, held + solution.bought, question.market)
    return tuple(
        AbilityAdvice(
            diagnosis=diagnosis,
            before=Interval.of(scores[:, 0, a]),
            after=Interval.of(scores[:, 1, a]),
            marginal_before=_best(before[a]),
            marginal_after=_best(after[a]),
        )
        for a, diagnosis in enumerate(diagnoses)
    )


def _regret(case: Case, solution: Solution) -> Regret:
    """Return what the purchase loses against the best one of every draw."""
    values = case.values(case.question.held + solution.alternatives)
    lost = values.max(axis=1) - values[:, 0]
    return Regret(float(lost.mean()), float(np.quantile(lost, 0.9)))


def _cheapest(question: Question, cheapest: Cheapest, gain: Floats) -> CheapestPlan:
    return CheapestPlan(
        plan=question.mixture("cheapest within noise", question.held + cheapest.rows),
        spent=question.market.cost(cheapest.rows),
        gain=Interval.of(gain),
        worse=cheapest.worse,
    )


def _use(limit: Limit, bought: Floats) -> LimitUse:
    return LimitUse(limit.name, limit.unit, float(limit.used(bought)), limit.amount)


def _objective(question: Question) -> str:
    objective = question.objective
    if objective.kind == "worst":
        return "the worst score"
    mean = "the mean score" if np.ptp(objective.weights) == 0 else "the weighted mean score"
    if objective.kind == "cvar":
        return f"{mean} in the worst {objective.tail:.0%} of what the laws hold possible"
    return mean


def _best(marginals: Floats) -> float:
    return float(np.nanmax(marginals)) if np.isfinite(marginals).any() else 0.0
