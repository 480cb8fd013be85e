"""Nonlinear least squares, many problems at once (Levenberg-Marquardt in a batch).

Every draw of the uncertainty is a fit of its own, and so is every left-out run; fitting them
together turns a hundred small problems into a few large array operations.
"""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from doitkit.growth.observations import Floats

Indices = npt.NDArray[np.int64]

_DAMPING = (1e-8, 1e8)
_LONGEST_STEP = 3.0
_STUCK = 1e4
_RIDGE = 1e-10
_KEPT_BADLY, _KEPT_WELL = 0.25, 0.7
"""Share of the promised decrease below which steps get shorter, and above which longer."""


class Problems(Protocol):
    """A batch of least-squares problems over vectors of one length."""

    def residuals(self, flat: Floats, which: Indices) -> Floats:
        """Return the residuals of problems `which` at `flat` (len(which), size)."""

    def jacobian(self, flat: Floats, which: Indices) -> Floats:
        """Return their derivatives, (len(which), residuals, size)."""


def least_squares(
    problems: Problems, start: Floats, *, iterations: int = 100, tolerance: float = 1e-3
) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Minimise half the sum of squared residuals of every problem of a batch.

    Parameters
    ----------
    start
        Shape (batch, size).
    tolerance
        A problem has converged when an undamped step promises to lower its loss by less than
        this. The loss is a negative log posterior, so the default is far below anything that
        matters.

    Returns
    -------
    solution, loss, converged
        Shapes (batch, size), (batch,), (batch,).
    """
    at: Floats = start.copy()
    active = np.arange(len(at))
    current = problems.residuals(at, active)
    loss = _loss(current)
    damping = np.full(len(at), 1e-2)
    converged = np.zeros(len(at), dtype=bool)
    for _ in range(iterations):
        slopes = problems.jacobian(at[active], active)
        turned = np.swapaxes(slopes, 1, 2)
        gradient = (turned @ current[active, :, None])[..., 0]
        normal = turned @ slopes
        index = np.arange(normal.shape[1])
        normal[:, index, index] *= 1.0 + _RIDGE
        left = 0.5 * (gradient * _solved(normal, gradient)).sum(axis=1)
        damped = normal.copy()
        damped[:, index, index] *= 1.0 + damping[active, None]
        step = np.clip(-_solved(damped, gradient), -_LONGEST_STEP, _LONGEST_STEP)
        bent = (normal @ step[..., None])[..., 0]
        promised = -((gradient + 0.5 * bent) * step).sum(axis=1)
        proposal = at[active] + step
        found = problems.residuals(proposal, active)
        new_loss = _loss(found)
        better = np.isfinite(new_loss) & (new_loss < loss[active])
        kept = (loss[active] - new_loss) / np.maximum(promised, 1e-12)
        converged[active] = (left < tolerance) | (~better & (damping[active] >= _STUCK))
        moved = active[better]
        at[moved], current[moved], loss[moved] = proposal[better], found[better], new_loss[better]
        change = np.where(kept > _KEPT_WELL, 0.2, np.where(kept > _KEPT_BADLY, 1.0, 5.0))
        change = np.where(better, change, 5.0)
        damping[active] = np.clip(damping[active] * change, *_DAMPING)
        active = active[~converged[active]]
        if not len(active):
            break
    return at, loss, converged


def _solved(normal: Floats, gradient: Floats) -> Floats:
    return np.asarray(np.linalg.solve(normal, gradient[..., None])[..., 0], dtype=np.float64)


def _loss(residuals: Floats) -> Floats:
    half: Floats = 0.5 * (residuals**2).sum(axis=-1)
    return half
