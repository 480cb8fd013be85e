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
from doitkit.growth.problem import HELD, AbilityFits, Mask, helps_of

_WIDE = 0.5
"""Standard deviation of a transfer that is free: more than any that was fitted."""
_ROUNDS, _SETTLED = 8, 1e-3
"""Of weighing scores anew: how often at most, and by how little weights may still move."""
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
        n, runs = layout.n_abilities, len(seen.runs)
        helps = helps_of(layout, best, seen)
        fits = AbilityFits.of(layout, seen, noise.unweighted(), prior, helps, 1)
        misfits = fits.residuals(best, np.arange(n))[:, :runs]
        slopes = fits.jacobian(best, np.arange(n))[:, :runs]
        estimate, sd, gain = np.zeros((3, n, n))
        # One ability after the other: all pairs of a hundred abilities at once are gigabytes.
        for a in range(n):
            problem = _Problem(misfits[a], slopes[a], best[a] - fits.centre[a])
            held, free = (
                problem.least(_with_pairs(layout, fits.tight[a], width))
                for width in (HELD, 1.0 / _WIDE)
            )
            variance = np.diag(free.variance[:, layout.transfer])
            found = best[a, layout.transfer] + np.diag(free.moved[:, layout.transfer])
            told = np.maximum(1.0 / variance - _WIDE**-2, _NOTHING)
            estimate[a], sd[a] = found / variance / told, told**-0.5
            gain[a] = np.maximum(held.loss - free.loss, 0.0)
        apart = 1.0 - np.eye(n)
        freed = prior.sd[:, layout.transfer] > TRANSFER_HELD
        return cls(apart * estimate, sd, apart * gain, freed)


def _with_pairs(layout: Layout, tight: Floats, width: float) -> Floats:
    """Return how tight the prior is with one pair after the other at `width`, (pairs, size)."""
    each = np.arange(layout.n_abilities)
    every = np.tile(tight, (len(each), 1))
    every[each, layout.transfer.start + each] = width
    return every


@dataclass(frozen=True)
class _Problem:
    """One ability's scores and prior, linear about the fit, under many widths of the prior.

    Attributes
    ----------
    misfits, slopes
        In standard deviations that no outlier has widened, shape (runs,), and their derivatives,
        shape (runs, size).
    off
        Parameters less their centres, shape (size,).
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
            One over the deviation of the prior, shape (pairs, size).
        """
        even, taken = np.ones_like(self.misfits), weights_of(self.misfits**2)
        one, other = self._from(tight, even), self._from(tight, taken)
        first = one.loss <= other.loss
        return _Least(
            np.where(first, one.loss, other.loss),
            np.where(first[:, None], one.moved, other.moved),
            np.where(first[:, None], one.variance, other.variance),
        )

    def _from(self, tight: Floats, weights: Floats) -> "_Least":
        weights = np.tile(weights, (len(tight), 1))
        index = np.arange(tight.shape[1])
        for _ in range(_ROUNDS):
            normal = (self.slopes.T * weights[:, None]) @ self.slopes
            normal[:, index, index] += tight**2
            pull = (weights * self.misfits) @ self.slopes + tight**2 * self.off
            moved = -np.linalg.solve(normal, pull[..., None])[..., 0]
            misfits = self.misfits + moved @ self.slopes.T
            before, weights = weights, weights_of(misfits**2)
            if np.abs(weights - before).max() < _SETTLED:
                break
        prior = tight * (self.off + moved)
        loss = loss_of(misfits**2).sum(axis=-1) + 0.5 * (prior**2).sum(axis=-1)
        variance = np.einsum("pii->pi", np.linalg.inv(normal))
        return _Least(np.asarray(loss), np.asarray(moved), np.asarray(variance))


@dataclass(frozen=True)
class _Least:
    """Where a loss is least.

    Attributes
    ----------
    loss
        Shape (pairs,).
    moved, variance
        How far the parameters moved to get there, and their variances; shape (pairs, size).
    """

    loss: Floats
    moved: Floats
    variance: Floats
