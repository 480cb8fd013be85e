"""Families of growth: how much of its way an ability has gone at some amount of data.

All rise from 0 without data towards 1. They differ in what decides about extrapolation: how early
they bend, how long their tails are, and whether they take off at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from doitkit.growth.observations import Floats

Shape = Callable[[Floats, float], Floats]
"""Maps data, in units of the curve's scale, and a bend between 0 and 1 to the way gone."""


@dataclass(frozen=True)
class Curve:
    """The growth of one ability.

    Attributes
    ----------
    family
        One of `FAMILIES`, or of `UNUSUAL`.
    scale
        Rows that count for much: about half of the way is gone there, the whole family's bends
        taken together.
    bend
        Between 0 and 1; what it does is the family's own.
    """

    family: str
    scale: float
    bend: float

    def grown(self, data: Floats) -> Floats:
        """Return the part of the way gone, of the same shape as `data`."""
        return _SHAPES[self.family](np.maximum(data, 0.0) / self.scale, self.bend)


def _exponential(x: Floats, bend: float) -> Floats:
    """Return a stretched exponential: the shortest tail."""
    grown: Floats = -np.expm1(-np.log(2.0) * x ** (0.6 + 0.4 * bend))
    return grown


def _hill(x: Floats, bend: float) -> Floats:
    raised = x ** (0.6 + 0.9 * bend)
    grown: Floats = raised / (1.0 + raised)
    return grown


def _power(x: Floats, bend: float) -> Floats:
    """Return a power law with a floor under its error: the longest tail."""
    power = 0.25 + 0.75 * bend
    grown: Floats = -np.expm1(-power * np.log1p(x * (2.0 ** (1.0 / power) - 1.0)))
    return grown


def _logistic(x: Floats, bend: float) -> Floats:
    """Return a logistic in log(n + n_0), n_0 a thirtieth of the scale: S-shaped, a long tail."""
    steep = 1.1 + 0.9 * bend
    return _rescaled(lambda rows: 1.0 / (1.0 + (rows + 1.0 / 30.0) ** -steep), x)


def _delayed(x: Floats, bend: float) -> Floats:
    """Return nothing up to a take-off, then a straight line in log n up to the end."""
    start, end = 0.02 + 0.13 * bend, 8.0
    level: Floats = np.log1p(np.maximum(x - start, 0.0) / 0.2) / np.log1p((end - start) / 0.2)
    return np.minimum(level, 1.0)


def _two_waves(x: Floats, bend: float) -> Floats:
    """Return a quick first rise, a shelf, and a late second one (Gompertz)."""
    first, late = 0.25 + 0.3 * bend, 1.0 + 2.0 * bend
    second = _rescaled(lambda rows: np.exp(-4.0 * np.exp(-rows / late)), x)
    return first * -np.expm1(-12.0 * x) + (1.0 - first) * second


def _rescaled(shape: Callable[[Floats], Floats], x: Floats) -> Floats:
    """Return a shape moved and stretched so that it is 0 at 0 and tends to 1."""
    start = shape(np.zeros(1))[0]
    grown: Floats = (shape(x) - start) / (1.0 - start)
    return grown


FAMILIES: tuple[str, ...] = ("exponential", "hill", "power", "logistic", "delayed")
"""What the truth is usually drawn from."""
UNUSUAL: tuple[str, ...] = ("two waves",)
"""What it is drawn from in a wrong world."""
_SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        "exponential": _exponential,
        "hill": _hill,
        "power": _power,
        "logistic": _logistic,
        "delayed": _delayed,
        "two waves": _two_waves,
    }
)
