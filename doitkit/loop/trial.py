"""One planned ladder in one simulated world: what its runs will say, held against the truth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from doitkit.advise import Case, Question, solve
from doitkit.core.errors import FitError
from doitkit.growth import (
    Diagnosis,
    GrowthFit,
    Identified,
    Interval,
    diagnose,
    examine,
    fit_growth,
)
from doitkit.growth.observations import Floats
from doitkit.growth.simulate import World, best_allocation, draw_world, observe, share_lost


@dataclass(frozen=True)
class Ladder:
    """The runs that are planned.

    Attributes
    ----------
    origins
        The first is the reference.
    counts
        Rows of each run, the base model first, shape (runs, abilities, origins).
    items, chance
        Evaluation items of each ability, and the score of guessing on them.
    """

    abilities: tuple[str, ...]
    origins: tuple[str, ...]
    counts: Floats
    items: tuple[int, ...]
    chance: tuple[float, ...]

    def world(self, seed: int) -> World:
        """Draw a world of these abilities, which grow where the ladder's sizes are."""
        return draw_world(
            seed,
            abilities=self.abilities,
            origins=self.origins,
            rows=float(self.counts.max()),
            chance=self.chance,
        )


@dataclass(frozen=True)
class Trial:
    """What came of a ladder in one world.

    Attributes
    ----------
    kinds, true_kinds
        The diagnosis of each ability, and what it is.
    rate_errors
        (ability, origin) -> the error of the logarithm of the exchange rate, where one is told.
    transfer
        Whether transfer between abilities is told.
    gain
        What the advised purchase is said to bring, and `true_gain` what it brings.
    regret, equal_regret
        Share of the best purchase's gain that the advised one loses, and the equal split.
    """

    kinds: tuple[str, ...]
    true_kinds: tuple[str, ...]
    rate_errors: Mapping[tuple[str, str], float]
    transfer: bool
    gain: Interval
    true_gain: float
    regret: float
    equal_regret: float


def tried(ladder: Ladder, question: Question, seed: int) -> Trial | None:
    """Carry out a ladder in one world; return None if no laws can be fitted there."""
    world = ladder.world(seed)
    examined = _examined(ladder, world, question.min_gain, seed)
    if examined is None:
        return None
    fit, identified, diagnoses = examined
    case = Case(question, fit)
    solution = solve(case)
    held, market = question.held, question.market
    weights = question.objective.weights / question.objective.weights.sum()
    both = held + np.stack([np.zeros_like(held), solution.bought])
    foretold, truth = case.values(both), world.scores(both) @ weights
    best = best_allocation(
        world,
        market.prices,
        market.budget,
        today=held,
        supply=market.most,
        weights=weights.tolist(),
        lot=market.lot,
    )
    return Trial(
        kinds=tuple(diagnosis.kind for diagnosis in diagnoses),
        true_kinds=true_kinds(ladder, world, question.min_gain),
        rate_errors=_rate_errors(world, diagnoses),
        transfer=identified.transfer,
        gain=Interval.of(foretold[:, 1] - foretold[:, 0]),
        true_gain=float(truth[1] - truth[0]),
        regret=share_lost(world, solution.bought, best, today=held, weights=weights.tolist()),
        equal_regret=share_lost(world, solution.equal, best, today=held, weights=weights.tolist()),
    )


def diagnosed(ladder: Ladder, world: World, min_gain: float, seed: int) -> list[bool]:
    """Return whether the diagnosis of each ability comes out right; none if nothing is fitted."""
    examined = _examined(ladder, world, min_gain, seed)
    if examined is None:
        return []
    _, _, found = examined
    truth = true_kinds(ladder, world, min_gain)
    return [d.kind == kind for d, kind in zip(found, truth, strict=True)]


def _examined(
    ladder: Ladder, world: World, min_gain: float, seed: int
) -> tuple[GrowthFit, Identified, list[Diagnosis]] | None:
    """Return the laws of the runs, what is told of them, and the diagnoses; None without laws."""
    try:
        fit = fit_growth(observe(world, ladder.counts, seed, items=ladder.items))
    except FitError:
        return None
    identified = examine(fit)
    return fit, identified, diagnose(fit, identified, min_gain)


def true_kinds(ladder: Ladder, world: World, min_gain: float) -> tuple[str, ...]:
    """Return what each ability is, by the words of `Diagnosis`."""
    kinds = []
    for a in range(len(ladder.abilities)):
        most = float(ladder.counts[:, a, 0].max()) or float(ladder.counts[:, a].max())
        counts = np.zeros((3, *ladder.counts.shape[1:]))
        counts[1:, a, 0] = most, 2 * most
        start, now, doubled = world.scores(counts)[:, a]
        if doubled - now >= min_gain:
            kinds.append("responsive")
        else:
            kinds.append("plateaued" if now - start >= min_gain else "resistant")
    return tuple(kinds)


def _rate_errors(world: World, diagnoses: Sequence[Diagnosis]) -> dict[tuple[str, str], float]:
    return {
        (diagnosis.ability, origin): float(
            np.log(told.middle) - np.log(world.worths[a][world.origins.index(origin) - 1].rate)
        )
        for a, diagnosis in enumerate(diagnoses)
        for origin, told in diagnosis.exchange.items()
    }
