"""The least-squares problems of a fit: scores against the law, parameters against the prior."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from doitkit.growth.law import Layout, predict, slopes
from doitkit.growth.observations import Floats, Observations
from doitkit.growth.prior import prior_residuals
from doitkit.growth.solve import Indices


@dataclass(frozen=True)
class FitProblems:
    """A batch of fits to the same runs.

    Attributes
    ----------
    targets
        The scores to be met, shape (batch or 1, runs, abilities).
    precision
        One over their standard deviation, same shape; 0 leaves a score out.
    centres
        Where the residuals of the prior are 0, shape (batch or 1, size).
    """

    layout: Layout
    seen: Observations
    targets: Floats
    precision: Floats
    centres: Floats

    def residuals(self, flat: Floats, which: Indices) -> Floats:
        """Return the residuals of the scores and of the prior, (len(which), residuals)."""
        predicted = predict(self.layout.unpack(flat), self.seen.counts, self.seen.chance)
        misfit = (predicted - _of(self.targets, which)) * _of(self.precision, which)
        prior = prior_residuals(self.layout, flat, _of(self.centres, which))
        return np.concatenate([misfit.reshape(len(flat), -1), prior], axis=1)

    def jacobian(self, flat: Floats, which: Indices) -> Floats:
        """Return the derivatives of the residuals, (len(which), residuals, size)."""
        law = slopes(self.layout, flat, self.seen.counts, self.seen.chance)
        law *= _of(self.precision, which)[..., None]
        law = law.reshape(len(flat), -1, self.layout.size)
        prior = np.broadcast_to(self._prior_slopes, (len(flat), *self._prior_slopes.shape))
        return np.concatenate([law, prior], axis=1)

    @cached_property
    def _prior_slopes(self) -> Floats:
        """Return the constant derivatives of the prior, which is linear: (residuals, size)."""
        size = self.layout.size
        none = np.zeros(size)
        at_zero = prior_residuals(self.layout, none, none)
        return (prior_residuals(self.layout, np.eye(size), none) - at_zero).T


def _of(values: Floats, which: Indices) -> Floats:
    return values if len(values) == 1 else values[which]


def known_scores(seen: Observations, noise: Floats) -> tuple[Floats, Floats]:
    """Return the targets and precisions of one fit to all scores, missing ones left out."""
    there = np.isfinite(seen.scores)
    targets = np.where(there, seen.scores, 0.0)
    precision = np.where(there, 1.0 / np.where(there, noise, 1.0), 0.0)
    return targets[None], precision[None]
