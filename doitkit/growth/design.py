r"""What the scores of runs can tell about the laws: the information in their design.

With :math:`J_a` the derivatives of an ability's scores by its parameters at the fit, each over the
noise of its score and times what was believed about the parameter before any run (its prior
standard deviation), the information of the scores alone is :math:`J_a^\top J_a` in units of what
was believed. A parameter keeps the share

.. math:: \left[ \left( I + J_a^\top J_a \right)^{-1} \right]_{pp}

of its prior variance and the scores take the rest away (Chaloner and Verdinelli 1995). What lies in
the null space of :math:`J_a` keeps all of it, however many runs there are, and what lies in it in
part keeps at least that part: so one number says both whether a parameter can be estimated and how
well.

Two things are left out on purpose. The pooling of abilities: what the others say is no evidence
about one. And contrasts that the design ties to others: amounts that rise and fall together are
told apart by the form of the law alone, which is assumed and not seen.
"""

from dataclasses import dataclass

import numpy as np

from doitkit.growth.fit import GrowthFit
from doitkit.growth.law import Setting, ability_slopes, helped, own_data
from doitkit.growth.observations import Floats
from doitkit.growth.prior import believed
from doitkit.growth.problem import AbilityFits, Mask, helps_of

TRANSFER_UNIT = 0.05
"""A transfer that matters: where growth is steep, much data of one ability then moves another by
about two points. One that is fitted larger need be known no better than to its own size. The fit's
prior is no measure of what is uncertain, since it holds transfer near nothing until the scores
insist on it."""
_NO_DIRECTION = 1e-6
"""A singular value below this share of the largest is rounding."""


@dataclass(frozen=True)
class Design:
    """How much the runs tell, in numbers.

    Attributes
    ----------
    rank, parameters
        Directions in which the scores move with the laws, and how many there are; the sum over
        abilities.
    contrasts, told
        How many rates, ceilings and transfers an answer could print, and how many of them it may.
    condition
        The strongest of these directions over the weakest, of the ability where that is worst.
    """

    rank: int
    parameters: int
    contrasts: int
    told: int
    condition: float


@dataclass(frozen=True)
class Information:
    """The information of the scores about each ability's parameters, in units of the prior.

    Attributes
    ----------
    slopes
        Derivatives of the scores, shape (abilities, runs, size).
    free
        Which parameters there are: those with a prior that has a width, and that bear on some run;
        shape (abilities, size).
    covariance
        What is left of the prior's, shape (abilities, size, size).
    units
        Of a parameter, and of a score of a run to come: what `slopes` are multiplied with, and
        divided by; shapes (abilities, size) and (abilities,).
    """

    slopes: Floats
    free: Mask
    covariance: Floats
    units: tuple[Floats, Floats]

    @classmethod
    def of(cls, fit: GrowthFit, tied: Mask) -> "Information":
        """Return what the scores of a fit tell.

        Parameters
        ----------
        tied
            Parameters that the design ties to others, shape (abilities, size): the scores say
            nothing about them.
        """
        layout, seen, noise = fit.layout, fit.seen, fit.noise
        prior = believed(layout, seen)
        unit = np.sqrt(prior.sd**2 + prior.mean_sd**2)
        fitted = np.abs(fit.best[:, layout.transfer])
        unit[:, layout.transfer] = np.maximum(fitted, TRANSFER_UNIT)
        unit[:, layout.transfer] *= 1.0 - np.eye(layout.n_abilities)
        helps = helps_of(layout, fit.best, seen)
        fits = AbilityFits.of(layout, seen, noise, prior, helps, 1)
        slopes = fits.jacobian(fit.best, np.arange(layout.n_abilities))[:, : -layout.size]
        slopes = slopes * unit[:, None, :]
        free = np.abs(slopes).max(axis=1) > 0
        slopes = slopes * ~tied[:, None, :]
        information = np.swapaxes(slopes, 1, 2) @ slopes
        covariance = np.linalg.inv(np.eye(layout.size) + information)
        # Not all runs need be scored on all abilities.
        sd = np.where(np.isfinite(seen.scores), noise.sd, np.nan)
        typical: Floats = np.nanmedian(sd, axis=0)
        return cls(slopes, free, np.asarray(covariance, dtype=np.float64), (unit, typical))

    @property
    def taken(self) -> Floats:
        """The share of the prior variance that the scores take away, (abilities, size)."""
        share: Floats = 1.0 - np.einsum("app->ap", self.covariance)
        return share

    def design(self, contrasts: int, told: int) -> Design:
        """Return the numbers of the design."""
        values = np.linalg.svd(self.slopes, compute_uv=False)
        seen = values > _NO_DIRECTION * np.maximum(values[:, :1], 1e-300)
        weakest = np.where(seen, values, np.inf).min(axis=1)
        strongest = np.where(seen.any(axis=1), values[:, 0], np.nan)
        conditions = strongest / weakest
        known = conditions[np.isfinite(conditions)]
        return Design(
            rank=int(seen.sum()),
            parameters=int(self.free.sum()),
            contrasts=contrasts,
            told=told,
            condition=float(known.max()) if known.size else 1.0,
        )

    def slopes_of(self, fit: GrowthFit, counts: Floats, log_size: Floats) -> Floats:
        """Return the slopes of the scores of runs that were not made.

        Parameters
        ----------
        counts
            Shape (runs, abilities, origins).
        log_size
            Logarithm of their models' sizes over the reference model's, shape (runs,).

        Returns
        -------
        array of shape (abilities, runs, size)
        """
        layout, seen = fit.layout, fit.seen
        p = layout.unpack(fit.best)
        helps = helped(own_data(p.log_rho, p.log_cap, counts), seen.unit)
        others = 1.0 - np.eye(layout.n_abilities)
        setting = Setting(
            np.moveaxis(counts, 1, 0), helps[None] * others[:, None], log_size, seen.chance
        )
        parameter, score = self.units
        slopes = ability_slopes(layout, fit.best, setting)
        in_units: Floats = slopes * parameter[:, None, :] / score[:, None, None]
        return in_units

    def taken_with(self, slopes: Floats, copies: int) -> Floats:
        """Return what is taken away once one of some runs is made as well, so many times.

        Parameters
        ----------
        slopes
            Of those runs, shape (abilities, runs, size).

        Returns
        -------
        array of shape (abilities, runs, size)
        """
        moved = slopes @ self.covariance
        own = np.einsum("arp,arp->ar", slopes, moved)
        more = copies * moved**2 / (1.0 + copies * own)[..., None]
        taken: Floats = self.taken[:, None, :] + more
        return taken
