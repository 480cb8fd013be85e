r"""The growth law of an ability, over effective data.

With :math:`c` the level of chance, :math:`u` the ceiling, :math:`s_0` the part of the way from
chance to the ceiling that the base model has gone,

.. math::
    s = c + (u - c) \left[ s_0 + (1 - s_0) \left( 1 - (1 + x)^{-b} \right) \right],
    \qquad x = \frac{e_a}{k_a} + \sum_{d \ne a} T_{a,d} \left( \sqrt{1 + e_d / h} - 1 \right)

a saturating power law (Lomax) in the effective data :math:`e` of the ability's own rows

.. math::
    e_a = n_{a,\mathrm{ref}}
        + \sum_o \kappa_{a,o} \left( 1 - e^{-\rho_{a,o} n_{a,o} / \kappa_{a,o}} \right)

:math:`\rho` is the exchange rate (reference rows that the first row of another origin is
worth), :math:`\kappa` its ceiling (the most reference rows that any amount of it is worth),
:math:`T` the transfer from other abilities, of which :math:`h` is an amount of data that matters:
neither it nor :math:`x` has a unit. Where other abilities take more than there is,
:math:`x < 0` and the score falls below the base model's; it bends smoothly so as not to fall below
-1/4. Without negative transfer, and where data does not lower scores (:math:`s_0 < 1`), the law is
concave in every count.

The ceiling grows with the model: its log-odds rise by :math:`g` with every unit of the logarithm of
the number of parameters, over that of the reference model.
"""

from dataclasses import dataclass

import numpy as np

from doitkit.growth.observations import Floats

_LEAST_K = 1.0
_DEEPEST = 0.25
"""How far below nothing harm from elsewhere can take x."""

_MOST_LEFT = 20.0

CEILING, START, LOG_K, LOG_B, SIZE = range(5)
"""Where an ability's parameters stand in its vector; those per origin and per ability follow."""


@dataclass(frozen=True)
class Layout:
    """The vector of one ability's parameters. All are unbounded real numbers."""

    n_abilities: int
    n_others: int
    """Origins besides the reference."""

    @property
    def size(self) -> int:
        """Length of the vector."""
        return SIZE + 1 + 2 * self.n_others + self.n_abilities

    @property
    def log_rho(self) -> slice:
        """Logarithms of the exchange rates, one for each other origin."""
        return slice(SIZE + 1, SIZE + 1 + self.n_others)

    @property
    def log_cap(self) -> slice:
        """Logarithms of the ceilings of the other origins."""
        return slice(self.log_rho.stop, self.log_rho.stop + self.n_others)

    @property
    def transfer(self) -> slice:
        """What each ability helps this one; the place of the ability itself stays 0."""
        return slice(self.log_cap.stop, self.size)

    def unpack(self, vectors: Floats) -> "Parameters":
        """Return the named parameters of `vectors`, shape (..., abilities, size)."""
        return Parameters(
            ceiling=vectors[..., CEILING],
            start=vectors[..., START],
            log_k=vectors[..., LOG_K],
            log_b=vectors[..., LOG_B],
            size=vectors[..., SIZE],
            log_rho=vectors[..., self.log_rho],
            log_cap=vectors[..., self.log_cap],
            transfer=vectors[..., self.transfer],
        )


@dataclass(frozen=True)
class Parameters:
    """The parameters of all abilities; the axis of abilities comes after any leading ones.

    `ceiling`: log-odds of the ceiling between chance and 1, of the reference model. `start`: s0.
    `size`: g. `log_rho` and `log_cap` have a last axis of other origins, `transfer` one of the
    abilities that help, with 0 for the ability itself.
    """

    ceiling: Floats
    start: Floats
    log_k: Floats
    log_b: Floats
    size: Floats
    log_rho: Floats
    log_cap: Floats
    transfer: Floats


def own_data(log_rho: Floats, log_cap: Floats, counts: Floats) -> Floats:
    """Return the effective data of abilities from their own rows.

    Parameters
    ----------
    log_rho, log_cap
        Shape (..., others).
    counts
        Rows by origin, the reference first; leading axes broadcast with those of `log_rho`.
    """
    rho, cap = np.exp(log_rho), np.exp(log_cap)
    worth: Floats = (cap * -np.expm1(-rho * counts[..., 1:] / cap)).sum(axis=-1)
    return counts[..., 0] + worth


def helped(own: Floats, unit: float) -> Floats:
    r"""Return what the data of abilities is to others: :math:`\sqrt{1 + e / h} - 1`."""
    help_: Floats = np.sqrt(1.0 + own / unit) - 1.0
    return help_


