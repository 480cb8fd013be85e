"""The least-squares problems of a fit: one ability's scores against its law, and the prior.

Abilities touch each other through the pooled prior and through what their data is to others. With
both held, each is a problem of its own with a dozen parameters, and a thousand of them are solved
in one batch; the fit alternates between the two.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from doitkit.growth.law import Layout, Setting, ability_scores, ability_slopes, helped, own_data
from doitkit.growth.noise import Noise
from doitkit.growth.observations import Floats, Observations
from doitkit.growth.prior import Prior
from doitkit.growth.solve import Indices

Mask = npt.NDArray[np.bool_]

HELD = 1e3
"""One over the deviation of a parameter that stays where it is."""


@dataclass(frozen=True)
class AbilityFits:
    """A batch of fits, each of one ability to the same runs.

    Attributes
    ----------
    ability
        Which one, shape (batch,).
    helps
        What the data of every ability is to others, shape (batch or 1, runs, abilities).
    targets
        The scores to be met, shape (batch, runs).
    precision
        One over their standard deviation, same shape; 0 leaves a score out.
    centre, sd
        Of the prior, shape (batch, size); where `sd` is 0 a parameter stays where it starts.
    """

    layout: Layout
    seen: Observations
    ability: Indices
    helps: Floats
    targets: Floats
    precision: Floats
    centre: Floats
    sd: Floats

    @classmethod
    def of(
        cls,
        layout: Layout,
        seen: Observations,
        noise: Noise,
        prior: Prior,
        helps: Floats,
        copies: int,
        errors: Floats | None = None,
        centres: Floats | None = None,
        keep: Mask | None = None,
    ) -> "AbilityFits":
        """Return the fits of every ability, as often as there are copies.

        Parameters
        ----------
        helps
            What the data of abilities is to others, shape (runs, abilities) or one per copy.
        errors
            By how many standard deviations to move the scores, (copies, runs, abilities).
        centres
            Of the prior, shape (copies, abilities, size); the prior's own means if not given.
        keep
            Which runs each copy sees, shape (copies, runs); all, if not given.
        """
        n = layout.n_abilities
        there = np.isfinite(seen.scores)
        targets = np.broadcast_to(np.where(there, seen.scores, 0.0), (copies, *there.shape))
        precision = np.broadcast_to(np.where(there, 1.0 / noise.sd, 0.0), targets.shape)
        if errors is not None:
            targets = targets + np.where(there, noise.sd, 0.0) * errors
        if keep is not None:
            precision = precision * keep[:, :, None]
        centre = np.broadcast_to(prior.mean, (copies, *prior.mean.shape))
        helps = helps[None] if helps.ndim == 2 else np.repeat(helps, n, axis=0)
        return cls(
            layout,
            seen,
            np.tile(np.arange(n), copies),
            helps,
            _by_problem(targets),
            _by_problem(precision),
            (centre if centres is None else centres).reshape(-1, layout.size),
            np.tile(prior.sd, (copies, 1)),
        )

    def told(self, best: Floats) -> tuple[Floats, Floats]:
        """Return the variances of parameters and the degrees of freedom that scores used up.

        Parameters
        ----------
        best
            The most probable parameters of each ability, shape (abilities, size).

        Returns
        -------
        variance, used
            Shapes (abilities, size) and (abilities,).
        """
        first = np.arange(len(best))
        slopes = self.jacobian(best, first)
        covariance = np.linalg.inv(np.swapaxes(slopes, 1, 2) @ slopes)
        scores = slopes[:, : -self.layout.size]
        used: Floats = np.einsum("bri,bij,brj->b", scores, covariance, scores)
        return np.einsum("bpp->bp", covariance), used

    def residuals(self, flat: Floats, which: Indices) -> Floats:
        """Return the residuals of the scores and of the prior, (len(which), runs + size)."""
        scores = ability_scores(self.layout, flat, self._setting(which))
        misfit = (scores - self.targets[which]) * self.precision[which]
        return np.concatenate([misfit, (flat - self.centre[which]) * self.tight[which]], axis=1)

    def jacobian(self, flat: Floats, which: Indices) -> Floats:
        """Return the derivatives of the residuals, (len(which), runs + size, size)."""
        law = ability_slopes(self.layout, flat, self._setting(which))
        law *= self.precision[which][..., None]
        prior = self.tight[which][:, :, None] * np.eye(self.layout.size)
        return np.concatenate([law, prior], axis=1)

    @cached_property
    def tight(self) -> Floats:
        """One over the deviation of the prior, shape (batch, size)."""
        tight: Floats = np.where(self.sd > 0, 1.0 / np.where(self.sd > 0, self.sd, 1.0), HELD)
        return tight

    def _setting(self, which: Indices) -> Setting:
        return setting_of(self.seen, self.ability[which], _of(self.helps, which))


def setting_of(seen: Observations, ability: Indices, helps: Floats) -> Setting:
    """Return what each ability of a batch was given in the runs."""
    others = np.arange(len(seen.abilities)) != ability[:, None]
    counts = np.moveaxis(seen.counts, 1, 0)[ability]
    return Setting(counts, helps * others[:, None], seen.log_size, seen.chance[ability])


def helps_of(layout: Layout, vectors: Floats, seen: Observations) -> Floats:
    """Return what the data of every ability is to others, (..., runs, abilities)."""
    p = layout.unpack(vectors)
    own = own_data(p.log_rho[..., None, :, :], p.log_cap[..., None, :, :], seen.counts)
    return helped(own, seen.unit)


def fitted_scores(layout: Layout, vectors: Floats, seen: Observations) -> Floats:
    """Return the scores of the runs by their laws, each for its own model size.

    Parameters
    ----------
    vectors
        Shape (..., abilities, size).

    Returns
    -------
    array of shape (..., runs, abilities)
    """
    lead, n = vectors.shape[:-2], layout.n_abilities
    helps = helps_of(layout, vectors, seen).reshape(-1, len(seen.runs), n)
    ability = np.tile(np.arange(n), len(helps))
    setting = setting_of(seen, ability, np.repeat(helps, n, axis=0))
    scores = ability_scores(layout, vectors.reshape(-1, layout.size), setting)
    return np.swapaxes(scores.reshape(*lead, n, len(seen.runs)), -1, -2)


def _by_problem(values: Floats) -> Floats:
    """Return values (copies, runs, abilities) as (copies x abilities, runs)."""
    return np.swapaxes(values, 1, 2).reshape(-1, values.shape[1])


def _of(values: Floats, which: Indices) -> Floats:
    return values if len(values) == 1 else values[which]
