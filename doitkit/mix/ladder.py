"""The mixtures of a ladder, from its declaration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from doitkit.core.origins import Cell, Origin
from doitkit.mix.mixture import Mixture
from doitkit.mix.quota import largest_remainder
from doitkit.mix.unbalanced import unbalanced
from doitkit.recipe.experiment import (
    BalancedDesign,
    ExplicitDesign,
    Holdings,
    Ladder,
    UnbalancedDesign,
)


@dataclass(frozen=True)
class Rung:
    """One mixture of a ladder, and the seeds with which it is trained."""

    mixture: Mixture
    seeds: tuple[int, ...]


def ladder_rungs(
    ladder: Ladder, abilities: Sequence[str], supply: Mapping[Cell, int], seed: int
) -> list[Rung]:
    """Return the rungs of a ladder, each mixture once.

    Parameters
    ----------
    abilities
        The recipe's abilities, in order.
    supply
        Rows available per cell. Only cells that stand here are used. An unbalanced design keeps
        within the supply, and builds on the designs before it; what a balanced or explicit one
        asks beyond the supply is for the plan to refuse.
    seed
        Decides the unbalanced designs.
    """
    rungs: dict[str, Rung] = {}
    for index, design in enumerate(ladder.designs):
        beside = [rung.mixture for rung in rungs.values()]
        for mixture, seeds in _design(design, ladder, abilities, supply, seed + index, beside):
            known = rungs.get(mixture.id)
            merged = tuple(sorted({*seeds, *(known.seeds if known else ())}))
            rungs[mixture.id] = Rung(known.mixture if known else mixture, merged)
    return list(rungs.values())


def holdings(declared: Holdings) -> Mixture:
    """Return the mixture of today that a recipe declares."""
    if declared.counts is not None:
        return Mixture.from_recipe("today", declared.counts)
    if declared.total is None or declared.weights is None:
        return Mixture.of("today", {})
    weights = {
        Cell(ability, origin): weight
        for ability, origins in declared.weights.items()
        for origin, weight in origins.items()
    }
    return Mixture.of("today", largest_remainder(declared.total, weights))


def _design(
    design: BalancedDesign | UnbalancedDesign | ExplicitDesign,
    ladder: Ladder,
    abilities: Sequence[str],
    supply: Mapping[Cell, int],
    seed: int,
    beside: Sequence[Mixture],
) -> list[tuple[Mixture, Sequence[int]]]:
    if isinstance(design, ExplicitDesign):
        return [
            (Mixture.from_recipe(name, counts), ladder.seeds)
            for name, counts in design.mixtures.items()
        ]
    if isinstance(design, BalancedDesign):
        return [
            (_balanced(size, design.origins, abilities, supply), design.seeds or ladder.seeds)
            for size in design.sizes or ladder.sizes
        ]
    return [(m, ladder.seeds) for m in unbalanced(design, ladder.sizes, supply, seed, beside)]


def _balanced(
    size: int,
    origins: Mapping[Origin, float],
    abilities: Sequence[str],
    supply: Mapping[Cell, int],
) -> Mixture:
    """Give every ability `size` rows, split over the origins that it has."""
    counts: dict[Cell, int] = {}
    for ability in abilities:
        shares = {
            Cell(ability, origin): share
            for origin, share in origins.items()
            if Cell(ability, origin) in supply and share > 0
        }
        if shares:
            counts.update(largest_remainder(size, shares))
    label = "+".join(origin for origin, share in origins.items() if share > 0)
    return Mixture.of(f"{label}-{size}", counts)
