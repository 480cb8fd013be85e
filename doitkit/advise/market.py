"""What can be bought: prices, limits, supply, and what may not be touched."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from doitkit.growth.observations import Floats

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Limit:
    """Something that a purchase uses up: money, rows, tokens, hours of a GPU.

    Attributes
    ----------
    use
        What one row of each cell takes of it, shape (abilities, origins).
    amount
        How much of it there is.
    """

    name: str
    unit: str
    use: Floats
    amount: float

    def used(self, rows: Floats) -> Floats:
        """Return what a purchase takes, shape (...) for rows of shape (..., abilities, origins)."""
        taken: Floats = (rows * self.use).sum(axis=(-2, -1))
        return taken


@dataclass(frozen=True)
class Market:
    """What can be bought.

    Attributes
    ----------
    prices
        Per row, shape (abilities, origins); infinite where nothing is for sale.
    supply
        Rows for sale beyond today's holdings, same shape; may be infinite.
    budget
        What may be spent, in the unit of the prices.
    lot
        Rows are bought in lots of this many.
    limits
        What else a purchase uses up.
    frozen
        Cells that must stay as they are, same shape.
    at_most
        Rows that may be bought of each cell, same shape; may be infinite.
    unit
        Of the prices, for display.
    """

    prices: Floats
    supply: Floats
    budget: float
    lot: int
    limits: tuple[Limit, ...] = ()
    frozen: npt.NDArray[np.bool_] | None = field(default=None)
    at_most: Floats | None = field(default=None)
    unit: str = "money"

    @cached_property
    def money(self) -> Limit:
        """The budget, as one limit among others."""
        prices = np.where(np.isfinite(self.prices), self.prices, 0.0)
        return Limit("money", self.unit, prices, self.budget)

    @cached_property
    def all_limits(self) -> tuple[Limit, ...]:
        """Money, and what else is limited."""
        return (self.money, *self.limits)

    @cached_property
    def most(self) -> Floats:
        """The rows of each cell that may be had for any money: 0 where it is not for sale."""
        most = self.supply if self.at_most is None else np.minimum(self.supply, self.at_most)
        closed = ~np.isfinite(self.prices)
        if self.frozen is not None:
            closed = closed | self.frozen
        rows: Floats = np.where(closed, 0.0, np.maximum(most, 0.0))
        return rows

    @cached_property
    def for_sale(self) -> npt.NDArray[np.bool_]:
        """The cells of which a lot is for sale, the limits aside."""
        open_cells: npt.NDArray[np.bool_] = self.most >= self.lot
        return open_cells

    @cached_property
    def shares(self) -> Floats:
        """What a row takes of the limits: the sum of its shares of each. 0 for a free row."""
        shares = np.zeros_like(self.prices)
        for limit in self.all_limits:
            # Of a cell whose every lot is more than there is, no row is bought anyhow.
            bounded = (limit.use > 0) & (limit.use * self.lot <= limit.amount)
            shares[bounded] += limit.use[bounded] / limit.amount
        return shares

    def room(self, bought: Floats) -> Floats:
        """Return the rows, in whole lots, that could still be bought of each cell alone.

        Parameters
        ----------
        bought
            Shape (..., abilities, origins).
        """
        room = self.most - bought
        for limit in self.all_limits:
            left = (limit.amount - limit.used(bought))[..., None, None]
            takes = limit.use > 0
            # A rounding error of the sum must not cost the last lot.
            left = np.maximum(left + _ROUNDING * abs(limit.amount), 0.0)
            room = np.where(takes, np.minimum(room, left / np.where(takes, limit.use, 1.0)), room)
        lots: Floats = np.floor(np.maximum(room, 0.0) / self.lot + _ROUNDING) * self.lot
        return lots

    def lots(self, steps: int) -> Floats:
        """Return sizes, in whole lots, of which about `steps` use up what there is of a cell."""
        whole = self.room(np.zeros_like(self.prices)) / steps
        multiples = np.where(np.isfinite(whole), np.ceil(whole / self.lot), 1.0)
        sizes: Floats = np.maximum(multiples, 1.0) * self.lot
        return sizes

    def cost(self, rows: Floats) -> float:
        """Return the money that a purchase takes."""
        return float(self.money.used(rows))

    def allows(self, rows: Floats) -> bool:
        """Say whether a purchase keeps to every limit, supply, cap and lot."""
        within = all(
            limit.used(rows) <= limit.amount * (1 + 10 * _ROUNDING) + _ROUNDING
            for limit in self.all_limits
        )
        whole = np.abs(rows / self.lot - np.round(rows / self.lot)) < _ROUNDING * 10
        return bool(within and (rows >= 0).all() and (rows <= self.most).all() and whole.all())
