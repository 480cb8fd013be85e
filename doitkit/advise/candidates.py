"""Runs that could be made next, and what each would show."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from doitkit.advise.question import Case, Law
from doitkit.advise.solve import Solution
from doitkit.growth import Observations
from doitkit.growth.observations import Floats

Kind = Literal["replicate", "advised", "cheapest", "equal split", "single", "unbalanced", "items"]

_WANTED = 200
_SIZES = 4
_BEYOND = 2.0
"""Candidates hold up to so many times the rows of the largest run."""
_LEAST_SEED_SD = 0.005
"""Trainings that differ in the seed alone differ by half a point at least."""
_MOST_DISPERSION = 25.0
_HALF_NORMAL = 0.455
"""Median of the square of a standard normal variable."""


@dataclass(frozen=True)
class Noise:
    """What blurs a score, as variances of shape (outcomes,)."""

    items: Floats
    """Of which items were asked: the same ones in every run, so repeating a run leaves it."""
    seed: Floats
    """Of the training."""

    @property
    def total(self) -> Floats:
        """Of one run."""
        return self.items + self.seed


@dataclass(frozen=True)
class Candidate:
    """A run that could be made, or more items for one outcome of all runs there are.

    Attributes
    ----------
    counts
        Rows, shape (abilities, origins); all 0 for more items.
    noise
        Variance with which the scores would tell of the law, shape (outcomes,).
    outcome
        The index of what is asked with more items; None for a run.
    """

    kind: Kind
    counts: Floats
    noise: Floats
    outcome: int | None = None


def noise_of(law: Law, seen: Observations) -> Noise:
    """Return the noise of scores: that of the items as stated, that of seeds from the misfits.

    The misfits are taken at their median, so that an outlier does not pass for noise.
    """
    items = np.nanmedian(seen.stderrs, axis=0) ** 2
    misfit = (np.median(law.predict(seen.counts), axis=0) - seen.scores) ** 2 / seen.stderrs**2
    dispersion = np.nanmedian(misfit, axis=0) / _HALF_NORMAL
    extra = np.clip(dispersion, 1.0, _MOST_DISPERSION) - 1.0
    return Noise(items, np.maximum(extra * items, _LEAST_SEED_SD**2))


def candidates(
    case: Case, seen: Observations, solution: Solution, cheapest: Floats, *, seed: int = 0
) -> list[Candidate]:
    """Return about 200 runs that could be made next, without repeats.

    Replicates of what was run, the advised purchases themselves, runs of a single cell, and
    unbalanced log-spaced ones.
    """
    held, noise = case.question.held, noise_of(case.law, seen)
    runs, times = np.unique(seen.counts, axis=0, return_counts=True)
    found: dict[bytes, Candidate] = {}
    for counts, count in zip(runs, times, strict=True):
        if counts.any():
            _add(found, "replicate", counts, _repeated(noise, int(count)))
    named: tuple[tuple[Kind, Floats], ...] = (
        ("advised", solution.bought),
        ("cheapest", cheapest),
        ("equal split", solution.equal),
    )
    for kind, rows in named:
        if rows.any():
            _add(found, kind, held + rows, noise.total)
    levels = _levels(case, seen)
    for a, o in np.argwhere(levels[-1] > 0):
        for level in levels:
            counts = np.zeros_like(held)
            counts[a, o] = level[a, o]
            _add(found, "single", counts, noise.total)
    generator = np.random.default_rng(seed)
    for _ in range(max(0, _WANTED - len(found))):
        drawn = np.concatenate([np.zeros((1, *held.shape)), levels])
        which = generator.integers(0, len(drawn), held.shape)
        counts = np.take_along_axis(drawn, which[None], axis=0)[0]
        if counts.any():
            _add(found, "unbalanced", counts, noise.total)
    return list(found.values())


def more_items(seen: Observations, noise: Noise) -> list[Candidate]:
    """Return, for every outcome, that twice as many items are asked of all runs there are.

    That tells as much as an observation of its own would whose precision is what is gained.
    """
    before, after = noise.total, noise.seed + noise.items / 2
    gained = 1.0 / (1.0 / after - 1.0 / before)
    nothing = np.zeros(seen.counts.shape[1:])
    return [Candidate("items", nothing, gained, outcome) for outcome in range(len(gained))]


def _repeated(noise: Noise, times: int) -> Floats:
    """Return the noise of what another seed tells of a mixture that was trained `times` times.

    The items are those of the runs before: only the luck of the seed is averaged out.
    """
    before = noise.items + noise.seed / times
    after = noise.items + noise.seed / (times + 1)
    told: Floats = 1.0 / (1.0 / after - 1.0 / before)
    return told


def _levels(case: Case, seen: Observations) -> Floats:
    """Return log-spaced rows of every cell, (sizes, abilities, origins); 0 where it has none."""
    question = case.question
    tried = seen.counts[seen.counts > 0]
    smallest = float(tried.min()) if tried.size else 10.0
    largest = _BEYOND * float(tried.max()) if tried.size else 1000.0
    sizes = np.round(np.geomspace(smallest, max(largest, smallest), _SIZES))
    within = np.maximum(question.owned, question.held + question.market.most)
    within = np.maximum(within, seen.counts.max(axis=0))
    levels: Floats = np.minimum(sizes[:, None, None], np.floor(within))
    return levels


def _add(found: dict[bytes, Candidate], kind: Kind, counts: Floats, noise: Floats) -> None:
    found.setdefault(np.ascontiguousarray(counts).tobytes(), Candidate(kind, counts, noise))
