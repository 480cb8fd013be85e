"""What the advisor says, as a value that the report and the command line show."""

from dataclasses import asdict, dataclass
from typing import Any

from doitkit.core.origins import Cell
from doitkit.growth import Diagnosis, GrowthFit, Interval, Unknown
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
class Recommendation:
    """What to buy, what it should bring, and how sure that is."""

    recipe: str
    unit: str
    budget: float
    spent: float
    reference: str
    today: Mixture
    plan: Mixture
    """Today's mixture with the purchase."""
    purchases: tuple[Purchase, ...]
    abilities: tuple[AbilityAdvice, ...]
    gain: Interval
    """Rise of the objective (the weighted mean score) by the purchase."""
    equal: Mixture
    equal_kind: str
    equal_gain: Interval
    advantage: Interval
    """Rise by the purchase minus rise by the equal split."""
    better: float
    """Probability that the purchase beats the equal split."""
    unknown: tuple[Unknown, ...]
    transfer: dict[str, dict[str, Interval]] | None
    """To -> from -> rows that the square root of a row elsewhere is worth; None if unknown."""
    notes: tuple[str, ...]
    fit: GrowthFit

    def as_json(self) -> dict[str, Any]:
        """Return the recommendation as plain JSON, without the fit's draws."""
        return {
            "recipe": self.recipe,
            "unit": self.unit,
            "budget": self.budget,
            "spent": self.spent,
            "reference": self.reference,
            "today": self.today.as_recipe(),
            "plan": self.plan.as_recipe(),
            "purchases": [
                {
                    "ability": p.cell.ability,
                    "origin": p.cell.origin,
                    "rows": p.rows,
                    "interval": asdict(p.interval),
                    "price": p.price,
                    "cost": p.cost,
                }
                for p in self.purchases
            ],
            "abilities": [asdict(advice) for advice in self.abilities],
            "gain": asdict(self.gain),
            "equal_split": self.equal.as_recipe(),
            "equal_kind": self.equal_kind,
            "equal_gain": asdict(self.equal_gain),
            "advantage": asdict(self.advantage),
            "probability_better": self.better,
            "unknown": [asdict(u) for u in self.unknown],
            "transfer": None
            if self.transfer is None
            else {
                to: {source: asdict(v) for source, v in row.items()}
                for to, row in self.transfer.items()
            },
            "notes": list(self.notes),
            "runs": len(self.fit.seen.runs),
        }
