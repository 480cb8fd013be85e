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
:math:`T` the transfer from other abilities, whose own effective data is :math:`e'`. A
smooth floor keeps the effective data from falling below nothing where transfer is negative.
Without negative transfer, and past the first few rows, the law is concave in every count, so that
spending greedily is optimal.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from doitkit.growth.observations import Floats

_LEAST_K = 1.0
"""Above log 2, the most by which the floor lets effective data be negative."""
_PARTS = 13


@dataclass(frozen=True)
class Layout:
    """Where each parameter stands in a flat vector. All are unbounded real numbers."""

    n_abilities: int
    n_others: int
    """Origins besides the reference."""

    @property
    def size(self) -> int:
        """Length of the vector."""
        return self._starts[-1]

    @cached_property
    def _starts(self) -> list[int]:
        a, o = self.n_abilities, self.n_others
        sizes = [a, a, a, a, a * o, a * o, a * (a - 1), 1, 1, 1, o, o, 1]
        return [int(x) for x in np.concatenate([[0], np.cumsum(sizes)])]

    def part(self, index: int) -> slice:
        """Return the slice of part `index`, in the order of `Parameters`."""
        return slice(self._starts[index], self._starts[index + 1])

    def unpack(self, flat: Floats) -> "Parameters":
        """Return the named parameters of `flat`, shape (..., size)."""
        a, o = self.n_abilities, self.n_others
        lead = flat.shape[:-1]
        parts = [flat[..., self.part(i)] for i in range(_PARTS)]
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
        matrix[..., ~np.eye(a, dtype=bool)] = self.transfer
        return matrix


def own_data(p: Parameters, counts: Floats) -> Floats:
    """Return the effective data of each ability from its own rows.

    Parameters
    ----------
    p
        Parameters with leading axes (...).
    counts
        Shape (mixtures, abilities, origins).

    Returns
    -------
    array of shape (..., mixtures, abilities)
    """
    rho = np.exp(p.log_rho)[..., None, :, :]
    cap = np.exp(p.log_cap)[..., None, :, :]
    worth: Floats = (cap * -np.expm1(-rho * counts[..., 1:] / cap)).sum(axis=-1)
    return counts[..., 0] + worth


def effective_data(p: Parameters, counts: Floats) -> Floats:
    """Return the effective data, transfer included; never below -log 2 rows.

    The smooth floor (softplus, shifted through the origin) keeps negative transfer from making
    an ability hold less than nothing.
    """
    return _floored(_with_transfer(p, own_data(p, counts)))


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
    k, b = _LEAST_K + np.exp(p.log_k)[..., None, :], np.exp(p.log_b)[..., None, :]
    left = np.exp(-b * np.log1p(data / k))
    s0 = p.start[..., None, :]
    span = (1.0 - chance) * _sigmoid(p.ceiling)[..., None, :]
    scores: Floats = chance + span * (1.0 - (1.0 - s0) * left)
    return scores


def slopes(layout: Layout, flat: Floats, counts: Floats, chance: Floats) -> Floats:
    """Return the derivatives of `predict` by every parameter.

    Parameters
    ----------
    flat
        Shape (batch, size).

    Returns
    -------
    array of shape (batch, mixtures, abilities, size)
    """
    p = layout.unpack(flat)
    a, o = layout.n_abilities, layout.n_others
    own = own_data(p, counts)
    total = _with_transfer(p, own)
    data = _floored(total)
    raw_k, b = np.exp(p.log_k)[:, None, :], np.exp(p.log_b)[:, None, :]
    k = _LEAST_K + raw_k
    log_ratio = np.log1p(data / k)
    left = np.exp(-b * log_ratio)
    s0, share = p.start[:, None, :], _sigmoid(p.ceiling)[:, None, :]
    span = (1.0 - chance) * share
    steep = span * (1.0 - s0) * left * b / (k + data)  # by the effective data
    by_total = steep * _sigmoid(total)

    result = np.zeros((*total.shape, layout.size))
    each = np.arange(a)
    starts = [layout.part(i).start for i in range(7)]
    result[..., each, starts[0] + each] = (1.0 - (1.0 - s0) * left) * span * (1.0 - share)
    result[..., each, starts[1] + each] = span * left
    result[..., each, starts[2] + each] = -steep * data / k * raw_k
    result[..., each, starts[3] + each] = span * (1.0 - s0) * left * b * log_ratio

    root = np.sqrt(1.0 + own)
    # How the data of ability i moves with the own data of ability d: (batch, mixtures, i, d).
    moves = np.eye(a) + p.transfer_matrix()[:, None] * (0.5 / root)[:, :, None, :]
    moves *= by_total[..., None]
    if o:
        rho, cap = np.exp(p.log_rho)[:, None], np.exp(p.log_cap)[:, None]
        rows = rho * counts[..., 1:]
        gone = np.exp(-rows / cap)
        by_rho = moves[..., None] * (rows * gone)[:, :, None]
        by_cap = moves[..., None] * (cap * (1.0 - gone) - rows * gone)[:, :, None]
        result[..., layout.part(4)] = by_rho.reshape(*total.shape, a * o)
        result[..., layout.part(5)] = by_cap.reshape(*total.shape, a * o)
    to, source = np.nonzero(~np.eye(a, dtype=bool))
    result[..., to, starts[6] + np.arange(len(to))] = by_total[..., to] * (root[..., source] - 1.0)
    return result


def _with_transfer(p: Parameters, own: Floats) -> Floats:
    gained = np.sqrt(1.0 + own) - 1.0
    return own + gained @ np.swapaxes(p.transfer_matrix(), -1, -2)


def _floored(total: Floats) -> Floats:
    floored: Floats = np.logaddexp(0.0, total) - np.log(2.0)
    return floored


def _sigmoid(x: Floats) -> Floats:
    value: Floats = 0.5 * (1.0 + np.tanh(0.5 * x))
    return value
