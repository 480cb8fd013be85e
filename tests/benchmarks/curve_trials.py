"""Growth curves of which a part is seen, and what is foretold of the rest."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from public_curves import SIZES

from doitkit.growth.curve import Bend, Curve, CurveForecast, CurvePriors, fit_decay, forecast_curve
from doitkit.growth.curve.learn import learn_priors

Floats = npt.NDArray[np.float64]
SEEN = (4, 6, 8, 10)


@dataclass(frozen=True)
class Trial:
    """A curve of which the first points are seen and the later ones are to be foretold."""

    curve: str
    task: str
    """What it shares with curves that teach most about it."""
    seen: Curve
    sizes: Floats
    came: Floats
    priors: CurvePriors
    past: tuple[Curve, ...] = ()


@dataclass(frozen=True)
class Told:
    """What was foretold."""

    trial: Trial
    forecast: CurveForecast
    laplace_mean: Floats
    laplace_sd: Floats
    """Of a law with a bend alone, with errors as its curvature has them."""


def tell(trial: Trial) -> Told:
    """Foretell one curve."""
    forecast = forecast_curve(trial.seen, trial.sizes, past=trial.past, priors=trial.priors)
    return Told(trial, forecast, *laplace(trial))


def laplace(trial: Trial) -> tuple[Floats, Floats]:
    """Return mean and deviation of the most probable bend, by its curvature."""
    law, curve = Bend(), trial.seen
    found = fit_decay(law, [curve], trial.priors.bend)
    slopes = law.slopes(found, (curve.x - curve.x[0])[None])[0] / curve.noise[:, None]
    sd = np.concatenate([[0.5], trial.priors.bend.sd])
    covariance = np.linalg.inv(slopes.T @ slopes + np.diag(sd**-2))
    ahead = (np.log(trial.sizes) - curve.x[0])[None]
    out = law.slopes(found, ahead)[0]
    return law.value(found, ahead)[0], np.sqrt(np.einsum("ij,jk,ik->i", out, covariance, out))


def lin_trials(
    curves: dict[str, list[tuple[str, Curve]]], taught: dict[str, Floats], *, few: bool
) -> dict[tuple[int, bool], list[Trial]]:
    """Return the trials on fine-tuning curves, by points seen and whether history is known."""
    trials: dict[tuple[int, bool], list[Trial]] = {}
    for points in SEEN:
        for task, members in curves.items():
            priors = learn_priors([found for name, found in taught.items() if name != task])
            for index, (family, curve) in enumerate(members):
                if few and index % 6:
                    continue
                came = curve.left[points:]
                name = f"{task} {index}"
                cold = Trial(name, task, curve.first(points), SIZES[points:], came, priors)
                past = tuple(other for of, other in members if of != family)
                trials.setdefault((points, False), []).append(cold)
                told = replace(cold, past=past, task=f"{task} {family}")
                trials.setdefault((points, True), []).append(told)
    return trials


def lcdb_trials(
    curves: dict[tuple[str, str], Curve], halves: dict[str, int], taught: dict[str, Floats]
) -> list[Trial]:
    """Return the trials on error curves."""
    trials = []
    for (dataset, learner), curve in curves.items():
        if curve.sizes[-1] < 4096:
            continue
        seen = int((curve.sizes <= 512).sum())
        later = curve.sizes >= 1024
        own = f"lcdb {halves[dataset]}"
        priors = learn_priors([found for name, found in taught.items() if name != own])
        sizes, came = curve.sizes[later], curve.left[later]
        name = f"{dataset} {learner}"
        trials.append(Trial(name, dataset, curve.first(seen), sizes, came, priors))
    return trials
