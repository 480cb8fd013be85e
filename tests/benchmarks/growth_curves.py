"""How well growth curves are foretold, beside rivals, and how often intervals hold what came.

Run by hand: `python tests/benchmarks/growth_curves.py --data DIR [--fast]`. The last line is JSON.

Data: 90 curves of fine-tuning losses (Lin et al. 2024), 240 of error rates (LCDB 1.1, those with
4,096 rows or more), 5 of translation (Alabdulmohsin et al. 2022). `lin_*` are root mean squares of
log errors, by the number of points seen, mean over curves; `lcdb_*` are mean absolute errors in
points from 1,024 rows on, of 512 seen; `nmt` the root mean square log error at the last size.

Nothing of a task is known when its curves are foretold cold: priors come from the other tasks, for
LCDB from the other half of its data sets and the fine-tuning curves. With history, whole curves of
other model families on the same task are known. Intervals are calibrated on the other curves: with
the curve itself left out at all its lengths (`coverage80`), and, harder, with its whole task left
out (`coverage80_other_tasks`; LCDB: data set).
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import numpy.typing as npt
from curve_rivals import last_value, power_three, ridge, straight
from curve_trials import SEEN, Told, Trial, lcdb_trials, lin_trials, tell
from public_curves import error_rates, fine_tuning, translation

from doitkit.advise import first_design
from doitkit.growth import fit_growth
from doitkit.growth.curve.learn import bends, half_widths, learn_priors
from doitkit.growth.simulate import draw_world, money_splits, observe

Floats = npt.NDArray[np.float64]
LEVELS = {"80": 1.2815515655, "95": 1.9599639845}


def log_error(told: Floats, trial: Trial) -> float:
    """Return the root mean square log error."""
    return float(np.sqrt(np.mean((told - np.log(trial.came)) ** 2)))


def point_error(told: Floats, trial: Trial) -> float:
    """Return the mean absolute error in points."""
    return float(100 * np.abs(np.clip(np.exp(told), 0, 1) - trial.came).mean())


Widths = list[tuple[Told, dict[str, float]]]


def calibrated(told: Sequence[Told], without: Callable[[Trial], str]) -> Widths:
    """Return each forecast with the half widths that the others teach.

    Parameters
    ----------
    without
        What is left out with a curve: itself, or its task.
    """
    result: Widths = []
    for group in sorted({without(t.trial) for t in told}):
        others = [t for t in told if without(t.trial) != group]
        widths = half_widths([t.forecast for t in others], [t.trial.came for t in others])
        result += [(t, dict(widths)) for t in told if without(t.trial) == group]
    return result


def coverage(told: Widths, level: str) -> float:
    """Return the share of what came that intervals held; every curve weighs the same."""
    held = [
        np.mean(np.abs(t.forecast.log_mean - _log(t.trial.came)) <= w[level] * t.forecast.log_sd)
        for t, w in told
    ]
    return float(np.mean(held))


def pinball(mean: Floats, half: dict[str, Floats], came: Floats) -> float:
    """Return the mean pinball loss of the quantiles 2.5, 10, 50, 90 and 97.5 %."""
    quantiles = {0.5: mean, 0.1: mean - half["80"], 0.9: mean + half["80"]}
    quantiles |= {0.025: mean - half["95"], 0.975: mean + half["95"]}
    losses = [
        np.maximum(q * (_log(came) - value), (q - 1) * (_log(came) - value)).mean()
        for q, value in quantiles.items()
    ]
    return float(np.mean(losses))


def _log(values: Floats) -> Floats:
    return np.log(np.maximum(values, 1e-3))


def in_worlds(seed: int) -> dict[str, float]:
    """Return how often forecasts of fitted laws hold the truth, in one simulated world."""
    abilities = 10
    world = draw_world(seed, abilities=abilities)
    sizes = np.tile([1600.0, 16000.0], (abilities, 1))
    runs = [np.zeros((1, abilities, 2)), first_design(23, abilities, 2, sizes, seed=seed)]
    fit = fit_growth(observe(world, np.concatenate(runs), seed=seed))
    splits = money_splits(world, np.array([1.0, 0.1]), 10_000.0)
    mixtures = np.stack([np.zeros((abilities, 2)), *splits.values()])
    drawn, truth = fit.forecast(mixtures), world.scores(mixtures)
    held = {}
    for level, tail in (("80", 0.1), ("95", 0.025)):
        low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
        held[level] = float(((truth >= low) & (truth <= high)).mean())
    return held


def trials_of(runs: Path, *, fast: bool) -> tuple[dict[tuple[int, bool], list[Trial]], ...]:
    """Return the trials on fine-tuning curves, on error rates and on translation."""
    tuned, errors = fine_tuning(runs), error_rates(runs)
    datasets = sorted({dataset for dataset, _ in errors})
    halves = {dataset: index % 2 for index, dataset in enumerate(datasets)}
    taught = {task: bends([curve for _, curve in members]) for task, members in tuned.items()}
    for half in (0, 1):
        whole = [c for (d, _), c in errors.items() if halves[d] == half and len(c.sizes) >= 12]
        taught[f"lcdb {half}"] = bends(whole)
    every = learn_priors(list(taught.values()))
    others = [
        Trial(str(index), "translation", seen, ahead, came, every)
        for index, (seen, ahead, came) in enumerate(translation(runs))
    ]
    on_errors = lcdb_trials(errors, halves, taught)[:: 6 if fast else 1]
    return lin_trials(tuned, taught, few=fast), {(0, False): on_errors}, {(0, False): others}


def errors_by_size(
    trials: dict[tuple[int, bool], list[Trial]],
    says: Callable[[Trial], Floats],
    *,
    past: bool = False,
    over: Callable[[list[float]], float] = np.mean,
) -> dict[str, float]:
    """Return log errors by the number of points seen."""
    return {
        str(points): float(over([log_error(says(t), t) for t in trials[points, past]]))
        for points in SEEN
    }


def main() -> None:
    """Measure, and print JSON as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--fast", action="store_true", help="a sixth of the curves, 10 worlds")
    parser.add_argument("--worlds", type=int, default=200, help="simulated worlds for coverage")
    asked = parser.parse_args()
    started = time.perf_counter()
    on_lin, on_lcdb, on_nmt = trials_of(asked.data / "runs", fast=asked.fast)
    lcdb, nmt = on_lcdb[0, False], on_nmt[0, False]
    cold = [t for (_, past), trials in on_lin.items() if not past for t in trials]
    history = [t for (_, past), trials in on_lin.items() if past for t in trials]
    seeds = range(1_000_000, 1_000_000 + (10 if asked.fast else asked.worlds))
    with Pool(2) as pool:
        told = {
            name: pool.map(tell, trials)
            for name, trials in (("lin", cold), ("lin_history", history), ("lcdb", lcdb))
        }
        said = {id(t): told for t, told in zip(nmt, pool.map(tell, nmt), strict=True)}
        print(f"curves: {time.perf_counter() - started:.0f} s", flush=True)
        worlds = pool.map(in_worlds, seeds)
    for name, trials in (("lin", cold), ("lin_history", history), ("lcdb", lcdb)):
        said |= {id(t): one for t, one in zip(trials, told[name], strict=True)}

    def ours(trial: Trial) -> Floats:
        return said[id(trial)].forecast.log_mean

    def on_points(says: Callable[[Trial], Floats]) -> list[float]:
        found = [point_error(says(t), t) for t in lcdb]
        return [float(np.mean(found)), float(np.median(found))]

    own = {name: calibrated(of, lambda t: t.curve) for name, of in told.items()}
    strict = {name: calibrated(of, lambda t: t.task) for name, of in told.items()}
    both = [*own["lin"], *own["lcdb"]]
    figures = {
        "lin_cold": errors_by_size(on_lin, ours),
        "lin_cold_median": errors_by_size(on_lin, ours, over=np.median),
        "lin_history": errors_by_size(on_lin, ours, past=True),
        "lin_history_median": errors_by_size(on_lin, ours, past=True, over=np.median),
        "lin_last": errors_by_size(on_lin, last_value),
        "lin_last3": errors_by_size(on_lin, straight(3)),
        "lin_power": errors_by_size(on_lin, power_three),
        "lin_ridge": errors_by_size(on_lin, ridge, past=True),
        "lcdb_mean": on_points(ours)[0],
        "lcdb_median": on_points(ours)[1],
        "lcdb_rivals": {
            "last": on_points(last_value),
            "last4": on_points(straight(4)),
            "pow3": on_points(power_three),
        },
        "nmt": float(np.sqrt(np.mean([log_error(ours(t), t) ** 2 for t in nmt]))),
        "nmt_last3": float(np.sqrt(np.mean([log_error(straight(3)(t), t) ** 2 for t in nmt]))),
        **{
            f"coverage{level}": {name: coverage(of, level) for name, of in own.items()}
            | {"sim": float(np.mean([world[level] for world in worlds]))}
            for level in LEVELS
        },
        **{
            f"coverage{level}_other_tasks": {n: coverage(of, level) for n, of in strict.items()}
            for level in LEVELS
        },
        "width80": {
            name: float(np.mean([2 * w["80"] * t.forecast.log_sd.mean() for t, w in of]))
            for name, of in own.items()
        },
        "pinball": float(np.mean([_ours_lost(t, w) for t, w in both])),
        "pinball_laplace": float(np.mean([_laplace_lost(t) for t, _ in both])),
        "worlds": len(seeds),
        "seconds": time.perf_counter() - started,
    }
    print(json.dumps(_rounded(figures)))


def _ours_lost(told: Told, widths: dict[str, float]) -> float:
    half = {level: widths[level] * told.forecast.log_sd for level in LEVELS}
    return pinball(told.forecast.log_mean, half, told.trial.came)


def _laplace_lost(told: Told) -> float:
    half = {level: z * told.laplace_sd for level, z in LEVELS.items()}
    return pinball(told.laplace_mean, half, told.trial.came)


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return round(value, 4) if isinstance(value, float) else value


if __name__ == "__main__":
    main()
