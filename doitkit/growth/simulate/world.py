r"""A world: the true score of every mixture.

The score of ability :math:`a` is

.. math:: s_a = l_a + (u_a - l_a) \, g_a(e_a) \, (1 - q_a)

with :math:`l` the level of the base model, :math:`u` the ceiling, :math:`g` the ability's own curve
of one of several families, and :math:`e` its effective data, in rows of the reference origin:

.. math:: e_a = n_{a,ref} + \sum_o w_{a,o}(n_{a,o}) + \sum_{d \ne a} t_{a,d} R \log(1 + e'_d / R)

:math:`w` says what rows of another origin are worth (`Worth`), :math:`t` the transfer from ability
:math:`d`, whose own data is :math:`e'`, with the reach :math:`R`. Poor data does not only count for
less: a mixture made of it stays lower, by :math:`q_a = \sum_o b_{a,o} f_{a,o}` with :math:`f` the
shares of the origins in the rows of the ability.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from doitkit.core.errors import UsageError
from doitkit.growth.observations import Floats
from doitkit.growth.simulate.curves import Curve

Form = Literal["exponential", "michaelis", "power"]
_MODEL_SIZE = 7e9
"""Parameters of the model whose ceilings a world states."""


@dataclass(frozen=True)
class Worth:
    """What rows of one origin are worth to one ability, in rows of the reference origin.

    Attributes
    ----------
    form
        `exponential` and `michaelis` (Michaelis and Menten's) tend to the ceiling, the second
        ever more slowly; `power` never gets there.
    rate
        The exchange rate: what the first row is worth.
    ceiling
        The most that any number of rows is worth. To `power`, half of the rows that are worth
        a third as much each as the first.
    bias
        How much of its rise an ability loses that has rows of this origin alone.
    """

    form: Form
    rate: float
    ceiling: float
    bias: float = 0.0

    def of(self, rows: Floats) -> Floats:
        """Return what so many rows are worth, of the same shape."""
        x = self.rate * rows / self.ceiling
        worth: Floats
        if self.form == "exponential":
            worth = self.ceiling * -np.expm1(-x)
        elif self.form == "michaelis":
            worth = self.ceiling * x / (1.0 + x)
        else:
            worth = self.ceiling * (np.sqrt(1.0 + 2.0 * x) - 1.0)
        return worth


@dataclass(frozen=True)
class World:
    """Abilities x origins with a truth.

    Attributes
    ----------
    abilities, origins
        Names. The first origin is the reference.
    chance, start, ceiling
        Scores of guessing, of the base model, and with endless data, shape (abilities,).
    curves
        Of each ability.
    worths
        Of each ability, for each origin but the reference.
    transfer
        To each ability (rows) from each (columns), shape (abilities, abilities), diagonal 0.
    reach
        Rows of another ability beyond which more of them help ever less.
    size_slopes
        How much the log-odds of the ceiling rise with the logarithm of the model's parameters,
        shape (abilities,).
    """

    abilities: tuple[str, ...]
    origins: tuple[str, ...]
    chance: Floats
    start: Floats
    ceiling: Floats
    curves: tuple[Curve, ...]
    worths: tuple[tuple[Worth, ...], ...]
    transfer: Floats
    reach: float
    size_slopes: Floats

    def scores(self, counts: Floats, n_params: float | Floats = _MODEL_SIZE) -> Floats:
        """Return the true scores of mixtures, shape (mixtures, abilities).

        Parameters
        ----------
        counts
            Rows, shape (mixtures, abilities, origins).
        n_params
            Parameters of the model, one number or one for each mixture.

        Raises
        ------
        UsageError
            If `counts` are not of this world's abilities and origins.
        """
        counts = np.asarray(counts, dtype=np.float64)
        if counts.ndim != 3 or counts.shape[1:] != (len(self.abilities), len(self.origins)):
            raise UsageError(
                f"counts of the shape {counts.shape} are not mixtures of this world",
                why=f"it has {len(self.abilities)} abilities and {len(self.origins)} origins",
                next_step="give counts of the shape (mixtures, abilities, origins)",
            )
        data = self.effective_data(counts)
        grown = np.stack([c.grown(data[:, a]) for a, c in enumerate(self.curves)], axis=1)
        ceiling = np.maximum(self._ceiling(n_params), self.start)
        scores: Floats = self.start + (ceiling - self.start) * grown * (1.0 - self._loss(counts))
        return scores

    def effective_data(self, counts: Floats) -> Floats:
        """Return the data of each ability in rows of the reference, (mixtures, abilities)."""
        own = counts[..., 0].copy()
        for a, worths in enumerate(self.worths):
            for o, worth in enumerate(worths):
                own[:, a] += worth.of(counts[:, a, o + 1])
        helped = self.reach * np.log1p(own / self.reach) @ self.transfer.T
        return np.maximum(own + helped, 0.0)

    def _loss(self, counts: Floats) -> Floats:
        biases = np.array([[0.0, *(worth.bias for worth in worths)] for worths in self.worths])
        rows = counts.sum(axis=2)
        lost: Floats = (counts * biases).sum(axis=2) / np.maximum(rows, 1.0)
        return lost

    def _ceiling(self, n_params: float | Floats) -> Floats:
        share = np.clip((self.ceiling - self.chance) / (1.0 - self.chance), 1e-6, 1.0 - 1e-6)
        times = np.log(np.atleast_1d(np.asarray(n_params, dtype=np.float64)) / _MODEL_SIZE)
        moved = np.log(share / (1.0 - share)) + self.size_slopes * times[:, None]
        ceiling: Floats = self.chance + (1.0 - self.chance) / (1.0 + np.exp(-moved))
        return ceiling
