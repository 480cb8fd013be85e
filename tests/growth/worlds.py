"""Small worlds with a known truth, to see whether the fit finds it."""

from dataclasses import dataclass

import numpy as np

from doitkit.growth import Observations
from doitkit.growth.observations import Floats

SIZES = (12.0, 48.0, 192.0, 768.0)


@dataclass(frozen=True)
class World:
    """Hill-shaped growth (not the family that is fitted), two origins, some transfer."""

    chance: Floats
    ceiling: Floats
    start: Floats
    half: Floats
    rho: Floats
    cap: Floats
    help: float = 0.3

    def scores(self, counts: Floats) -> Floats:
        """Return the true scores of mixtures, shape (mixtures, abilities)."""
        own = counts[..., 0] + self.cap * -np.expm1(-self.rho * counts[..., 1] / self.cap)
        data = own + self.help * np.sqrt(own.sum(axis=-1, keepdims=True) - own)
        grown = data / (data + self.half)
        way = self.start + (1 - self.start) * grown
        return self.chance + (self.ceiling - self.chance) * way


def two_origin_world() -> World:
    """Return four abilities: quick, slow, flat and late."""
    return World(
        chance=np.array([0.25, 0.0, 0.25, 0.0]),
        ceiling=np.array([0.95, 0.8, 0.9, 0.6]),
        start=np.array([0.05, 0.0, 0.65, 0.02]),
        half=np.array([30.0, 300.0, 4.0, 900.0]),
        rho=np.array([0.6, 0.3, 0.5, 0.1]),
        cap=np.array([2000.0, 300.0, 200.0, 40.0]),
    )


def design(n_abilities: int, unbalanced: int, seed: int = 0) -> Floats:
    """Return the base model, balanced rungs of each origin, and uneven runs."""
    counts = [np.zeros((n_abilities, 2))]
    for origin in (0, 1):
        for size in SIZES:
            run = np.zeros((n_abilities, 2))
            run[:, origin] = size
            counts.append(run)
    draw = np.random.default_rng(seed)
    counts += [draw.choice([0.0, *SIZES], (n_abilities, 2)) for _ in range(unbalanced)]
    return np.array(counts)


def observe(world: World, counts: Floats, *, items: int = 200, seed: int = 0) -> Observations:
    """Return noisy scores of the runs: binomial over the items, and 1 point from the seed."""
    draw = np.random.default_rng(seed)
    truth = np.clip(world.scores(counts) + draw.normal(0, 0.01, (len(counts), 4)), 0.001, 0.999)
    scores = draw.binomial(items, truth) / items
    smoothed = (scores * items + 0.5) / (items + 1)
    return Observations(
        abilities=("quick", "slow", "flat", "late"),
        origins=("human", "synthetic"),
        runs=tuple(f"run {i}" for i in range(len(counts))),
        counts=counts,
        scores=scores,
        stderrs=np.sqrt(smoothed * (1 - smoothed) / items),
        chance=world.chance,
    )
