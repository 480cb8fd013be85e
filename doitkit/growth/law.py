r"""The growth law of an ability, over effective data.

With :math:`c` the level of chance, :math:`u` the ceiling, :math:`s_0` the part of the way from
chance to the ceiling that the base model has gone,

.. math::
    s = c + (u - c) \left[ s_0 + (1 - s_0) \left( 1 - (1 + e / k)^{-b} \right) \right]

a saturating power law (Lomax) in the effective data :math:`e`, itself

.. math::
    e_a = n_{a,\mathrm{ref}}
        + \sum_o \kappa_{a,o} \left( 1 - e^{-\rho_{a,o} n_{a,o} / \kappa_{a,o}} \right)
        + \sum_{d \ne a} T_{a,d} \left( \sqrt{1 + e'_d} - 1 \right)

:math:`\rho` is the exchange rate (reference rows that the first row of another origin is
worth), :math:`\kappa` its ceiling (the most reference rows that any amount of it is worth),
:math:`T` the transfer from other abilities, whose own effective data is :math:`e'`. Without
negative transfer the law is concave in every count, so that spending greedily is optimal.
"""

from dataclasses import dataclass

import numpy as np

from doitkit.growth.observations import Floats


@dataclass(frozen=True)
class Layout:
    """Where each parameter stands in a flat vector. All are unbounded real numbers."""

    n_abilities: int
    n_others: int
    """Origins besides the reference."""

    @property
    def size(self) -> int:
        """Length of the vector."""
        return self._starts()[-1]

    def _starts(self) -> list[int]:
        a, o = self.n_abilities, self.n_others
        sizes = [a, a, a, a, a * o, a * o, a * (a - 1), 1, 1, 1, o, o, 1]
        return [int(x) for x in np.concatenate([[0], np.cumsum(sizes)])]

    def part(self, index: int) -> slice:
        """Return the slice of part `index`, in the order of `Parameters`."""
        starts = self._starts()
        return slice(starts[index], starts[index + 1])

    def unpack(self, flat: Floats) -> "Parameters":
        """Return the named parameters of `flat`, shape (..., size)."""
        a, o = self.n_abilities, self.n_others
        lead = flat.shape[:-1]
        parts = [flat[..., self.part(i)] for i in range(13)]
        parts[4] = parts[4].reshape(*lead, a, o)
        parts[5] = parts[5].reshape(*lead, a, o)
        return Parameters(*parts)


@dataclass(frozen=True)
class Parameters:
    """The parameters of all abilities, with any leading axes.

    Per ability: `ceiling` (log-odds of the ceiling between chance and 1), `start` (s0),
    `log_k`, `log_b`; per ability and other origin: `log_rho`, `log_cap`; `transfer` for every
    ordered pair of abilities. The means over abilities follow: `ceiling_mean`, `log_k_mean`,
    `log_b_mean`, `log_rho_mean`, `log_cap_mean`, `transfer_mean`.
    """

    ceiling: Floats
    start: Floats
    log_k: Floats
    log_b: Floats
    log_rho: Floats
    log_cap: Floats
    transfer: Floats
    ceiling_mean: Floats
    log_k_mean: Floats
    log_b_mean: Floats
    log_rho_mean: Floats
    log_cap_mean: Floats
    transfer_mean: Floats

    def transfer_matrix(self) -> Floats:
        """Return the transfer as a matrix (..., to, from) with a zero diagonal."""
        a = self.start.shape[-1]
        matrix = np.zeros((*self.transfer.shape[:-1], a, a))
        off = ~np.eye(a, dtype=bool)
        matrix[..., off] = self.transfer
        return matrix


def own_data(p: Parameters, counts: Floats) -> Floats:
    """Return the effective data of each ability from its own rows.

    Parameters
    ----------
    p
        Parameters with leading axes (...).
    counts
        Shape (..., mixtures, abilities, origins), broadcast against the parameters.

    Returns
    -------
    array of shape (..., mixtures, abilities)
    """
    rho = np.exp(p.log_rho)[..., None, :, :]
    cap = np.exp(p.log_cap)[..., None, :, :]
    others = counts[..., 1:]
    worth: Floats = (cap * -np.expm1(-rho * others / cap)).sum(axis=-1)
    return counts[..., 0] + worth


def effective_data(p: Parameters, counts: Floats) -> Floats:
    """Return the effective data, transfer included; never below -log 2 rows.

    The smooth floor (softplus, shifted through the origin) keeps negative transfer from making
    an ability hold less than nothing.
    """
    own = own_data(p, counts)
    gained = np.sqrt(1.0 + own) - 1.0
    total = own + np.einsum("...ad,...md->...ma", p.transfer_matrix(), gained)
    floored: Floats = np.logaddexp(0.0, total) - np.log(2.0)
    return floored


def predict(p: Parameters, counts: Floats, chance: Floats) -> Floats:
    """Return the scores that the law gives.

    Parameters
    ----------
    counts
        Shape (mixtures, abilities, origins).
    chance
        Shape (abilities,).

    Returns
    -------
    array of shape (..., mixtures, abilities)
    """
    data = effective_data(p, counts)
    return _score(p, data, chance)


def _score(p: Parameters, data: Floats, chance: Floats) -> Floats:
    ceiling = chance + (1.0 - chance) / (1.0 + np.exp(-p.ceiling))
    u = ceiling[..., None, :]
    s0 = p.start[..., None, :]
    # Half a row is the least k: below it the floor of the effective data would be reached.
    k = 0.5 + np.exp(p.log_k)[..., None, :]
    b = np.exp(p.log_b)[..., None, :]
    grown = -np.expm1(-b * np.log1p(data / k))
    scores: Floats = chance + (u - chance) * (s0 + (1.0 - s0) * grown)
    return scores
