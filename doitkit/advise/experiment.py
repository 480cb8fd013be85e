"""The next experiment: the run that is expected to better the decision most for what it costs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from doitkit.advise.candidates import Candidate, Kind, candidates, more_items, noise_of
from doitkit.advise.knowledge import knowledge_gradient
from doitkit.advise.question import Case, Question
from doitkit.advise.solve import Solution
from doitkit.core.origins import Cell
from doitkit.growth import Observations
from doitkit.growth.observations import Floats
from doitkit.mix import Mixture

_START = 0.1
"""Starting and scoring a run costs what this share of the median run so far did."""
_ALTERNATIVES = 40
_NO_WORTH = 1e-6
"""Rises below this are rounding: the decision does not hang on any candidate."""


@dataclass(frozen=True)
class Experiment:
    """Something to do that would tell more.

    Attributes
    ----------
    mixture
        What to train on; None where more evaluation items are advised.
    ability
        The ability to ask more items of; None for a run.
    why
        What it is and what it bears on, in words.
    worth
        By how much it is expected to raise the objective that the same budget then buys.
    information
        What it tells about the growth laws, in nats; it decides where no run is worth anything.
    cost
        In `unit`.
    unit
        The unit of the budget where machine time has a price, else rows trained on.
    to_buy
        Rows that must be bought first, by cell.
    """

    kind: Kind
    mixture: Mixture | None
    ability: str | None
    why: str
    worth: float
    information: float
    cost: float
    unit: str
    to_buy: tuple[tuple[Cell, int], ...]

    def as_json(self) -> dict[str, Any]:
        """Return the experiment as plain JSON."""
        return asdict(self) | {
            "mixture": None if self.mixture is None else self.mixture.as_recipe(),
            "to_buy": Mixture.of("to buy", dict(self.to_buy)).as_recipe(),
        }


def next_experiments(
    case: Case, seen: Observations, solution: Solution, cheapest: Floats, *, most: int = 3
) -> tuple[Experiment, ...]:
    """Return the experiments of the highest worth per cost, the best first.

    Where none is worth anything, because nothing can be decided or nothing is in doubt, those
    that tell most about the laws per cost.
    """
    question, noise = case.question, noise_of(case.law, seen)
    runs = candidates(case, seen, solution, cheapest)
    others = more_items(seen, noise)
    worth = _alternatives(case, solution)
    scored = np.moveaxis(case.law.forecast(np.stack([c.counts for c in runs])), 1, 0)
    noises = np.stack([candidate.noise for candidate in runs])
    rescored, item_noises = _rescored(case, seen, others)
    by_run = knowledge_gradient(worth, scored, noises)
    by_items = knowledge_gradient(worth, rescored, item_noises)
    gains = np.concatenate([by_run.gain, by_items.gain])
    nats = np.concatenate([by_run.nats, by_items.nats])
    every = [*runs, *others]
    prices = _Prices.of(question, seen)
    costs = np.array([prices.of_candidate(candidate, seen) for candidate in every])
    told = gains if gains.max() > _NO_WORTH else nats
    order = np.argsort(-told / costs, kind="stable")[:most]
    about = _at_stake(case, solution)
    return tuple(
        Experiment(
            kind=every[i].kind,
            mixture=_mixture(question, every[i]),
            ability=_outcome(question, every[i]),
            why=_why(every[i], about),
            worth=float(gains[i]) if gains[i] > _NO_WORTH else 0.0,
            information=float(nats[i]),
            cost=float(costs[i]),
            unit=prices.unit,
            to_buy=tuple(prices.to_buy(every[i])),
        )
        for i in order
    )


@dataclass(frozen=True)
class _Prices:
    """What candidates cost: money where an hour of the machine has a price, else rows."""

    question: Question
    per_row: float
    start: float
    unit: str

    @classmethod
    def of(cls, question: Question, seen: Observations) -> "_Prices":
        totals = seen.counts.sum(axis=(1, 2))
        median = float(np.median(totals[totals > 0])) if (totals > 0).any() else 1.0
        machine = question.machine
        priced = None if machine is None else machine.price_per_row
        per_row = priced or 1.0
        unit = "rows trained on" if not priced else question.unit
        return cls(question, per_row, max(_START * median, 1.0) * per_row, unit)

    def of_candidate(self, candidate: Candidate, seen: Observations) -> float:
        if candidate.outcome is not None:
            # Scoring is a part of what starting a run costs; each outcome is its share of that.
            return self.start * len(seen.runs) / len(self.question.outcomes)
        cost = self.start + self.per_row * float(candidate.counts.sum())
        if self.unit == self.question.unit:
            cost += self.question.market.cost(self._missing(candidate))
        return cost

    def to_buy(self, candidate: Candidate) -> list[tuple[Cell, int]]:
        missing = self.question.counts(self._missing(candidate))
        return [(cell, rows) for cell, rows in missing.items() if rows]

    def _missing(self, candidate: Candidate) -> Floats:
        missing: Floats = np.maximum(candidate.counts - self.question.owned, 0.0)
        return missing


def _alternatives(case: Case, solution: Solution) -> Floats:
    """Return what the purchases that could turn out best are worth, (draws, alternatives)."""
    worth = case.values(case.question.held + solution.alternatives)
    first = np.arange(min(3, worth.shape[1]))
    rest = np.argsort(-worth.mean(axis=0), kind="stable")
    kept = list(dict.fromkeys([*first, *rest]))[:_ALTERNATIVES]
    return worth[:, kept]


def _rescored(case: Case, seen: Observations, others: Sequence[Candidate]) -> tuple[Floats, Floats]:
    """Return what more items would show of each outcome in all runs, and with what noise."""
    drawn = np.moveaxis(case.law.forecast(seen.counts), 2, 0)
    noise = np.array([candidate.noise[at] for at, candidate in enumerate(others)])
    unseen = np.where(np.isfinite(seen.scores.T), 1.0, np.inf)
    return drawn, noise[:, None] * unseen


def _at_stake(case: Case, solution: Solution) -> Cell | None:
    """Return the cell about whose purchase the draws differ most, in money."""
    money = solution.of_draws * case.question.market.shares
    spread = money.std(axis=0)
    if not spread.any():
        return None
    a, o = np.unravel_index(int(spread.argmax()), spread.shape)
    return case.question.cell(int(a), int(o))


def _mixture(question: Question, candidate: Candidate) -> Mixture | None:
    if candidate.outcome is not None:
        return None
    return question.mixture(f"next, {candidate.kind}", candidate.counts)


def _outcome(question: Question, candidate: Candidate) -> str | None:
    return None if candidate.outcome is None else question.outcomes[candidate.outcome]


_WHAT: dict[Kind, str] = {
    "replicate": "a run of before with another seed: tells growth from the luck of a seed",
    "advised": "the advised mixture itself: shows what the advice is worth before it is paid for",
    "cheapest": "the cheapest plan within noise: shows whether less money does as well",
    "equal split": "the equal split: shows what the advice has to beat",
    "single": "rows of one kind alone: shows what they are worth by themselves",
    "unbalanced": "a mixture unlike those before: tells apart what grew together",
    "items": "twice the evaluation items for all runs: less noise in every score there is",
}


def _why(candidate: Candidate, about: Cell | None) -> str:
    what = _WHAT[candidate.kind]
    if about is None:
        return what
    return f"{what}; most in doubt is how much {about.origin} data to buy for {about.ability}"
