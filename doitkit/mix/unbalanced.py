"""Unbalanced designs: mixtures whose cells differ on purpose, as tellingly as the rows allow.

A balanced ladder grows all cells together, and nobody can say then which rows made which score.
The design is Bayesian D-optimal, found by coordinate exchange (Meyer and Nachtsheim 1995): the
mixtures, together with those that the ladder holds already, maximise the determinant of the
information about each cell's effect, and its bend, over log(1 + rows / the smallest size).
"""

import random
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from doitkit.core.origins import Cell
from doitkit.mix.mixture import Mixture
from doitkit.recipe.ladder import UnbalancedDesign

Floats = npt.NDArray[np.floating]
Run = list[int]
Scale = tuple[int, int]
"""The smallest and the largest size."""

_STARTS = 8
_PASSES = 20
_RIDGE = 0.01
"""What is known of every effect beforehand, as a share of one run's information."""
_DIGITS = 9
"""Criteria are compared rounded, so that no machine's last bit decides a design."""


def unbalanced(
    design: UnbalancedDesign,
    sizes: Sequence[int],
    supply: Mapping[Cell, int],
    seed: int,
    beside: Sequence[Mixture] = (),
) -> list[Mixture]:
    """Return `design.runs` mixtures, or as many as there are, each unlike all others.

    Each cell of each mixture holds 0 rows or one of the sizes, within the supply, and no mixture
    more than `design.max_rows`.

    Parameters
    ----------
    beside
        What the ladder trains already. Its information counts, and none of it is repeated.
    """
    # In one order, and without cells that hold nothing, the design is the same whoever asks.
    cells = sorted(cell for cell, held in supply.items() if held >= min(sizes))
    levels = [[0, *(size for size in sizes if size <= supply[cell])] for cell in cells]
    if not cells:
        return []
    limit = design.max_rows or sum(max(usable) for usable in levels)
    known = [[mixture[cell] for cell in cells] for mixture in beside]
    draw = random.Random(seed)
    scale = (min(sizes), max(sizes))
    best: tuple[float, list[Run]] | None = None
    for _ in range(_STARTS):
        runs = _random_runs(design.runs, levels, limit, known, draw)
        value = _exchange(runs, levels, limit, known, scale)
        if best is None or value > best[0]:
            best = (value, runs)
    assert best is not None
    return [
        Mixture.of(f"unbalanced-{index + 1}", dict(zip(cells, run, strict=True)))
        for index, run in enumerate(best[1])
    ]


def _random_runs(
    wanted: int, levels: list[Run], limit: int, known: list[Run], draw: random.Random
) -> list[Run]:
    taken = {tuple(run) for run in known} | {(0,) * len(levels)}
    runs: list[Run] = []
    for _ in range(50 * wanted):
        run, left = [0] * len(levels), limit
        for cell in draw.sample(range(len(levels)), len(levels)):
            run[cell] = draw.choice([level for level in levels[cell] if level <= left])
            left -= run[cell]
        if tuple(run) not in taken:
            taken.add(tuple(run))
            runs.append(run)
        if len(runs) == wanted:
            break
    return runs


def _exchange(
    runs: list[Run], levels: list[Run], limit: int, known: list[Run], scale: Scale
) -> float:
    """Improve `runs` in place, a cell at a time, until nothing improves; return the criterion."""
    size = 1 + 2 * len(levels)
    prior = _RIDGE * np.eye(size) + _information(known, scale, size)
    for _ in range(_PASSES):
        before = [list(run) for run in runs]
        for index, run in enumerate(runs):
            others = [*runs[:index], *runs[index + 1 :]]
            taken = {tuple(other) for other in (*known, *others)} | {(0,) * len(levels)}
            # Adding run y to information A multiplies its determinant by 1 + y' A^-1 y.
            inverse = np.linalg.inv(prior + _information(others, scale, size))
            for cell in range(len(levels)):
                moves = [m for m in _moves(run, cell, levels, limit) if tuple(m) not in taken]
                run[:] = _most_telling(moves, inverse, scale)
        if runs == before:
            break
    spread = np.linalg.slogdet(prior + _information(runs, scale, size))[1]
    return round(float(spread), _DIGITS)


def _moves(run: Run, cell: int, levels: list[Run], limit: int) -> list[Run]:
    """Return `run`, and it with another level in `cell` or with `cell` and another exchanged."""
    moves = [run, *([*run[:cell], level, *run[cell + 1 :]] for level in levels[cell])]
    for other in range(cell + 1, len(run)):
        if run[cell] in levels[other] and run[other] in levels[cell]:
            moves.append(list(run))
            moves[-1][cell], moves[-1][other] = run[other], run[cell]
    return [move for move in moves if sum(move) <= limit]


def _most_telling(moves: list[Run], inverse: Floats, scale: Scale) -> Run:
    effects = _effects(moves, scale)
    told = np.einsum("ij,jk,ik->i", effects, inverse, effects).round(_DIGITS)
    return list(moves[int(np.argmax(told))])


def _information(runs: list[Run], scale: Scale, size: int) -> Floats:
    if not runs:
        return np.zeros((size, size))
    effects = _effects(runs, scale)
    return effects.T @ effects


def _effects(runs: list[Run], scale: Scale) -> Floats:
    """Return a constant, each cell's rows on the log scale (0 to 1), and the bend between."""
    smallest, largest = scale
    x = np.log1p(np.array(runs, dtype=np.float64) / smallest) / np.log1p(largest / smallest)
    effects: Floats = np.column_stack([np.ones(len(x)), x, 4.0 * x * (1.0 - x)])
    return effects
