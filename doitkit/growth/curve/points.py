"""A growth curve: what is left to learn after so much data."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from doitkit.core.errors import FitError
from doitkit.growth.observations import Floats

_LEAST_POINTS = 3
_SMALLEST = 1e-3
"""Below a thousandth left, logarithms tell of rounding and not of growth."""
ROUGHNESS = 0.01
"""Standard deviation of a point around any smooth curve, in log units, beside its own error. Laws
of five parameters miss real fine-tuning curves by 0.006 to 0.012."""


@dataclass(frozen=True)
class Curve:
    """What is left to learn, by the amount of data. Lower is better, 0 is perfect.

    Attributes
    ----------
    sizes
        Amounts of data, ascending and above 0, shape (points,).
    left
        A loss or an error rate at each, shape (points,).
    stderrs
        Standard errors of `left`, shape (points,); 0 where not known.
    """

    sizes: Floats
    left: Floats
    stderrs: Floats

    def __post_init__(self) -> None:
        if not len(self.sizes) == len(self.left) == len(self.stderrs):
            raise ValueError("sizes, values and errors differ in number")
        if len(self.sizes) < _LEAST_POINTS:
            raise FitError(
                f"a growth curve has {len(self.sizes)} points",
                next_step=f"give at least {_LEAST_POINTS} sizes",
            )
        if not all(np.isfinite(part).all() for part in (self.sizes, self.left, self.stderrs)):
            raise FitError(
                "a growth curve holds a value that is no number",
                next_step="leave points that were not measured out",
            )
        if (self.sizes <= 0).any() or (np.diff(self.sizes) <= 0).any():
            raise FitError(
                "the sizes of a growth curve do not ascend from above 0",
                next_step="sort the points, and give the mean of points of one size",
            )
        if (self.left < 0).any() or (self.stderrs < 0).any():
            raise FitError(
                "a growth curve holds a negative loss",
                next_step="give a loss or an error rate, 0 where nothing is left to learn",
            )

    @classmethod
    def of(
        cls, sizes: Sequence[float] | Floats, left: Sequence[float] | Floats, stderr: float = 0.0
    ) -> "Curve":
        """Return the curve through these points, all with one standard error."""
        size, value = np.asarray(sizes, dtype=float), np.asarray(left, dtype=float)
        return cls(size, value, np.full(len(size), stderr))

    @property
    def x(self) -> Floats:
        """Logarithms of the sizes."""
        logarithms: Floats = np.log(self.sizes)
        return logarithms

    @property
    def y(self) -> Floats:
        """Logarithms of what is left."""
        logarithms: Floats = np.log(np.maximum(self.left, _SMALLEST))
        return logarithms

    @property
    def noise(self) -> Floats:
        """Standard deviations of `y` around a smooth curve."""
        noise: Floats = np.hypot(self.stderrs / np.maximum(self.left, _SMALLEST), ROUGHNESS)
        return noise

    def first(self, points: int) -> "Curve":
        """Return the curve of the first points."""
        return Curve(self.sizes[:points], self.left[:points], self.stderrs[:points])
