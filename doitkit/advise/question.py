"""A question to the advisor: what may be bought, from where, and what for.

Whoever asks, a recipe or a pair of tables, asks it in this form, so that the answer knows of
neither.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np

from doitkit.advise.market import Market
from doitkit.advise.objective import Objective
from doitkit.core.origins import Cell, Origin
from doitkit.growth.observations import Floats
from doitkit.mix import Mixture


class Law(Protocol):
    """A fitted law, as draws that each give scores of mixtures."""

    def predict(self, counts: Floats) -> Floats:
        """Return what each draw gives, shape (draws, mixtures, outcomes).

        `counts` has the shape (mixtures, abilities, origins), or (draws, mixtures, abilities,
        origins) where each draw is asked mixtures of its own.
        """
        ...

    def forecast(self, counts: Floats) -> Floats:
        """Return the draws as wide as intervals must be, same shape, for one set of mixtures."""
        ...


@dataclass(frozen=True)
class Machine:
    """What training costs in machine time, from runs that were timed.

    Attributes
    ----------
    hours_per_row
        Hours of one machine (a GPU, where there is one) for a row, all its epochs included.
    price_per_hour
        In the unit of the budget; None where no price is stated.
    """

    hours_per_row: float
    price_per_hour: float | None = None

    @property
    def price_per_row(self) -> float | None:
        """What training on one row costs, if an hour has a price."""
        return None if self.price_per_hour is None else self.price_per_hour * self.hours_per_row


@dataclass(frozen=True)
class Question:
    """What is asked of the advisor.

    Attributes
    ----------
    abilities, origins
        The cells that can be bought. The first origin is the reference.
    outcomes
        What is scored, in the order of the objective's weights. Of a growth law these are the
        abilities.
    held
        Rows held today, shape (abilities, origins).
    owned
        Rows that exist and need not be bought for a run, same shape.
    min_gain
        A gain below this counts as none.
    transfer
        Whether the answer shall say which ability's rows help which.
    repeat_at_most
        How often one row may stand in a mixture.
    machine
        What training costs, where it is known.
    assumptions
        What was assumed in asking, to be stated with the answer.
    """

    name: str
    unit: str
    abilities: tuple[str, ...]
    origins: tuple[str, ...]
    outcomes: tuple[str, ...]
    objective: Objective
    market: Market
    held: Floats
    owned: Floats
    min_gain: float = 0.02
    transfer: bool = True
    repeat_at_most: int = 1
    machine: Machine | None = None
    assumptions: tuple[str, ...] = ()

    def cell(self, a: int, o: int) -> Cell:
        """Return the cell of an ability and an origin, by their indices."""
        return Cell(self.abilities[a], cast(Origin, self.origins[o]))

    def cells(self) -> list[tuple[int, int, Cell]]:
        """Return every cell with its indices."""
        return [
            (a, o, self.cell(a, o))
            for a in range(len(self.abilities))
            for o in range(len(self.origins))
        ]

    def counts(self, rows: Floats) -> dict[Cell, int]:
        """Return rows of shape (abilities, origins) by cell."""
        return {cell: round(float(rows[a, o])) for a, o, cell in self.cells()}

    def array(self, counts: Mapping[Cell, int]) -> Floats:
        """Return rows by cell as an array of shape (abilities, origins)."""
        return np.array(
            [
                [float(counts.get(self.cell(a, o), 0)) for o in range(len(self.origins))]
                for a in range(len(self.abilities))
            ]
        )

    def mixture(self, name: str, rows: Floats) -> Mixture:
        """Return rows of shape (abilities, origins) as a mixture."""
        return Mixture.of(name, self.counts(rows), self.repeat_at_most)


@dataclass(frozen=True)
class Case:
    """A question before fitted laws: what every mixture is worth."""

    question: Question
    law: Law

    def merit(self, mixtures: Floats) -> Floats:
        """Return what the purchase maximises, (mixtures,): the objective, minimum scores first."""
        return self.question.objective.merit(self._scores(mixtures))

    def merit_of_each(self, mixtures: Floats) -> Floats:
        """Return the same if each draw were the truth, for mixtures of its own.

        Parameters
        ----------
        mixtures
            Shape (draws, mixtures, abilities, origins).

        Returns
        -------
        array of shape (draws, mixtures)
        """
        return self.question.objective.merit_of_each(self.law.predict(mixtures))

    def value(self, mixtures: Floats) -> Floats:
        """Return the objective of every mixture, minimum scores aside, (mixtures,)."""
        return self.question.objective.value(self._scores(mixtures))

    def values(self, mixtures: Floats) -> Floats:
        """Return the objective under each draw, as wide as it must be said, (draws, mixtures)."""
        return self.question.objective.each(self.law.forecast(mixtures))

    def _scores(self, mixtures: Floats) -> Floats:
        # Who looks at the worst draws must not look at draws that are too sure of themselves.
        risky = self.question.objective.kind == "cvar"
        return self.law.forecast(mixtures) if risky else self.law.predict(mixtures)
