"""Nonlinear least squares, many problems at once (Levenberg-Marquardt in a batch).

Every draw of the uncertainty is a fit of its own; fitting them together turns a hundred small
problems into a few large array operations.
"""

from collections.abc import Callable

import numpy as np

from doitkit.growth.observations import Floats

Residuals = Callable[[Floats], Floats]
"""Maps parameters (batch, ..., size) to residuals (batch, ..., n_residuals)."""

_STEP = 1e-5
_DAMPING = (1e-8, 1e8)


def least_squares(
    residuals: Residuals, start: Floats, *, iterations: int = 100, tolerance: float = 1e-3
) -> tuple[Floats, Floats, Floats]:
    """Minimise half the sum of squared residuals of every problem of a batch.

    Parameters
    ----------
    start
        Shape (batch, size).
    tolerance
        A problem has converged when an undamped step lowers its loss by less than this. The
        loss is a negative log posterior, so the default is far below anything that matters.

    Returns
    -------
    solution, loss, converged
        Shapes (batch, size), (batch,), (batch,).
    """
    at = start.copy()
    current = residuals(at)
    loss = 0.5 * (current**2).sum(axis=-1)
    damping = np.full(len(at), 1e-2)
    converged = np.zeros(len(at), dtype=bool)
    for _ in range(iterations):
        slopes = jacobian(residuals, at, current)
        gradient = np.einsum("bnp,bn->bp", slopes, current)
        normal = np.einsum("bnp,bnq->bpq", slopes, slopes)
        scale = np.maximum(np.einsum("bpp->bp", normal), 1e-10)
        damped = normal + np.einsum("b,bp,pq->bpq", damping, scale, np.eye(at.shape[1]))
        step = -np.linalg.solve(damped, gradient[..., None])[..., 0]
        proposal = at + np.clip(step, -3.0, 3.0)
        found = residuals(proposal)
        new_loss = 0.5 * (found**2).sum(axis=-1)
        better = np.isfinite(new_loss) & (new_loss < loss)
        settled = better & (loss - new_loss < tolerance) & (damping <= 1.0)
        at = np.where(better[:, None], proposal, at)
        current = np.where(better[:, None], found, current)
        loss = np.where(better, new_loss, loss)
        converged |= settled | (~better & (damping >= 1e4))
        damping = np.clip(np.where(better, damping / 4, damping * 4), *_DAMPING)
        if converged.all():
            break
    return at, loss, converged


def jacobian(residuals: Residuals, at: Floats, current: Floats) -> Floats:
    """Return forward differences of the residuals, shape (batch, n_residuals, size)."""
    size = at.shape[1]
    moved = at[:, None, :] + _STEP * np.eye(size)
    slopes = (residuals(moved) - current[:, None, :]) / _STEP
    return np.swapaxes(slopes, 1, 2)
