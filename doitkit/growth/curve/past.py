r"""Past curves of the same ability: how curves that went like this one went on.

With :math:`d` the last increments of :math:`y` and its level, standardised over the past curves,
and :math:`t` the increment from the last size seen to a larger one, :math:`t` is a Gaussian process
over :math:`d` with covariance

.. math::
    k(d, d') = \frac{d \cdot d'}{m} + e^{-\|d - d'\|^2 / 2 m}

for :math:`m` features: a ridge regression (the first part) that may bend (the second). Where past
curves were measured at other sizes they are read between their points, in logarithms.
"""

from collections.abc import Sequence

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from doitkit.growth.curve.points import Curve
from doitkit.growth.observations import Floats

LEAST_PAST = 2
_INCREMENTS = 3
_NOISE = 0.3
"""Variance of an increment that no feature explains, as a share of its variance over curves."""


def from_past(
    curve: Curve, ahead: Floats, past: Sequence[Curve]
) -> tuple[Floats, Floats, Floats] | None:
    """Return what past curves say of this one further on.

    Parameters
    ----------
    ahead
        Logarithms of the sizes asked for, all beyond the last point.

    Returns
    -------
    mean, sd, known
        Logarithm of what is left, its standard deviation, and how many past curves speak about
        each size; shape (sizes,). Sizes with fewer than two have a mean of NaN. None if there
        are fewer than two past curves that cover this one's last points.
    """
    seen = curve.x[-(_INCREMENTS + 1) :]
    covering = [other for other in past if _covers(other, seen)]
    if len(covering) < LEAST_PAST:
        return None
    before = np.array([np.interp(seen, other.x, other.y) for other in covering])
    centre, spread = _scale(_features(before))
    known = (_features(before) - centre) / spread
    own = (_features(curve.y[-len(seen) :][None]) - centre) / spread
    mean, sd = np.full(len(ahead), np.nan), np.full(len(ahead), np.nan)
    counted = np.zeros(len(ahead))
    for index, size in enumerate(ahead):
        reach = np.array([other.x[-1] >= size - 1e-9 for other in covering])
        counted[index] = reach.sum()
        if reach.sum() < LEAST_PAST:
            continue
        later = np.array([np.interp(size, other.x, other.y) for other in covering])
        gone = (later - before[:, -1])[reach]
        level, height = gone.mean(), gone.std() + 1e-9
        within = _kernel(known[reach], known[reach])
        within[np.diag_indices_from(within)] += _NOISE
        across = _kernel(own, known[reach])[0]
        factor = cho_factor(within, lower=True)
        told = across @ cho_solve(factor, (gone - level) / height)
        mean[index] = curve.y[-1] + level + height * told
        left = _kernel(own, own)[0, 0] + _NOISE - across @ cho_solve(factor, across)
        sd[index] = height * np.sqrt(max(left, 0.0))
    return mean, sd, counted


def _covers(curve: Curve, sizes: Floats) -> bool:
    return bool(curve.x[0] <= sizes[0] + 1e-9 and curve.x[-1] > sizes[-1] + 1e-9)


def _features(values: Floats) -> Floats:
    """Return the increments and the level of curves, shape (curves, features)."""
    features: Floats = np.hstack([np.diff(values, axis=1), values[:, -1:]])
    return features


def _scale(features: Floats) -> tuple[Floats, Floats]:
    return features.mean(axis=0), features.std(axis=0) + 1e-9


def _kernel(one: Floats, other: Floats) -> Floats:
    squares = ((one[:, None] - other[None]) ** 2).sum(axis=-1) / one.shape[1]
    kernel: Floats = one @ other.T / one.shape[1] + np.exp(-0.5 * squares)
    return kernel
