"""Scoring runs in a world, as an evaluation would: with noise of seeds, of items, and accidents.

All runs answer the same questions. The questions of an ability differ in difficulty, so that a set
of them that happens to be hard is hard for every run: the errors of runs go together, and those of
differences between runs are smaller than those of levels. An answer is right with probability
(the Rasch model, with guessing)

    p = chance + (1 - chance) / (1 + exp(difficulty - skill))

where the skill of a run is such that over all questions there might be, its mean is the true score.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np

from doitkit.core.errors import UsageError
from doitkit.growth.observations import Floats, Observations
from doitkit.growth.simulate.world import World

_DIFFICULTY_SD = 1.5
_SHARED_BY_ABILITIES = 0.3
"""Share of the variance of seeds that moves all abilities of a run alike."""
_COLLAPSED = 0.5
_LOST = (0.3, 0.9)
_SKILLS = np.linspace(-16.0, 16.0, 801)
_QUESTIONS, _RUN, _ACCIDENT = range(3)
"""What randomness is for: each has its own."""


def observe(
    world: World,
    counts: Floats,
    seed: int,
    items: int | Sequence[int] = 200,
    seed_sd: float = 0.01,
    outliers: float = 0.0,
) -> Observations:
    """Return the scores of runs.

    Parameters
    ----------
    counts
        Rows that each run was trained on, shape (runs, abilities, origins).
    seed
        Of the noise. With the same seed the questions are the same, and the noise of a run
        depends on its place alone: runs that are added at the end leave the others as they are,
        and so does a change of how strong one kind of noise is.
    items
        Questions of each ability.
    seed_sd
        Standard deviation of a run's true scores over training seeds.
    outliers
        Share of the trained runs that go wrong: on about half of the abilities, 30 to 90 % of
        the answers have lost their format and count as wrong.
    """
    counts = np.asarray(counts, dtype=np.float64)
    sizes = np.broadcast_to(np.asarray(items, dtype=np.int64), (len(world.abilities),))
    if not 0.0 <= outliers <= 1.0 or seed_sd < 0.0 or (sizes < 1).any():
        raise UsageError(
            "this noise cannot be drawn",
            why=f"outliers {outliers:g}, seed_sd {seed_sd:g}, {int(sizes.min())} items",
            next_step="give a share of outliers, a standard deviation, and one item or more",
        )
    truth = world.scores(counts)
    scores = np.empty_like(truth)
    questions = [
        _DIFFICULTY_SD * np.random.default_rng([seed, _QUESTIONS, a]).standard_normal(n)
        for a, n in enumerate(sizes)
    ]
    for r, level in enumerate(truth):
        draw = np.random.default_rng([seed, _RUN, r])
        reached = level + seed_sd * _seed_noise(draw, len(level))
        accident = np.random.default_rng([seed, _ACCIDENT, r])
        # The base model was not trained, so nothing went wrong in its training.
        lost = _lost_answers(accident, len(level), outliers if counts[r].any() else 0.0)
        for a, difficulty in enumerate(questions):
            odds = _answer_odds(float(reached[a]), float(world.chance[a]), difficulty)
            right = draw.random(len(odds)) < odds
            kept = accident.random(len(odds)) >= lost[a]
            scores[r, a] = (right & kept).mean()
    # Half an item more of either kind keeps the standard error of a perfect score above 0.
    smoothed = (scores * sizes + 0.5) / (sizes + 1)
    return Observations(
        abilities=world.abilities,
        origins=world.origins,
        runs=tuple(f"run {i + 1}" for i in range(len(counts))),
        counts=counts,
        scores=scores,
        stderrs=np.sqrt(smoothed * (1.0 - smoothed) / sizes),
        chance=world.chance,
    )


def _seed_noise(draw: np.random.Generator, abilities: int) -> Floats:
    """Return what a seed does to each ability, in its standard deviations."""
    shared, own = draw.standard_normal(), draw.standard_normal(abilities)
    noise: Floats = _SHARED_BY_ABILITIES**0.5 * shared + (1.0 - _SHARED_BY_ABILITIES) ** 0.5 * own
    return noise


def _lost_answers(draw: np.random.Generator, abilities: int, outliers: float) -> Floats:
    """Return the share of its answers that a run loses on each ability."""
    wrong = draw.random() < outliers
    hit = draw.random(abilities) < _COLLAPSED
    hit[draw.integers(abilities)] = True
    lost: Floats = draw.uniform(*_LOST, abilities) * (hit & wrong)
    return lost


def _answer_odds(level: float, chance: float, difficulty: Floats) -> Floats:
    """Return the probability that a run of this true score answers each item."""
    # A run whose seed took it below chance answers every item a little worse than by chance.
    below = min(level - chance, 0.0)
    share = np.clip((level - chance) / (1.0 - chance), 1e-4, 1.0 - 1e-4)
    skill = np.interp(share, _expected_shares(), _SKILLS)
    odds = chance + (1.0 - chance) * _sigmoid(skill - difficulty) + below
    right: Floats = np.clip(odds, 0.0, 1.0)
    return right


@cache
def _expected_shares() -> Floats:
    """Return the mean over all questions there might be, for each of `_SKILLS`."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(61)
    right = _sigmoid(_SKILLS[:, None] - _DIFFICULTY_SD * nodes)
    expected: Floats = right @ (weights / weights.sum())
    return expected


def _sigmoid(x: Floats) -> Floats:
    value: Floats = 0.5 * (1.0 + np.tanh(0.5 * x))
    return value
