r"""What no law of this form can say: a smooth error that draws of its parameters do not show.

The truth of an ability is of another family than the law, synthetic rows are worth what no formula
has, so the law misses even where it is known exactly, and alike for mixtures that are alike
(Kennedy and O'Hagan 2001). For every draw this is a random smooth function of the logarithms of the
rows,

.. math::
    \delta_a(x) = 0.035 \, r_a \left( \sqrt{0.3} \, f(\bar x) + \sqrt{0.7} \, f_a(x_a) \right),
    \qquad x = \log(1 + 10 n / h)

with :math:`r_a` the range of the fitted scores of ability a, :math:`f` common to all abilities, at
the mean of their :math:`x`, and :math:`f_a` its own; both have the covariance
:math:`e^{-|x - x'|^2 / 8}`, made of random cosines (Rahimi and Recht 2007). Most laws miss little
and some a lot, so each function is as high as a Student t is wide. Beyond the largest run of a cell
it grows by itself with every unit of :math:`\log n`. How large it is, how
much of it abilities share and how smooth it is was chosen so that intervals hold what they say in
simulated worlds, on others than those by which they are judged (`docs/advisor-evidence.md`).
"""

from dataclasses import dataclass

import numpy as np

from doitkit.growth.observations import Floats, Observations

_SHARE_OF_RANGE = 0.035
_SHARED = 0.3
_LENGTH = 2.0
_WAVES = 8
_DEGREES = 3.0
"""Of the Student t."""
_PER_UNIT = 10.0


@dataclass(frozen=True)
class Misfit:
    """Random functions, one for each draw and ability, and one for each draw that all share.

    Attributes
    ----------
    size
        Standard deviation, shape (abilities,).
    unit
        An amount of data that matters.
    largest
        The most rows of each cell in a run, shape (abilities, origins).
    waves, phases
        Of the cosines, shape (draws, abilities + 1, cosines, origins) and without the last axis;
        what abilities share comes last.
    """

    size: Floats
    unit: float
    largest: Floats
    waves: Floats
    phases: Floats
    heights: Floats
    """Of the functions, shape (draws, abilities + 1)."""

    @classmethod
    def drawn(
        cls, ranges: Floats, seen: Observations, draws: int, generator: np.random.Generator
    ) -> "Misfit":
        """Draw the functions, for abilities whose fitted scores have these ranges."""
        shape = (draws, len(ranges) + 1, _WAVES)
        origins = len(seen.origins)
        waves = generator.standard_normal((*shape, origins)) / _LENGTH
        phases = generator.uniform(0.0, 2.0 * np.pi, shape)
        heights = np.sqrt(_DEGREES / generator.chisquare(_DEGREES, shape[:2]))
        return cls(
            _SHARE_OF_RANGE * ranges, seen.unit, seen.counts.max(axis=0), waves, phases, heights
        )

    def of(self, counts: Floats) -> Floats:
        """Return the errors of mixtures, shape (draws, mixtures, abilities).

        Parameters
        ----------
        counts
            Shape (mixtures, abilities, origins), or with a leading axis of draws.
        """
        x = np.log1p(_PER_UNIT * counts / self.unit)
        x = np.concatenate([x, x.mean(axis=-2, keepdims=True)], axis=-2)
        if x.ndim == 3:
            turned = np.einsum("dawo,mao->dmaw", self.waves, x, optimize=True)
        else:
            turned = np.einsum("dawo,dmao->dmaw", self.waves, x, optimize=True)
        waved = np.cos(turned + self.phases[:, None]).sum(axis=-1) * np.sqrt(2.0 / _WAVES)
        waved *= self.heights[:, None]
        own, shared = waved[..., :-1], waved[..., -1:]
        errors: Floats = self.size * (_SHARED**0.5 * shared + (1.0 - _SHARED) ** 0.5 * own)
        return errors * self._beyond(counts)

    def _beyond(self, counts: Floats) -> Floats:
        """Return how much larger errors are beyond the largest runs, (..., mixtures, abilities)."""
        farthest = (counts / np.maximum(self.largest, self.unit)).max(axis=-1)
        beyond: Floats = 1.0 + np.log(np.maximum(farthest, 1.0))
        return beyond
