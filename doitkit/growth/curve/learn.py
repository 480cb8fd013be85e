"""Learning what to expect of growth curves from whole ones.

`tests/benchmarks/learn_curve_priors.py` makes the shipped priors so; a team with curves of its own
may learn from them instead. Sets of curves weigh the same, however many curves they hold.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from doitkit.growth.curve.decay import Bend, Prior, fit_decay
from doitkit.growth.curve.forecast import CurveForecast
from doitkit.growth.curve.points import Curve
from doitkit.growth.curve.shipped import CurvePriors, Level
from doitkit.growth.observations import Floats

VAGUE_BEND = Prior(mean=np.array([3.0, np.log(0.5), -2.5, -0.3]), sd=np.array([4.0, 0.8, 1.5, 0.8]))
"""What is believed of a bend before any curve: so little that whole curves decide."""
VAGUE_POWER = Prior(mean=np.array([np.log(0.3), -2.5]), sd=np.array([0.7, 1.5]))
"""The same of a power law with a floor. It is kept as it is: ends of curves differ widely."""
VAGUE = CurvePriors(VAGUE_POWER, VAGUE_BEND, {"80": 1.28, "95": 1.96}, {"80": 1.28, "95": 1.96})
_LEVELS: dict[Level, float] = {"80": 0.8, "95": 0.95}


def bends(curves: Sequence[Curve]) -> Floats:
    """Return the parameters of the bend of whole curves but the level, (curves, parameters)."""
    return fit_decay(Bend(), list(curves), VAGUE_BEND)[:, 1:]


def learn_priors(sets: Sequence[Floats]) -> CurvePriors:
    """Return the prior that sets of fitted bends teach, with intervals not yet calibrated.

    Its variance is that within sets and that between their means together.
    """
    means = np.array([found.mean(axis=0) for found in sets])
    within = np.mean([found.var(axis=0) for found in sets], axis=0)
    bend = Prior(means.mean(axis=0), np.sqrt(within + means.var(axis=0)))
    return replace(VAGUE, bend=bend)


def half_widths(forecasts: Sequence[CurveForecast], came: Sequence[Floats]) -> dict[Level, float]:
    """Return half the widths of intervals, in standard deviations, that hold their share.

    Conformal (Vovk, Gammerman and Shafer 2005): quantiles of the standardised errors of forecasts
    of curves whose end is known; every curve weighs the same.

    Parameters
    ----------
    came
        What was really left at the sizes of each forecast.
    """
    errors = [
        np.abs(forecast.log_mean - np.log(np.maximum(truth, 1e-3))) / forecast.log_sd
        for forecast, truth in zip(forecasts, came, strict=True)
    ]
    weights = np.concatenate([np.full(len(e), 1.0 / len(e)) for e in errors])
    order = np.argsort(np.concatenate(errors))
    ascending = np.concatenate(errors)[order]
    share = np.cumsum(weights[order]) / (weights.sum() + 1.0)
    return {
        level: float(ascending[min(int(np.searchsorted(share, wanted)), len(ascending) - 1)])
        for level, wanted in _LEVELS.items()
    }
