"""The first runs, before anything is known: unbalanced on purpose, log-spaced, and told apart."""

from itertools import product

import numpy as np

from doitkit.growth.observations import Floats

_REPLICATES = 8
"""One run in about so many is a repeat."""
_TRIES = 40
_FEW = 32
"""Below so many runs, three levels are told better than four."""
_STEPS = {3: 10.0, 4: 5.0}
"""Number of levels, nothing being one, and the ratio of one to the next."""
_RIDGE = 0.1


def first_design(
    n_runs: int,
    abilities: int,
    origins: int,
    largest: float | Floats,
    *,
    seed: int = 0,
) -> Floats:
    """Return mixtures from which growth, exchange rates and transfer can be told apart.

    Every ability meets every combination of levels of its origins (nothing, a tenth of the
    largest, the largest) equally often; which run has which is drawn for each ability anew, and
    of 40 orders the one is taken that tells it best apart from the abilities before (the largest
    determinant of the information about log amounts: D-optimal among balanced plans). One run in
    about eight repeats a large one, and tells the luck of a seed. The base model, which costs no
    training, comes on top.

    Parameters
    ----------
    abilities, origins
        How many there are.
    largest
        The most rows of a cell in a run: one number, or shape (abilities, origins); 0 where a
        cell has none. Advice reaches about as far as this.

    Returns
    -------
    array of shape (n_runs, abilities, origins)
        The same for the same arguments. Repeats come last.
    """
    most = np.broadcast_to(np.asarray(largest, dtype=np.float64), (abilities, origins))
    if n_runs < 1 or not (most > 0).any():
        return np.zeros((max(n_runs, 0), abilities, origins))
    generator = np.random.default_rng(seed)
    repeats = n_runs // _REPLICATES
    fresh = n_runs - repeats
    levels = 3 if n_runs < _FEW else 4
    runs = np.zeros((fresh, abilities, origins))
    known = np.zeros((fresh, 0))
    for a in range(abilities):
        sold = np.flatnonzero(most[a] > 0)
        if not len(sold):
            continue
        rows = _combinations(levels, len(sold)) * most[a, sold]
        drawn = [np.round(rows[_order(generator, len(rows), fresh)]) for _ in range(_TRIES)]
        features = [np.hstack([known, _standard(np.log1p(option))]) for option in drawn]
        best = int(np.argmax([_information(option) for option in features]))
        runs[:, a, sold], known = drawn[best], features[best]
    _fill_empty(runs, most)
    # Scores of large runs decide, so that is where the luck of a seed must be known.
    by_size = np.argsort(-runs.sum(axis=(1, 2)), kind="stable")
    return np.concatenate([runs, runs[by_size[np.arange(repeats) % fresh]]])


def _combinations(levels: int, origins: int) -> Floats:
    """Return the combinations of levels as shares of the largest; with one origin, none too."""
    step = _STEPS[levels]
    shares = np.array([0.0, *step ** np.arange(2.0 - levels, 1.0)])
    every = np.array(list(product(shares, repeat=origins)))
    return every if origins == 1 else every[every.any(axis=1)]


def _order(generator: np.random.Generator, combinations: int, runs: int) -> np.ndarray:
    """Return which combination each run has, all of them as often as can be."""
    rounds = [generator.permutation(combinations) for _ in range(runs // combinations + 1)]
    return generator.permutation(np.concatenate(rounds)[:runs])


def _standard(values: Floats) -> Floats:
    standard: Floats = (values - values.mean(axis=0)) / (values.std(axis=0) + 1e-9)
    return standard


def _information(features: Floats) -> float:
    gram = features.T @ features / len(features) + _RIDGE * np.eye(features.shape[1])
    return float(np.linalg.slogdet(gram)[1])


def _fill_empty(runs: Floats, most: Floats) -> None:
    """Give runs that got nothing the largest amount of one cell, a different one each time."""
    cells = np.argwhere(most > 0)
    for index, run in enumerate(np.flatnonzero(~runs.any(axis=(1, 2)))):
        a, o = cells[index % len(cells)]
        runs[run, a, o] = max(np.floor(most[a, o]), 1.0)
