"""What the advisor says, as a value that the report and the command line show."""

from dataclasses import asdict, dataclass
from typing import Any

from doitkit.advise.experiment import Experiment
from doitkit.core.origins import Cell
from doitkit.growth import Design, Diagnosis, GrowthFit, Interval, Outlier, Transfer, Unknown
from doitkit.mix import Mixture


@dataclass(frozen=True)
class Purchase:
    """Rows to buy of one cell. The interval is where the best purchase lies over the draws."""

    cell: Cell
    rows: int
    interval: Interval
    price: float
    """Of one row, in the unit of the budget."""
    cost: float
    gain: Interval
    """By how much the objective falls if this line is left out of the purchase."""
    marginal: float
    """What the next lot of it would bring on top of the purchase, per unit of budget."""


@dataclass(frozen=True)
class AbilityAdvice:
    """What is known about one ability, and what the purchase does for it."""

    diagnosis: Diagnosis
    before: Interval
    after: Interval
    marginal_before: float
    """Gain in the objective per unit of budget, of the best lot for this ability today."""
    marginal_after: float
    """The same after the purchase. Among what was bought and is still for sale, these agree."""


@dataclass(frozen=True)
class Regret:
    """What it costs to be wrong: the best purchase under a draw of the laws less the advised."""

    mean: float
    high: float
    """Nine draws in ten lose less than this."""


@dataclass(frozen=True)
class CheapestPlan:
    """The least money that does as well as the purchase, as far as the runs can tell.

    It is worse by more than the gain that counts with a probability below 20 %.
    """

    plan: Mixture
    spent: float
    gain: Interval
    worse: float
    """That probability."""


@dataclass(frozen=True)
class LimitUse:
    """How much of a limit the purchase takes."""

    name: str
    unit: str
    used: float
    amount: float


@dataclass(frozen=True)
class MinScore:
    """A minimum score that was asked for, and the mean forecast with the purchase."""

    outcome: str
    wanted: float
    reached: float

    @property
    def met(self) -> bool:
        """Whether the purchase reaches it."""
        return self.reached >= self.wanted - 1e-6


@dataclass(frozen=True)
class Recommendation:
    """What to buy, what it should bring, and how sure that is."""

    recipe: str
    unit: str
    budget: float
    spent: float
    reference: str
    objective: str
    """What was maximised, in words."""
    min_gain: float
    """A gain below this counts as none."""
    today: Mixture
    plan: Mixture
    """Today's mixture with the purchase."""
    purchases: tuple[Purchase, ...]
    abilities: tuple[AbilityAdvice, ...]
    gain: Interval
    """Rise of the objective by the purchase."""
    regret: Regret
    cheapest: CheapestPlan
    equal: Mixture
    equal_kind: str
    equal_spent: float
    equal_gain: Interval
    advantage: Interval
    """Rise by the purchase minus rise by the equal split."""
    better: float
    """Probability that the purchase beats the equal split; where they are one, a half."""
    limits: tuple[LimitUse, ...]
    min_scores: tuple[MinScore, ...]
    next_runs: tuple[Experiment, ...]
    """What would tell most for what it costs, the best first."""
    optimality_gap: float
    """By how much marginal gains differ that agree at an optimum, as a share of the largest."""
    unknown: tuple[Unknown, ...]
    design: Design
    """How much the runs tell, in numbers."""
    transfer: tuple[Transfer, ...] | None
    """Who helps whom, the clearest first; None where nothing of it is told, or asked."""
    outliers: tuple[Outlier, ...]
    """Scores that count less because they lie far off their laws."""
    notes: tuple[str, ...]
    assumptions: tuple[str, ...]
    """What was assumed in reading the evidence."""
    fit: GrowthFit

    def as_json(self) -> dict[str, Any]:
        """Return the recommendation as plain JSON, without the fit's draws."""
        return {
            "recipe": self.recipe,
            "unit": self.unit,
            "budget": self.budget,
            "spent": self.spent,
            "reference": self.reference,
            "objective": self.objective,
            "min_gain": self.min_gain,
            "today": self.today.as_recipe(),
            "plan": self.plan.as_recipe(),
            "purchases": [_purchase(purchase) for purchase in self.purchases],
            "abilities": [asdict(advice) for advice in self.abilities],
            "gain": asdict(self.gain),
            "regret": asdict(self.regret),
            "cheapest_plan": asdict(self.cheapest) | {"plan": self.cheapest.plan.as_recipe()},
            "equal_split": self.equal.as_recipe(),
            "equal_kind": self.equal_kind,
            "equal_spent": self.equal_spent,
            "equal_gain": asdict(self.equal_gain),
            "advantage": asdict(self.advantage),
            "probability_better": self.better,
            "limits": [asdict(limit) for limit in self.limits],
            "min_scores": [asdict(score) | {"met": score.met} for score in self.min_scores],
            "next_runs": [experiment.as_json() for experiment in self.next_runs],
            "optimality_gap": self.optimality_gap,
            "unknown": [asdict(u) for u in self.unknown],
            "design": asdict(self.design),
            "transfer": None if self.transfer is None else [_told(t) for t in self.transfer],
            "outliers": [asdict(outlier) for outlier in self.outliers],
            "notes": list(self.notes),
            "assumptions": list(self.assumptions),
            "runs": len(self.fit.seen.runs),
        }


def _purchase(purchase: Purchase) -> dict[str, Any]:
    found = asdict(purchase)
    del found["cell"]
    return {"ability": purchase.cell.ability, "origin": purchase.cell.origin} | found


def _told(transfer: Transfer) -> dict[str, Any]:
    found = asdict(transfer)
    del found["source"]
    return {"from": transfer.source} | found
