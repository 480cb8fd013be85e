r"""Two laws by which what is left to learn decays.

With :math:`x` the logarithm of the size, :math:`y` that of what is left, and :math:`\phi` the
share that no data takes away,

.. math::
    y = c + \log \left( \phi + (1 - \phi) D(x) \right)

`Power`: :math:`D = e^{-b (x - x_1)}` from the last point :math:`x_1` on, a power law with a floor.
It is trusted about its end: what lies far before it counts less.

`Bend`: :math:`D = \left( 1 + e^{a (x - \kappa)} \right)^{-b/a}`, flat up to about :math:`e^\kappa`
rows and a power law beyond, with :math:`a` for how sharply it bends. It holds the rectified law of
Lin et al. 2024 (:math:`a = b`) and the smoothly broken power law of Caballero et al. 2023 with a
single break and no slope before it.

Both are fitted to the most probable parameters under a normal prior, many curves at once.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from doitkit.growth.curve.points import Curve
from doitkit.growth.observations import Floats
from doitkit.growth.solve import Indices, least_squares

_DISCOUNT = 0.03
"""How much a point's deviation from a power law grows per unit of log size before the end."""
_LEVEL_SD = 0.5
_JUMPS = (0.0, 1.4, -1.4)
"""Starts of the fit: where the bend lies, or how high the floor, off its expectation."""


@dataclass(frozen=True)
class Prior:
    """Expectation and standard deviation of each parameter but the level."""

    mean: Floats
    sd: Floats


class Law(Protocol):
    """A law of decay: parameters are the level c and, in order, those of its prior."""

    jumps: int
    """Which parameter the starts differ in."""

    def value(self, p: Floats, x: Floats) -> Floats:
        """Return y, shape (batch, sizes), at parameters (batch, size) and x (batch, sizes)."""

    def slopes(self, p: Floats, x: Floats) -> Floats:
        """Return the derivatives of y by the parameters, (batch, sizes, size)."""

    def place(self, curve: Curve, prior: Prior) -> tuple[Floats, Floats]:
        """Return the sizes as the law counts them, and the prior's expectation, level included."""

    def noise(self, curve: Curve) -> Floats:
        """Return the deviations of the points around the law."""


class Power:
    """Parameters c, log b, and the log-odds of the floor; x counts from the last point."""

    jumps = 2

    def value(self, p: Floats, x: Floats) -> Floats:
        """Return y."""
        floor, fallen = _sigmoid(p[:, 2:3]), np.exp(-np.exp(p[:, 1:2]) * x)
        y: Floats = p[:, :1] + np.log(floor + (1 - floor) * fallen)
        return y

    def slopes(self, p: Floats, x: Floats) -> Floats:
        """Return the derivatives of y."""
        floor, b = _sigmoid(p[:, 2:3]), np.exp(p[:, 1:2])
        fallen = np.exp(-b * x)
        left = floor + (1 - floor) * fallen
        by_b = -(1 - floor) * fallen * b * x / left
        by_floor = floor * (1 - floor) * (1 - fallen) / left
        return np.stack([np.ones_like(x), by_b, by_floor], axis=-1)

    def place(self, curve: Curve, prior: Prior) -> tuple[Floats, Floats]:
        """Return sizes from the last point on, and the expectation."""
        return curve.x - curve.x[-1], np.concatenate([[curve.y[-1]], prior.mean])

    def noise(self, curve: Curve) -> Floats:
        """Return deviations that grow with the distance from the end."""
        noise: Floats = np.hypot(curve.noise, _DISCOUNT * (curve.x[-1] - curve.x))
        return noise


class Bend:
    """Parameters c, kappa from the first point, log b, the log-odds of the floor, log a."""

    jumps = 1

    def value(self, p: Floats, x: Floats) -> Floats:
        """Return y."""
        floor, fallen, *_ = self._parts(p, x)
        y: Floats = p[:, :1] + np.log(floor + (1 - floor) * fallen)
        return y

    def slopes(self, p: Floats, x: Floats) -> Floats:
        """Return the derivatives of y."""
        floor, fallen, a, b, steps, bent = self._parts(p, x)
        left = floor + (1 - floor) * fallen
        share = (1 - floor) * fallen / left
        past = _sigmoid(steps)
        by_floor = floor * (1 - floor) * (1 - fallen) / left
        by_a = share * (b / a) * (bent - steps * past)
        return np.stack(
            [np.ones_like(x), share * b * past, -share * (b / a) * bent, by_floor, by_a], axis=-1
        )

    def place(self, curve: Curve, prior: Prior) -> tuple[Floats, Floats]:
        """Return sizes from the first point on, and the expectation."""
        return curve.x - curve.x[0], np.concatenate([[curve.y[0] + 0.05], prior.mean])

    def noise(self, curve: Curve) -> Floats:
        """Return the deviations of the points."""
        return curve.noise

    @staticmethod
    def _parts(p: Floats, x: Floats) -> tuple[Floats, ...]:
        floor, b, a = _sigmoid(p[:, 3:4]), np.exp(p[:, 2:3]), np.exp(p[:, 4:5])
        steps = a * (x - p[:, 1:2])
        bent = np.logaddexp(0.0, steps)
        return floor, np.exp(-(b / a) * bent), a, b, steps, bent


def fit_decay(law: Law, curves: list[Curve], prior: Prior) -> Floats:
    """Return the most probable parameters of each curve, shape (curves, parameters)."""
    longest = max(len(curve.x) for curve in curves)
    x, y, precision = (np.zeros((len(curves), longest)) for _ in range(3))
    centres = np.zeros((len(curves), len(prior.mean) + 1))
    for index, curve in enumerate(curves):
        points = len(curve.x)
        x[index, :points], centres[index] = law.place(curve, prior)
        y[index, :points] = curve.y
        precision[index, :points] = 1.0 / law.noise(curve)
    starts = np.repeat(centres[None], len(_JUMPS), axis=0)
    starts[:, :, law.jumps] += np.array(_JUMPS)[:, None]
    tiled = [np.tile(part, (len(_JUMPS), 1)) for part in (x, y, precision, centres)]
    sd = np.concatenate([[_LEVEL_SD], prior.sd])
    found, loss, _ = least_squares(
        _Fits(law, tiled[0], tiled[1], tiled[2], tiled[3], sd),
        starts.reshape(-1, starts.shape[-1]),
        tolerance=1e-4,
    )
    best = loss.reshape(len(_JUMPS), -1).argmin(axis=0)
    chosen: Floats = found.reshape(starts.shape)[best, np.arange(len(curves))]
    return chosen


@dataclass(frozen=True)
class _Fits:
    """Least-squares problems, one for each curve and start."""

    law: Law
    x: Floats
    y: Floats
    precision: Floats
    centres: Floats
    sd: Floats

    def residuals(self, flat: Floats, which: Indices) -> Floats:
        misfit = (self.law.value(flat, self.x[which]) - self.y[which]) * self.precision[which]
        return np.concatenate([misfit, (flat - self.centres[which]) / self.sd], axis=1)

    def jacobian(self, flat: Floats, which: Indices) -> Floats:
        law = self.law.slopes(flat, self.x[which]) * self.precision[which][..., None]
        prior = np.broadcast_to(np.diag(1.0 / self.sd), (len(flat), len(self.sd), len(self.sd)))
        return np.concatenate([law, prior], axis=1)


def _sigmoid(x: Floats) -> Floats:
    value: Floats = 0.5 * (1.0 + np.tanh(0.5 * x))
    return value
