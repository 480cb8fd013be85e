r"""How a growth curve goes on.

Three experts, each alone wrong somewhere: the local slope (right over short ways, blind to bends),
a power law with a floor about the end, and a law with a bend over the whole curve. They are
averaged, by weights of the form

.. math::
    w_i \propto \pi_i \left( m_i + \epsilon^2 \right)^{-h / 4}
        \left( m_i^0 + \epsilon^2 \right)^{-(3 - h) / 4}

where :math:`m_i` is the mean square error of expert :math:`i` in predicting this curve's own last
points from those before, from :math:`h \le 3` places: stacking by what was left out. Places that
there are not yet are stood for by :math:`m_i^0`, its error on the points that it was fitted to: an
expert that cannot follow what was seen will not foretell the rest. Where past curves of the same
ability are known, they speak instead, the more the more there are.

What the spread of the experts and of the line leaves to chance is taken to the stated coverage by
factors from curves whose end is known (`learn.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from doitkit.growth.curve.decay import Bend, Power, fit_decay
from doitkit.growth.curve.line import local_line
from doitkit.growth.curve.past import from_past
from doitkit.growth.curve.points import Curve
from doitkit.growth.curve.shipped import CurvePriors, Level, shipped
from doitkit.growth.observations import Floats

_FEWEST = 4
"""Points from which an expert is asked to foretell the next."""
_PLACES = 3
_EPSILON = 0.003
"""Errors below this, in log units, do not tell experts apart."""
_FARTHEST = 700.0
"""Beyond it the exponential of a logarithm is no number."""
_PAST_PRIOR = 1.0
"""Past curves that weigh as much as the experts do without any."""


@dataclass(frozen=True)
class CurveForecast:
    """What is left to learn at larger sizes.

    Attributes
    ----------
    sizes
        Amounts of data, shape (sizes,).
    log_mean, log_sd
        Expectation of the logarithm of what is left, and its standard deviation before
        calibration.
    weights
        What each expert weighed.
    past
        How many past curves spoke about each size.
    """

    sizes: Floats
    log_mean: Floats
    log_sd: Floats
    weights: dict[str, float]
    past: Floats
    priors: CurvePriors

    @property
    def left(self) -> Floats:
        """What is expected to be left, shape (sizes,)."""
        return _finite(self.log_mean)

    def half_width(self, level: Level) -> Floats:
        """Return half the interval of the logarithm of what is left, shape (sizes,).

        Parameters
        ----------
        level
            The share of what came that such intervals held, on curves whose end is known.
        """
        cold, past = self.priors.cold[level], self.priors.past[level]
        width: Floats = self.log_sd * np.where(self.past > 0, past, cold)
        return width

    def interval(self, level: Level) -> tuple[Floats, Floats]:
        """Return the lower and upper end of what will be left, shape (sizes,) each."""
        half = self.half_width(level)
        return _finite(self.log_mean - half), _finite(self.log_mean + half)


def forecast_curve(
    curve: Curve,
    sizes: Floats,
    *,
    past: Sequence[Curve] = (),
    priors: CurvePriors | None = None,
) -> CurveForecast:
    """Return how a curve goes on at larger sizes.

    Parameters
    ----------
    sizes
        Amounts of data beyond the last point, shape (sizes,).
    past
        Whole curves of the same ability: of other models, or of earlier rounds.
    priors
        What is known from curves of others; by default what ships with doitkit.
    """
    return forecast_curves([curve], [sizes], [past], priors=priors)[0]


def forecast_curves(
    curves: Sequence[Curve],
    sizes: Sequence[Floats],
    pasts: Sequence[Sequence[Curve]],
    *,
    priors: CurvePriors | None = None,
) -> list[CurveForecast]:
    """Return how several curves go on, each with a past of its own; faster than one by one."""
    if not curves:
        return []
    known = priors or shipped()
    parts = [[curve, *_shorter(curve)] for curve in curves]
    experts = _Experts([part for of in parts for part in of], known)
    found, first = [], 0
    for of, ahead, past in zip(parts, sizes, pasts, strict=True):
        mean, sd, weights = _stacked(experts, first, of, np.log(ahead))
        cold = CurveForecast(ahead, mean, sd, weights, np.zeros(len(ahead)), known)
        found.append(_with_past(cold, of[0], past))
        first += len(of)
    return found


def _finite(logarithm: Floats) -> Floats:
    """Return the exponential, as far as numbers go: a curve that leaps is continued absurdly."""
    value: Floats = np.exp(np.clip(logarithm, -_FARTHEST, _FARTHEST))
    return value


def _with_past(cold: CurveForecast, curve: Curve, past: Sequence[Curve]) -> CurveForecast:
    told = from_past(curve, np.log(cold.sizes), past)
    if told is None:
        return cold
    mean, sd, counted = told
    share = np.where(np.isfinite(mean), counted / (counted + _PAST_PRIOR), 0.0)
    mean, sd = np.nan_to_num(mean), np.nan_to_num(sd)
    return replace(
        cold,
        log_mean=share * mean + (1 - share) * cold.log_mean,
        log_sd=np.sqrt(share * sd**2 + (1 - share) * cold.log_sd**2),
        past=np.where(share > 0, counted, 0.0),
    )


def _shorter(curve: Curve) -> list[Curve]:
    points = len(curve.x)
    return [curve.first(k) for k in range(max(_FEWEST, points - _PLACES), points)]


def _stacked(
    experts: "_Experts", first: int, parts: Sequence[Curve], ahead: Floats
) -> tuple[Floats, Floats, dict[str, float]]:
    """Return mean, standard deviation and weights of the experts on a curve, its past aside.

    Parameters
    ----------
    first
        The place of the curve among those of the experts; its shorter parts follow.
    """
    curve, shorter = parts[0], parts[1:]
    weights = {"line": 2.0, "power": 3.0 / max(len(curve.x) - 3, 1), "bend": 1.0}
    missed: dict[str, list[float]] = {name: [] for name in weights}
    for index, part in enumerate(shorter, start=first + 1):
        for name, y in experts.say(index, curve.x[len(part.x) :]).items():
            missed[name].append(float(((y - curve.y[len(part.x) :]) ** 2).mean()))
    places = len(shorter)
    for name, y in experts.say(first, curve.x).items():
        seen = float(((y - curve.y) ** 2).mean()) + _EPSILON**2
        weights[name] *= seen ** ((places - _PLACES) / 4)
        if places:
            weights[name] *= (float(np.mean(missed[name])) + _EPSILON**2) ** (-places / 4)
    total = sum(weights.values())
    weights = {name: weight / total for name, weight in weights.items()}
    said = experts.say(first, ahead)
    share = np.array([weights[name] for name in said])[:, None]
    told = np.stack(list(said.values()))
    mean: Floats = (share * told).sum(axis=0)
    apart = (share * (told - mean) ** 2).sum(axis=0)
    return mean, np.sqrt(apart + local_line(curve, ahead)[1] ** 2), weights


class _Experts:
    """The experts, each fitted to some curves."""

    def __init__(self, curves: list[Curve], priors: CurvePriors) -> None:
        self._curves = curves
        self._power = fit_decay(Power(), curves, priors.power)
        self._bend = fit_decay(Bend(), curves, priors.bend)

    def say(self, index: int, x: Floats) -> dict[str, Floats]:
        """Return what each says of a curve at these logarithms of sizes."""
        curve = self._curves[index]
        return {
            "line": local_line(curve, x)[0],
            "power": Power().value(self._power[[index]], (x - curve.x[-1])[None])[0],
            "bend": Bend().value(self._bend[[index]], (x - curve.x[0])[None])[0],
        }
