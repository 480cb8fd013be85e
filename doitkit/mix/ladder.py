"""The mixtures of a ladder, from its declaration."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from doitkit.core.origins import Cell, Origin
from doitkit.mix.mixture import Mixture
from doitkit.mix.quota import largest_remainder
from doitkit.recipe.experiment import (
    BalancedDesign,
    ExplicitDesign,
    Holdings,
    Ladder,
    UnbalancedDesign,
)

_CANDIDATES = 400
_RIDGE = 1e-3


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
        within the supply; what a balanced or explicit one asks beyond it is for the plan to
        refuse.
    seed
        Decides the unbalanced designs.
    """
    rungs: dict[str, Rung] = {}
    for index, design in enumerate(ladder.designs):
        for mixture, seeds in _design(design, ladder, abilities, supply, seed + index):
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
    return [(m, ladder.seeds) for m in unbalanced(design, ladder.sizes, supply, seed)]


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


def unbalanced(
    design: UnbalancedDesign, sizes: Sequence[int], supply: Mapping[Cell, int], seed: int
) -> list[Mixture]:
    """Return runs whose cells vary apart from one another, on a logarithmic scale.

    Each cell of each run takes 0 or one of the sizes. Of 400 random designs, in each of which
    every cell takes its levels equally often, the one with the largest determinant of the
    information matrix of log(1 + rows) is taken (D-optimality): the effects of the cells can
    then be told apart best.
    """
    # In one order, and without cells that hold nothing, the design is the same whoever asks.
    cells = sorted(cell for cell, held in supply.items() if held > 0)
    draw = random.Random(seed)
    best: tuple[float, list[list[int]]] | None = None
    for _ in range(_CANDIDATES):
        columns = [_levels(design.runs, [0, *sizes], supply[cell], draw) for cell in cells]
        runs = [list(run) for run in zip(*columns, strict=True)]
        if design.max_rows is not None:
            for run in runs:
                _shrink(run, sizes, design.max_rows)
        value = _information(np.array(runs, dtype=float))
        if best is None or value > best[0] + 1e-9:
            best = (value, runs)
    assert best is not None
    return [
        Mixture.of(f"unbalanced-{index + 1}", dict(zip(cells, run, strict=True)))
        for index, run in enumerate(best[1])
        if sum(run) > 0
    ]


def _levels(runs: int, levels: Sequence[int], limit: int, draw: random.Random) -> list[int]:
    usable = [level for level in levels if level <= limit]
    order = [usable[index % len(usable)] for index in range(runs)]
    draw.shuffle(order)
    return order


def _shrink(run: list[int], sizes: Sequence[int], max_rows: int) -> None:
    """Take the largest cell down a level until the run fits; the design stays unbalanced."""
    below = {level: lower for lower, level in zip([0, *sizes], sizes, strict=False)}
    while sum(run) > max_rows and any(run):
        largest = max(range(len(run)), key=lambda index: (run[index], -index))
        run[largest] = below[run[largest]]


def _information(runs: npt.NDArray[np.float64]) -> float:
    effects = np.log1p(runs)
    design = np.column_stack([np.ones(len(effects)), effects])
    spread = design.T @ design + _RIDGE * np.eye(design.shape[1])
    return float(np.linalg.slogdet(spread)[1])
