"""Simulated worlds in which the advisor is judged: their market, runs made in them, rivals."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from doitkit.advise import Case, Market, Objective, Question, first_design
from doitkit.growth import GrowthFit, Observations, fit_growth
from doitkit.growth.simulate import (
    World,
    best_allocation,
    draw_world,
    money_splits,
    observe,
    share_lost,
)

Floats = npt.NDArray[np.float64]
ABILITIES = 10
PRICES = np.tile([1.0, 0.1], (ABILITIES, 1))
BUDGET = 10_000.0
LARGEST = np.tile([1600.0, 16000.0], (ABILITIES, 1))
"""Of a cell in a run: 1.6 times what the budget buys where every ability gets the same."""
LOT = 10


@dataclass(frozen=True)
class Play:
    """A world, what can be bought in it, and what one would buy who knew the truth."""

    world: World
    seed: int
    best: Floats
    outliers: float

    @classmethod
    def of(cls, seed: int, *, wrong: bool = False) -> "Play":
        """Draw a world; a wrong one has other curves, shifted scales and a tenth outlier runs."""
        world = draw_world(seed, abilities=ABILITIES, wrong=wrong)
        best = best_allocation(world, PRICES, BUDGET, lot=LOT)
        return cls(world, seed, best, 0.1 if wrong else 0.0)

    def observed(self, runs: Floats) -> Observations:
        """Return the scores of runs: 200 questions for each ability, a point of seed noise."""
        return observe(self.world, runs, seed=self.seed, outliers=self.outliers)

    def started(self, runs: int) -> Floats:
        """Return the first runs: the base model, and what `first_design` makes of the rest."""
        trained = first_design(runs - 1, ABILITIES, 2, LARGEST, seed=self.seed)
        return np.concatenate([np.zeros((1, ABILITIES, 2)), trained])

    def lost(self, bought: Floats) -> float:
        """Return the share of the best purchase's gain that another one does not bring."""
        return share_lost(self.world, bought, self.best)

    def splits_lost(self) -> dict[str, float]:
        """Return the same of equal money per ability: for each origin alone, and for both."""
        splits = money_splits(self.world, PRICES, BUDGET, lot=LOT)
        return {kind: self.lost(rows) for kind, rows in splits.items()}


def asked(law: "GrowthFit | Unpooled") -> Case:
    """Return the question what to buy, before a fitted law."""
    nothing = np.zeros((ABILITIES, 2))
    question = Question(
        name="world",
        unit="usd",
        abilities=law.seen.abilities,
        origins=law.seen.origins,
        outcomes=law.seen.abilities,
        objective=Objective(np.ones(ABILITIES)),
        market=Market(PRICES, np.full((ABILITIES, 2), np.inf), BUDGET, LOT),
        held=nothing,
        owned=nothing,
    )
    return Case(question, law)


@dataclass(frozen=True)
class Unpooled:
    """The rival that fits every ability alone."""

    fits: tuple[GrowthFit, ...]
    seen: Observations

    @classmethod
    def fit(cls, seen: Observations) -> "Unpooled":
        """Fit each ability to its own rows and scores."""
        fits = []
        for a, ability in enumerate(seen.abilities):
            alone = replace(
                seen,
                abilities=(ability,),
                counts=seen.counts[:, [a]],
                scores=seen.scores[:, [a]],
                stderrs=seen.stderrs[:, [a]],
                chance=seen.chance[[a]],
            )
            fits.append(fit_growth(alone))
        return cls(tuple(fits), seen)

    def predict(self, counts: Floats) -> Floats:
        """Return the scores under each draw, (draws, mixtures, abilities)."""
        fewest = min(len(fit.draws) for fit in self.fits)
        each = [
            replace(fit, draws=fit.draws[:fewest]).predict(counts[..., [a], :])
            for a, fit in enumerate(self.fits)
        ]
        return np.concatenate(each, axis=-1)

    def forecast(self, counts: Floats) -> Floats:
        """Return the same: the rival knows no better."""
        return self.predict(counts)
