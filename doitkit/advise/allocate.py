"""Spending a budget greedily on the largest gain per share of the limits: water-filling in lots.

Exact up to one lot where the objective is concave, what cells bring does not hang on one another,
and there is one limit. The growth law is so unless transfer is freed or data lowers a score;
`search` goes on from here.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from doitkit.advise.market import Market
from doitkit.growth.observations import Floats

Value = Callable[[Floats], Floats]
"""Maps mixtures, shape (mixtures, abilities, origins), to what is to be maximised, (mixtures,)."""

Values = Callable[[Floats], Floats]
"""The same for a batch of questions at once: (batch, mixtures, a, o) -> (batch, mixtures)."""

STEPS = 64
"""About so many purchases spend the whole budget; what they miss is left to the exchanges."""
_MOST_STEPS = 20
"""Times `STEPS` that are taken at most: several cells may be bought out each in its own steps."""
_PARTS = 8
"""Of each cell's purchase, on the way to all of it."""
_NO_GAIN = 1e-9


def water_fill(value: Value, today: Floats, market: Market, *, steps: int = 400) -> Floats:
    """Return the rows to buy of every cell, shape (abilities, origins).

    Lots are enlarged, in whole multiples, where the budget would take more than `steps` of them.
    Buying stops when a limit is used up or nothing on sale brings a gain.
    """
    bought: Floats = list(filling(_one(value), today, market, steps=steps))[-1][0]
    return bought


def water_fill_each(
    values: Values, today: Floats, market: Market, batch: int, *, steps: int = STEPS
) -> Floats:
    """Return what each of a batch of questions buys, shape (batch, abilities, origins)."""
    return list(filling(values, today, market, batch=batch, steps=steps))[-1]


def filling(
    values: Values, today: Floats, market: Market, *, batch: int = 1, steps: int = STEPS
) -> Iterator[Floats]:
    """Yield what is bought after every step, beginning with nothing: (batch, abilities, origins).

    All questions of the batch take their steps together, so that one call of `values` serves
    them all.
    """
    bought = np.zeros((batch, *today.shape))
    yield bought
    cells = np.argwhere(market.for_sale)
    if len(cells) == 0:
        return
    at = (slice(None), cells[:, 0], cells[:, 1])
    units = np.zeros((len(cells), *today.shape))
    units[np.arange(len(cells)), cells[:, 0], cells[:, 1]] = 1.0
    lots, shares = market.lots(steps), np.maximum(market.shares, 1e-12)[at[1:]]
    reached = values((today + bought)[:, None])[:, 0]
    every = np.arange(batch)
    for _ in range(_MOST_STEPS * steps):
        sizes = np.minimum(lots, market.room(bought))[at]
        if not (sizes > 0).any():
            return
        # A cell that no question can buy any more is not asked about.
        some = np.flatnonzero((sizes > 0).any(axis=0))
        tried = units[some] * sizes[:, some, None, None]
        gains = values((today + bought)[:, None] + tried) - reached[:, None]
        open_cells = sizes[:, some] > 0
        rates = gains / (np.where(open_cells, sizes[:, some], 1.0) * shares[some])
        best = np.where(open_cells, rates, -np.inf).argmax(axis=1)
        gain = np.where(open_cells[every, best], gains[every, best], 0.0)
        goes_on = gain > _NO_GAIN
        if not goes_on.any():
            return
        step = np.where(goes_on[:, None, None], tried[every, best], 0.0)
        bought = bought + step
        reached = reached + np.where(goes_on, gain, 0.0)
        yield bought


def parts_of(value: Value, today: Floats, market: Market, bought: Floats) -> Floats:
    """Return the purchases on the way to `bought`, the best first: (parts, abilities, origins).

    From nothing to all of it; each is contained in the next.
    """
    only_these = replace(market, at_most=bought)
    path = list(filling(_one(value), today, only_these, steps=_PARTS))
    return np.concatenate([*path, bought[None]])


def equal_money(today: Floats, market: Market, share: Floats) -> Floats:
    """Return what a budget buys when it is split by `share`, in lots, within all limits.

    Parameters
    ----------
    share
        Weights of the cells, shape (abilities, origins). What a cell cannot take for want of
        supply is split among the others; where another limit than money is reached first, all
        cells get less in proportion.
    """
    bought = np.zeros_like(today)
    open_cells = (share > 0) & market.for_sale
    prices = market.money.use
    while open_cells.any():
        weights = np.where(open_cells, share, 0.0)
        left = market.budget - market.cost(bought)
        wanted = _rows_for(left * weights / weights.sum(), prices)
        rows = np.where(open_cells, np.minimum(wanted, market.room(bought)), 0.0)
        rows = rows / max(1.0, _most_used(market, bought, rows))
        rows = np.floor(rows / market.lot + 1e-9) * market.lot
        bought = bought + rows
        open_cells &= market.most - bought >= market.lot
        if not rows.any():
            break
    # Whole lots leave a rest: it goes to the cells in turn, those that fell shortest first.
    fair = _rows_for(market.budget * share / max(float(share.sum()), 1e-12), prices)
    for a, o in sorted(np.argwhere(open_cells), key=lambda at: bought[tuple(at)] - fair[tuple(at)]):
        if market.room(bought)[a, o] >= market.lot:
            bought[a, o] += market.lot
    return bought


def marginal_gain(value: Value, at: Floats, market: Market) -> Floats:
    """Return the gain per unit of budget of the next lot of every cell, (abilities, origins).

    NaN where nothing is for sale.
    """
    result = np.full_like(at, np.nan)
    cells = np.argwhere(market.for_sale)
    more = np.repeat(at[None], len(cells) + 1, axis=0)
    more[np.arange(len(cells)), cells[:, 0], cells[:, 1]] += market.lot
    reached = value(more)
    for (a, o), gain in zip(cells, reached[:-1] - reached[-1], strict=True):
        result[a, o] = gain / max(market.lot * market.prices[a, o], 1e-12)
    return result


def _one(value: Value) -> Values:
    def values(mixtures: Floats) -> Floats:
        return value(mixtures[0])[None]

    return values


def _most_used(market: Market, bought: Floats, rows: Floats) -> float:
    """Return the largest share of what is left of a limit that `rows` would take."""
    shares = [0.0]
    for limit in market.all_limits:
        left, taken = limit.amount - float(limit.used(bought)), float(limit.used(rows))
        if taken > 0:
            shares.append(taken / left if left > 0 else np.inf)
    return max(shares)


def _rows_for(money: Floats, prices: Floats) -> Floats:
    """Return the rows that `money` buys: any number of free ones."""
    rows: Floats = np.where(prices > 0, money / np.where(prices > 0, prices, 1.0), np.inf)
    return rows
