"""Three ways to draw from what the scores leave open, before anything is widened.

Run by hand: `python tests/benchmarks/draws.py [--worlds N] [--fast]`. The last line is JSON.

In simulated worlds (`allocation.py`, other seeds) the laws are fitted once; then a hundred draws
are made by randomised maximum a posteriori estimation, as doitkit makes them; by the normal at the
maximum (Laplace); and by importance resampling of 2,000 draws from a Student t of seven degrees
there, ability by ability, which is exact for the posterior given what others' data is to each. What
they say of the best purchase and of eight random mixtures is held against the truth: how often
intervals of 80 and 95 % hold it, and the mean pinball loss of five quantiles. `effective` is the
median of how many of the 2,000 the importance weights leave.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing import Pool

import numpy as np
import numpy.typing as npt
from worlds import ABILITIES, LARGEST, Play

from doitkit.growth import Observations
from doitkit.growth.fit import _most_probable, _randomised
from doitkit.growth.law import Layout, predict
from doitkit.growth.problem import AbilityFits, helps_of
from doitkit.growth.solve import least_squares

Floats = npt.NDArray[np.float64]
FIRST_SEED = 3_000_000
RUNS = (12, 24)
DRAWS = 100
PROPOSED = 2000
DEGREES = 7.0
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def drawn(seen: Observations) -> Iterator[tuple[str, Floats, float]]:
    """Yield the name of each way, its draws (draws, abilities, size), and how many count."""
    layout, generator = Layout(ABILITIES, 1), np.random.default_rng(0)
    best, prior, noise = _most_probable(layout, seen, generator)
    yield (
        "randomised",
        _randomised(layout, seen, prior, noise, best, DRAWS, generator),
        float(DRAWS),
    )
    # Randomised draws take the mean over abilities for unsure; so must the others.
    whole = replace(
        prior,
        sd=np.sqrt(prior.sd**2 + prior.mean_sd**2),
        mean_sd=np.zeros_like(prior.mean_sd),
    )
    each, helps = np.arange(ABILITIES), helps_of(layout, best, seen)
    one = AbilityFits.of(layout, seen, noise, whole, helps, 1)
    centre, _, _ = least_squares(one, best, iterations=200)
    slopes = one.jacobian(centre, each)
    covariance = np.linalg.inv(np.swapaxes(slopes, 1, 2) @ slopes)
    root = np.linalg.cholesky(covariance + 1e-12 * np.eye(layout.size))
    normal = generator.standard_normal((PROPOSED, ABILITIES, layout.size))
    yield "laplace", centre + np.einsum("aij,kaj->kai", root, normal[:DRAWS]), float(DRAWS)
    tails = np.sqrt(DEGREES / generator.chisquare(DEGREES, (PROPOSED, ABILITIES, 1)))
    proposed = centre + np.einsum("aij,kaj->kai", root, normal * tails)
    many = AbilityFits.of(layout, seen, noise, whole, helps, PROPOSED)
    residuals = many.residuals(
        proposed.reshape(-1, layout.size), np.arange(PROPOSED * ABILITIES)
    ).reshape(PROPOSED, ABILITIES, -1)
    far = ((normal * tails) ** 2).sum(axis=-1)
    log = 0.5 * (DEGREES + layout.size) * np.log1p(far / DEGREES) - 0.5 * (residuals**2).sum(
        axis=-1
    )
    weights = np.exp(log - log.max(axis=0))
    weights /= weights.sum(axis=0)
    taken = [
        proposed[generator.choice(PROPOSED, DRAWS, p=weights[:, a]), a] for a in range(ABILITIES)
    ]
    effective = float(np.median(1.0 / (weights**2).sum(axis=0)))
    yield "importance", np.stack(taken, axis=1), effective


def judged(case: tuple[int, int]) -> dict[str, tuple[float, float, float, float]]:
    """Return, for each way, both coverages, the pinball loss and how many draws count."""
    seed, runs = case
    play, layout = Play.of(seed), Layout(ABILITIES, 1)
    seen = play.observed(play.started(runs))
    generator = np.random.default_rng(seed)
    sizes = LARGEST * 10.0 ** generator.uniform(-2, 0, (8, *LARGEST.shape))
    mixtures = np.concatenate([play.best[None], np.round(sizes)])
    truth = play.world.scores(mixtures)
    found = {}
    for name, draws, count in drawn(seen):
        told = predict(layout.unpack(draws), mixtures, seen.chance, seen.unit)
        held = [_held(told, truth, tail) for tail in (0.1, 0.025)]
        pinball = [_pinball(np.quantile(told, q, axis=0), truth, q) for q in QUANTILES]
        found[name] = (held[0], held[1], float(np.mean(pinball)), count)
    return found


def _held(told: Floats, truth: Floats, tail: float) -> float:
    low, high = np.quantile(told, [tail, 1.0 - tail], axis=0)
    return float(((low <= truth) & (truth <= high)).mean())


def _pinball(told: Floats, truth: Floats, quantile: float) -> float:
    off = truth - told
    return float(np.maximum(quantile * off, (quantile - 1.0) * off).mean())


def main() -> None:
    """Measure, and print JSON as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=100)
    parser.add_argument("--fast", action="store_true", help="2 worlds")
    asked = parser.parse_args()
    worlds = 2 if asked.fast else asked.worlds
    figures = {}
    with Pool(2) as pool:
        for runs in RUNS:
            cases = [(FIRST_SEED + world, runs) for world in range(worlds)]
            each = pool.map(judged, cases, chunksize=1)
            for name in each[0]:
                held80, held95, pinball, count = np.mean([one[name] for one in each], axis=0)
                figures.setdefault(str(runs), {})[name] = {
                    "coverage80": round(float(held80), 3),
                    "coverage95": round(float(held95), 3),
                    "pinball": round(float(pinball), 5),
                    "effective": round(float(count)),
                }
            print(f"{runs} runs: {figures[str(runs)]}", flush=True)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