def predict(p: Parameters, counts: Floats, chance: Floats, unit: float) -> Floats:
    """Return the scores that the law gives the reference model.

    Parameters
    ----------
    p
        Parameters with leading axes (...).
    counts
        Shape (mixtures, abilities, origins).
    chance
        Shape (abilities,).
    unit
        An amount of data that matters (h).

    Returns
    -------
    array of shape (..., mixtures, abilities)
    """
    own = own_data(p.log_rho[..., None, :, :], p.log_cap[..., None, :, :], counts)
    k, b = _LEAST_K + np.exp(p.log_k)[..., None, :], np.exp(p.log_b)[..., None, :]
    x = _bent(own / k + helped(own, unit) @ np.swapaxes(p.transfer, -1, -2))
    left = _left(x, b)
    span = (1.0 - chance) * _sigmoid(p.ceiling)[..., None, :]
    scores: Floats = chance + span * (1.0 - (1.0 - p.start[..., None, :]) * left)
    return scores


@dataclass(frozen=True)
class Setting:
    """What one ability was given in each run, for a batch of fits.

    Attributes
    ----------
    counts
        Its own rows, shape (batch, runs, origins).
    helps
        What the data of every ability is to others, its own place 0, (batch, runs, abilities).
    log_size
        Logarithm of the model's size over the reference model's, shape (runs,).
    chance
        Shape (batch,).
    """

    counts: Floats
    helps: Floats
    log_size: Floats
    chance: Floats


def ability_scores(layout: Layout, vectors: Floats, setting: Setting) -> Floats:
    """Return the scores of one ability in each run, shape (batch, runs).

    Parameters
    ----------
    vectors
        Shape (batch, size).
    """
    span, left, *_ = _parts(layout, vectors, setting)
    scores: Floats = setting.chance[:, None] + span * (1.0 - (1.0 - vectors[:, [START]]) * left)
    return scores


def ability_slopes(layout: Layout, vectors: Floats, setting: Setting) -> Floats:
    """Return the derivatives of `ability_scores` by every parameter, (batch, runs, size)."""
    span, left, share, own, x, k, b = _parts(layout, vectors, setting)
    missing = 1.0 - vectors[:, [START]]
    by_x = span * missing * left * b / (1.0 + x) * np.where(x < 0, 1.0 + x / _DEEPEST, 1.0)
    slopes = np.zeros((*x.shape, layout.size))
    slopes[..., CEILING] = (1.0 - missing * left) * span * (1.0 - share)
    slopes[..., START] = span * left
    slopes[..., LOG_K] = -by_x * own / k**2 * (k - _LEAST_K)
    slopes[..., LOG_B] = span * missing * left * b * np.log1p(x)
    slopes[..., SIZE] = slopes[..., CEILING] * setting.log_size
    rho, cap = np.exp(vectors[:, None, layout.log_rho]), np.exp(vectors[:, None, layout.log_cap])
    rows = rho * setting.counts[..., 1:]
    gone = np.exp(-rows / cap)
    by_own = (by_x / k)[..., None]
    slopes[..., layout.log_rho] = by_own * rows * gone
    slopes[..., layout.log_cap] = by_own * (cap * (1.0 - gone) - rows * gone)
    slopes[..., layout.transfer] = by_x[..., None] * setting.helps
    return slopes


def _parts(layout: Layout, vectors: Floats, setting: Setting) -> tuple[Floats, ...]:
    own = own_data(
        vectors[:, None, layout.log_rho], vectors[:, None, layout.log_cap], setting.counts
    )
    k, b = _LEAST_K + np.exp(vectors[:, [LOG_K]]), np.exp(vectors[:, [LOG_B]])
    x = _bent(own / k + np.einsum("brd,bd->br", setting.helps, vectors[:, layout.transfer]))
    share = _sigmoid(vectors[:, [CEILING]] + vectors[:, [SIZE]] * setting.log_size)
    span = (1.0 - setting.chance[:, None]) * share
    return span, _left(x, b), share, own, x, k, b


def _left(x: Floats, b: Floats) -> Floats:
    """Return (1 + x)^-b; harm with a steep law is bounded where no score could show it."""
    left: Floats = np.exp(np.minimum(-b * np.log1p(x), _MOST_LEFT))
    return left


def _bent(x: Floats) -> Floats:
    bent: Floats = np.where(x >= 0, x, _DEEPEST * np.expm1(np.minimum(x, 0.0) / _DEEPEST))
    return bent


def _sigmoid(x: Floats) -> Floats:
    value: Floats = 0.5 * (1.0 + np.tanh(0.5 * x))
    return value
