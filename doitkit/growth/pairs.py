r"""What the scores say of each pair of abilities: what the data of one does for the other.

There are two explanations of a score far from its law: the run went wrong, or data of another
ability helped or hurt. The first is always at hand, since scores count less the farther they are
off (`noise.py`); so a fit that holds transfer at nothing explains everything by bad runs. Here
each pair is weighed against that. With :math:`z` the misfits in standard deviations, before any
score is counted less, the loss of a fit is that whose minimum these weights find,

.. math::
    \sum_r \ell(z_r), \qquad \ell(z) = \tfrac{1}{2} z^2 \text{ up to } |z| = 1, \text{ beyond }
    \tfrac{1}{2} + \tfrac{\nu + 1}{2} \ln \frac{\nu + z^2}{\nu + 1}

beside the prior's. The gain of a pair is by how many nats this is lower with its transfer free than
with it held, all other parameters moving along (to first order). One run that is five deviations
off is worth five nats, and two of them ten.
"""

from dataclasses import dataclass

import numpy as np

from doitkit.growth.law import Layout
from doitkit.growth.noise import Noise, loss_of, weights_of
from doitkit.growth.observations import Floats, Observations
from doitkit.growth.prior import TRANSFER_HELD, Prior
from doitkit.growth.problem import AbilityFits, Mask, helps_of

_WIDE = 0.5
"""Standard deviation of a transfer that is free: more than any that was fitted."""
_HELD = 1e3
"""One over the deviation of a parameter that stays where it is."""
_ROUNDS = 8
_NOTHING = 1e-12


@dataclass(frozen=True)
class Pairs:
    """The transfer to each ability (rows) from each other (columns).

    Attributes
    ----------
    estimate, sd
        What the scores alone say of it, shape (abilities, abilities).
    gain
        By how many nats the scores are likelier with it than without, same shape.
    free
        Which pairs the fit had set free, same shape.
    """

    estimate: Floats
    sd: Floats
    gain: Floats
    free: Mask

    @classmethod
    def of(
        cls, layout: Layout, seen: Observations, noise: Noise, prior: Prior, best: Floats
    ) -> "Pairs":
        """Weigh every pair at the most probable parameters, shape (abilities, size)."""
        each = np.arange(layout.n_abilities)
        place = layout.transfer.start + each
        helps = helps_of(layout, best, seen)
        fits = AbilityFits.of(layout, seen, noise.unweighted(), prior, helps, 1)
        law = fits.jacobian(best, each)[:, : len(seen.runs)]
        tight = np.where(prior.sd > 0, 1.0 / np.where(prior.sd > 0, prior.sd, 1.0), _HELD)
        # The last axis but one: which pair is set free.
        without, loose = np.repeat(tight[None, :, None], len(each), 2).repeat(2, 0)
        without[:, each, place], loose[:, each, place] = _HELD, 1.0 / _WIDE
        problem = _Problem(
            fits.residuals(best, each)[:, : len(seen.runs)],
            law,
            best - prior.mean,
        )
        held, free = problem.least(without), problem.least(loose)
        variance = free.variance[:, each, place]
        found = best[:, layout.transfer] + free.moved[:, each, place]
        told = np.maximum(1.0 / variance - _WIDE**-2, _NOTHING)
        apart = 1.0 - np.eye(len(each))
        gain = np.maximum(held.loss - free.loss, 0.0)
        freed = prior.sd[:, layout.transfer] > TRANSFER_HELD
        return cls(apart * found / variance / told, told**-0.5, apart * gain, freed)


@dataclass(frozen=True)
class _Problem:
    """Each ability's scores and prior, linear about the fit, under many widths of the prior.

    Attributes
    ----------
    misfits, slopes
        In standard deviations that no outlier has widened, shape (abilities, runs), and their
        derivatives, shape (abilities, runs, size).
    off
        Parameters less their centres, shape (abilities, size).
    """

    misfits: Floats
    slopes: Floats
    off: Floats

    def least(self, tight: Floats) -> "_Least":
        """Return where the loss is least.

        Scores are weighed anew until they agree with the misfits, once from weights of 1 and once
        from those at the fit: what is an outlier depends on what else explains it.

        Parameters
        ----------
        tight
            One over the deviation of the prior, shape (abilities, pairs, size).
        """
        even, taken = np.ones_like(self.misfits), weights_of(self.misfits**2)
        one, other = self._from(tight, even), self._from(tight, taken)
        first = one.loss <= other.loss
        return _Least(
            np.where(first, one.loss, other.loss),
            np.where(first[..., None], one.moved, other.moved),
            np.where(first[..., None], one.variance, other.variance),
        )

    def _from(self, tight: Floats, weights: Floats) -> "_Least":
        slopes, turned = self.slopes[:, None], np.swapaxes(self.slopes, 1, 2)[:, None]
        weights = np.broadcast_to(weights[:, None], (*tight.shape[:2], weights.shape[1]))
        index = np.arange(tight.shape[2])
        for _ in range(_ROUNDS):
            normal = (turned * weights[..., None, :]) @ slopes
            normal[..., index, index] += tight**2
            pull = (turned @ (weights * self.misfits[:, None])[..., None])[..., 0]
            pull = pull + tight**2 * self.off[:, None]
            moved = np.asarray(-np.linalg.solve(normal, pull[..., None])[..., 0], dtype=np.float64)
            misfits = self.misfits[:, None] + (slopes @ moved[..., None])[..., 0]
            weights = weights_of(misfits**2)
        prior = tight * (self.off[:, None] + moved)
        loss: Floats = loss_of(misfits**2).sum(axis=-1) + 0.5 * (prior**2).sum(axis=-1)
        variance: Floats = np.einsum("apii->api", np.linalg.inv(normal))
        return _Least(loss, moved, variance)


@dataclass(frozen=True)
class _Least:
    """Where a loss is least.

    Attributes
    ----------
    loss
        Shape (abilities, pairs).
    moved, variance
        How far the parameters moved to get there, and their variances; (abilities, pairs, size).
    """

    loss: Floats
    moved: Floats
    variance: Floats
