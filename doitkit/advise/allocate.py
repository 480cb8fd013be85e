"""Spending a budget greedily on the largest gain per cost: water-filling in lots.

Exact up to one lot where the objective is concave in every count. The growth law is, unless
transfer is negative: its floor under the effective data bends it the other way there, and within
the first few rows of a cell.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from doitkit.growth.observations import Floats

Objective = Callable[[Floats], Floats]
"""Maps mixtures, shape (mixtures, abilities, origins), to what is to be maximised, (mixtures,)."""

_MOST_STEPS = 400
_NO_GAIN = 1e-9


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
    """

    prices: Floats
    supply: Floats
    budget: float
    lot: int


def water_fill(objective: Objective, today: Floats, market: Market) -> Floats:
    """Return the rows to buy of every cell, shape (abilities, origins).

    Lots are enlarged, in whole multiples, where the budget would take more than 400 of them.
    Buying stops when the money is spent or nothing on sale brings a gain.
    """
    bought = np.zeros_like(today)
    left = market.budget
    lots = _lots(market)
    value = float(objective(today[None])[0])
    for _ in range(20 * _MOST_STEPS):
        sizes = np.minimum(lots, np.floor(market.supply - bought))
        affordable = np.floor(_ratio(left, market.prices) / market.lot) * market.lot
        sizes = np.minimum(sizes, affordable)
        cells = np.argwhere((sizes > 0) & np.isfinite(market.prices))
        if len(cells) == 0:
            return bought
        steps = np.zeros((len(cells), *today.shape))
        for index, (a, o) in enumerate(cells):
            steps[index, a, o] = sizes[a, o]
        gains = objective(today + bought + steps) - value
        costs = (steps * np.where(np.isfinite(market.prices), market.prices, 0)).sum(axis=(1, 2))
        best = int(np.argmax(gains / np.maximum(costs, 1e-12)))
        if gains[best] <= _NO_GAIN:
            return bought
        bought += steps[best]
        left -= costs[best]
        value += float(gains[best])
    return bought


def equal_money(today: Floats, market: Market, share: Floats) -> Floats:
    """Return what a budget buys when it is split by `share`, in lots, within the supply.

    Parameters
    ----------
    share
        Weights of the cells, shape (abilities, origins); cells not for sale must have 0. What a
        cell cannot take for want of supply is split among the others.
    """
    bought = np.zeros_like(today)
    left = market.budget
    open_cells = (share > 0) & np.isfinite(market.prices)
    while open_cells.any():
        weights = np.where(open_cells, share, 0.0)
        wanted = _ratio(left * weights / weights.sum(), market.prices)
        room = np.maximum(market.supply - bought, 0.0)
        rows = np.floor(np.minimum(wanted, room) / market.lot) * market.lot
        rows = np.where(open_cells, rows, 0.0)
        bought += rows
        spent = float((rows * np.where(np.isfinite(market.prices), market.prices, 0.0)).sum())
        left -= spent
        open_cells &= market.supply - bought >= market.lot
        if spent <= 0:
            break
    # Whole lots leave a rest: it goes to the cells in turn, those that fell shortest first.
    fair = _ratio(market.budget * share / max(float(share.sum()), 1e-12), market.prices)
    for a, o in sorted(np.argwhere(open_cells), key=lambda at: bought[tuple(at)] - fair[tuple(at)]):
        price = market.lot * market.prices[a, o]
        if price <= left + 1e-9 and market.supply[a, o] - bought[a, o] >= market.lot:
            bought[a, o] += market.lot
            left -= price
    return bought


def marginal_gain(objective: Objective, at: Floats, market: Market) -> Floats:
    """Return the gain per unit of budget of the next lot of every cell, (abilities, origins).

    NaN where nothing is for sale.
    """
    value = float(objective(at[None])[0])
    result = np.full_like(at, np.nan)
    for a, o in np.argwhere(np.isfinite(market.prices)):
        more = at.copy()
        more[a, o] += market.lot
        gain = float(objective(more[None])[0]) - value
        result[a, o] = gain / max(market.lot * market.prices[a, o], 1e-12)
    return result


def _lots(market: Market) -> Floats:
    most = _ratio(market.budget, market.prices) / _MOST_STEPS
    multiples = np.maximum(1.0, np.ceil(most / market.lot))
    return np.where(np.isfinite(multiples), multiples, 1.0) * market.lot


def _ratio(money: float | Floats, prices: Floats) -> Floats:
    """Return the rows that `money` buys: any number of free ones, none that are not for sale."""
    rows = np.where(prices > 0, money / np.maximum(prices, 1e-12), np.inf)
    result: Floats = np.where(np.isfinite(prices), rows, 0.0)
    return result
