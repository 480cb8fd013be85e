r"""An outcome as a surface over mixtures: what a mixture that was never tried would give.

For outcomes that are nobody's own ability and mixtures without a size axis, such as a validation
loss under the weights of many sources. There is no law to fit; a Gaussian process says that
mixtures near each other give outcomes near each other. With :math:`f_j` the weight of source
:math:`j` on some scale, standardised, the covariance of two mixtures is

.. math::
    k(w, w') = a \left( 1 + r + \tfrac{1}{3} r^2 \right) e^{-r},
    \qquad r^2 = 5 \sum_j \left( \frac{f_j(w) - f_j(w')}{\ell_j} \right)^2

a Matern covariance of smoothness 5/2 (Rasmussen and Williams 2006, eq. 4.17) with a length
:math:`\ell_j` for every source, so that sources that do not matter drop out. Lengths, :math:`a` and
the noise are the most probable ones (their eq. 5.9 gives the gradient) under a prior by which few
sources matter much.

What scale is right is not known beforehand: the first thousandth of a source may matter more than
its last tenth. So three are fitted, the cube root, the square root and the logarithm, and their
means averaged. Settings were chosen by other outcomes than `tests/benchmarks/mixture_regression.py`
reports.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

from doitkit.core.errors import FitError
from doitkit.growth.observations import Floats

Scale = Callable[[Floats], Floats]

_FLOOR = 1e-3
"""What the logarithm takes a weight of 0 for, nearly: less than a source can matter by."""


def _logarithm(weights: Floats) -> Floats:
    logarithm: Floats = np.log(weights + _FLOOR)
    return logarithm


_SCALES: tuple[Scale, ...] = (np.cbrt, np.sqrt, _logarithm)

_LENGTH_MEAN = 1.4
"""Of the logarithm of lengths, in units of the square root of the number of sources."""
_LENGTH_SD = 1.5
_OTHERS_MEAN, _OTHERS_SD = np.array([0.0, -4.0]), np.array([1.5, 2.0])
"""Logarithms of the variance and of the noise, of an outcome that is standardised."""
_BOUNDS_OF_LENGTHS = (-4.0, 6.0)
_BOUNDS_OF_OTHERS = ((-6.0, 6.0), (-9.0, 2.0))
_JITTER = 1e-6
_LEAST_RUNS = 4


@dataclass(frozen=True)
class Surface:
    """A fitted surface.

    Attributes
    ----------
    parts
        One Gaussian process for each scale.
    """

    parts: tuple["_Process", ...]

    @classmethod
    def fit(cls, weights: Floats, outcome: Floats) -> "Surface":
        """Fit the surface of an outcome.

        Parameters
        ----------
        weights
            Share of each source in what each run was made of, shape (runs, sources).
        outcome
            What each run gave, shape (runs,). Losses are best given as logarithms.

        Raises
        ------
        FitError
            If there are too few runs, or all gave the same.
        """
        if len(outcome) < _LEAST_RUNS or np.ptp(outcome) == 0:
            raise FitError(
                "a surface over mixtures cannot be told from these runs",
                why=f"there are {len(outcome)}"
                if len(outcome) < _LEAST_RUNS
                else "all gave the same outcome",
                next_step=f"give at least {_LEAST_RUNS} runs of different mixtures",
            )
        return cls(tuple(_Process.fit(scale, weights, outcome) for scale in _SCALES))

    def predict(self, weights: Floats) -> tuple[Floats, Floats]:
        """Return the mean of the outcome of mixtures and its standard deviation, shape (mixtures,).

        The deviation is that of the surface, without the noise of a run; the scales count as
        equally likely, so that where they differ it grows.
        """
        told = np.array([part.predict(weights) for part in self.parts])
        mean = told[:, 0].mean(axis=0)
        variance = (told[:, 1] ** 2).mean(axis=0) + told[:, 0].var(axis=0)
        return mean, np.sqrt(variance)


@dataclass(frozen=True)
class _Process:
    """A Gaussian process on one scale."""

    scale: Scale
    centre: Floats
    spread: Floats
    level: float
    height: float
    """Mean and standard deviation of the outcomes that were seen."""
    points: Floats
    inverse_squares: Floats
    """5 over the square of each length."""
    variance: float
    factor: tuple[Floats, bool]
    solved: Floats

    @classmethod
    def fit(cls, scale: Scale, weights: Floats, outcome: Floats) -> "_Process":
        raw = scale(weights)
        centre, spread = raw.mean(axis=0), raw.std(axis=0) + _JITTER
        points = (raw - centre) / spread
        level, height = float(outcome.mean()), float(outcome.std())
        target = (outcome - level) / height
        squares = (points.T[:, :, None] - points.T[:, None, :]) ** 2
        sources = points.shape[1]
        found = minimize(
            partial(_loss, squares, target),
            np.concatenate([np.full(sources, _LENGTH_MEAN), [0.0, -3.0]]),
            jac=True,
            method="L-BFGS-B",
            bounds=[_BOUNDS_OF_LENGTHS] * sources + [*_BOUNDS_OF_OTHERS],
            options={"maxiter": 200},
        )
        if not np.isfinite(found.fun):
            raise FitError(
                "the surface over mixtures did not converge",
                next_step="look for outcomes that are no numbers, or for runs that are alike",
            )
        inverse, variance, noise = _read(found.x, sources)
        covariance = variance * matern(np.tensordot(inverse, squares, 1))
        covariance[np.diag_indices_from(covariance)] += noise
        factor = cho_factor(covariance, lower=True)
        solved = cho_solve(factor, target)
        return cls(scale, centre, spread, level, height, points, inverse, variance, factor, solved)

    def predict(self, weights: Floats) -> tuple[Floats, Floats]:
        """Return mean and standard deviation."""
        points = (self.scale(weights) - self.centre) / self.spread
        squares = ((points[:, None] - self.points[None]) ** 2) @ self.inverse_squares
        across = self.variance * matern(squares)
        mean = self.level + self.height * (across @ self.solved)
        told = np.einsum("ij,ji->i", across, cho_solve(self.factor, across.T))
        return mean, self.height * np.sqrt(np.maximum(self.variance - told, 0.0))


def _read(at: Floats, sources: int) -> tuple[Floats, float, float]:
    """Return 5 over squared lengths, the variance and the noise, of a vector of logarithms."""
    inverse: Floats = 5.0 * np.exp(-2.0 * (at[:sources] + 0.5 * np.log(sources)))
    return inverse, float(np.exp(at[sources])), float(np.exp(at[sources + 1])) + _JITTER


def matern(squares: Floats) -> Floats:
    """Return the correlation of points at these squared distances, the factor 5 in them."""
    r = np.sqrt(squares)
    covariance: Floats = (1.0 + r + r * r / 3.0) * np.exp(-r)
    return covariance


def _loss(squares: Floats, target: Floats, at: Floats) -> tuple[float, Floats]:
    """Return the negative log posterior, and its gradient.

    Parameters
    ----------
    squares
        Squared differences of the points, shape (sources, runs, runs).
    at
        Logarithms of lengths, variance and noise, shape (sources + 2,).
    """
    sources, runs = len(squares), len(target)
    inverse, variance, noise = _read(at, sources)
    r = np.sqrt(np.tensordot(inverse, squares, 1))
    fading = np.exp(-r)
    shape = (1.0 + r + r * r / 3.0) * fading
    covariance = variance * shape
    covariance[np.diag_indices(runs)] += noise
    try:
        factor = cho_factor(covariance, lower=True)
    except np.linalg.LinAlgError:
        return np.inf, np.zeros_like(at)
    solved = cho_solve(factor, target)
    lengths = (at[:sources] - _LENGTH_MEAN) / _LENGTH_SD
    others = (at[sources:] - _OTHERS_MEAN) / _OTHERS_SD
    prior = 0.5 * float(lengths @ lengths + others @ others)
    loss = 0.5 * float(target @ solved) + float(np.log(np.diag(factor[0])).sum()) + prior
    # Half the derivative by the covariance; that of the covariance by r^2 is -(1 + r) e^-r / 6.
    by = 0.5 * (cho_solve(factor, np.eye(runs)) - np.outer(solved, solved))
    by_squares = by * variance * (1.0 + r) * fading / 3.0
    gradient = np.concatenate([lengths / _LENGTH_SD, others / _OTHERS_SD])
    gradient[:sources] += np.tensordot(squares, by_squares, 2) * inverse
    gradient[sources] += variance * float((by * shape).sum())
    gradient[sources + 1] += (noise - _JITTER) * float(np.trace(by))
    return loss, gradient
