"""How sure a surface over mixtures is: of several mixtures at once, and of runs left out.

Both in closed form, with the settings of the surface held (Rasmussen and Williams 2006, eqs. 2.24
and 5.12; the latter here for all runs of a mixture together, so that a replicate does not tell what
it should predict).
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve

from doitkit.growth.observations import Floats
from doitkit.growth.surface import Surface, matern

Q80 = 1.2815515655446004
"""An 80 % interval of a normal number reaches this many deviations to each side."""


def joint(surface: Surface, mixtures: Floats) -> tuple[Floats, Floats]:
    """Return means and covariances of the outcome of mixtures, shapes (m,) and (m, m).

    The scales of the surface count as equally likely.
    """
    means, covariances = [], []
    for part in surface.parts:
        points = (part.scale(mixtures) - part.centre) / part.spread
        to_seen = ((points[:, None] - part.points[None]) ** 2) @ part.inverse_squares
        within = ((points[:, None] - points[None]) ** 2) @ part.inverse_squares
        across = part.variance * matern(to_seen)
        told = across @ cho_solve(part.factor, across.T)
        means.append(part.level + part.height * (across @ part.solved))
        covariances.append(part.height**2 * (part.variance * matern(within) - told))
    stacked = np.array(means)
    between = np.cov(stacked.T, bias=True).reshape(len(mixtures), len(mixtures))
    covariance: Floats = np.mean(covariances, axis=0) + between
    return stacked.mean(axis=0), covariance


@dataclass(frozen=True)
class LeftOut:
    """What the surface says of each run when all runs of its mixture are left out.

    Attributes
    ----------
    means, deviations
        Shape (runs,); the deviations are those of a run, its noise included.
    rank
        Spearman's correlation of predicted and observed.
    coverage
        Share of the runs within their 80 % intervals.
    widening
        By what the deviations must be multiplied for 80 % to be within; never below 1.
    """

    means: Floats
    deviations: Floats
    rank: float
    coverage: float
    widening: float


def left_out(surface: Surface, mixtures: Floats, outcome: Floats) -> LeftOut:
    """Predict every mixture that was seen from the others.

    Parameters
    ----------
    mixtures, outcome
        What the surface was fitted to.
    """
    _, group = np.unique(mixtures, axis=0, return_inverse=True)
    groups = [np.flatnonzero(group.ravel() == g) for g in range(int(group.max()) + 1)]
    means, variances = [], []
    for part in surface.parts:
        precision = cho_solve(part.factor, np.eye(len(outcome)))
        mean, variance = np.empty(len(outcome)), np.empty(len(outcome))
        for runs in groups:
            own = np.linalg.inv(precision[np.ix_(runs, runs)])
            target = (outcome[runs] - part.level) / part.height
            mean[runs] = part.level + part.height * (target - own @ part.solved[runs])
            variance[runs] = part.height**2 * np.diag(own)
        means.append(mean)
        variances.append(variance)
    middle = np.mean(means, axis=0)
    deviations = np.sqrt(np.mean(variances, axis=0) + np.var(means, axis=0))
    off = np.abs(outcome - middle) / deviations
    # The conformal quantile: of n errors, the one that the next stays below in 80 % of cases.
    most = np.sort(off)[min(int(np.ceil(0.8 * (len(off) + 1))), len(off)) - 1]
    return LeftOut(
        means=middle,
        deviations=deviations,
        rank=_rank_correlation(middle, outcome),
        coverage=float((off <= Q80).mean()),
        widening=max(1.0, float(most) / Q80),
    )


def _rank_correlation(one: Floats, other: Floats) -> float:
    from scipy.stats import rankdata  # half a second to load

    ranks = rankdata(one), rankdata(other)
    if np.ptp(ranks[0]) == 0 or np.ptp(ranks[1]) == 0:
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])
