r"""The local slope: a curve goes on as it last went.

With :math:`x` the logarithm of the size and :math:`y` that of what is left, the slope of
:math:`y` wanders: :math:`y` is an integrated Wiener process, of which a noisy :math:`y` was seen.
Its expectation is the cubic smoothing spline (Wahba 1978; Rasmussen and Williams 2006, section
6.3.1), which beyond the last point is a straight line. Its covariance, from the first point on, is

.. math::
    k(x, x') = q^2 \left( \tfrac{1}{2} m^2 |x - x'| + \tfrac{1}{3} m^3 \right),
    \qquad m = \min(x, x')

beside a level and a first slope that are free. Where the points are exact this follows mostly
the last two, where they are noisy it draws on more.
"""

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from doitkit.growth.curve.points import Curve
from doitkit.growth.observations import Floats

_WANDER = 0.05
"""q: how far the slope wanders over one unit of the logarithm of the size."""
_LEVEL_SD, _SLOPE_SD = 3.0, 0.5


def local_line(curve: Curve, ahead: Floats) -> tuple[Floats, Floats]:
    """Return the expected logarithm of what is left, and its standard deviation.

    Parameters
    ----------
    ahead
        Logarithms of the sizes asked for, shape (sizes,).
    """
    start, level = curve.x[0], float(curve.y.mean())
    seen = _covariance(curve.x - start, curve.x - start)
    seen[np.diag_indices_from(seen)] += curve.noise**2
    across = _covariance(ahead - start, curve.x - start)
    factor = cho_factor(seen, lower=True)
    mean = level + across @ cho_solve(factor, curve.y - level)
    before = np.diag(_covariance(ahead - start, ahead - start))
    told = np.einsum("ij,ji->i", across, cho_solve(factor, across.T))
    return mean, np.sqrt(np.maximum(before - told, 0.0))


def _covariance(one: Floats, other: Floats) -> Floats:
    smaller = np.maximum(np.minimum(one[:, None], other[None]), 0.0)
    apart = np.abs(one[:, None] - other[None])
    wandered = _WANDER**2 * (0.5 * smaller**2 * apart + smaller**3 / 3.0)
    covariance: Floats = _LEVEL_SD**2 + _SLOPE_SD**2 * np.outer(one, other) + wandered
    return covariance
