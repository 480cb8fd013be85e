"""How far a purchase is from the conditions of an optimum (Karush 1939; Kuhn and Tucker 1951)."""

import numpy as np
import numpy.typing as npt

from doitkit.advise.allocate import Value
from doitkit.advise.market import Limit, Market
from doitkit.growth.observations import Floats

Cells = npt.NDArray[np.intp]
Marks = npt.NDArray[np.bool_]


def optimality_gap(value: Value, today: Floats, market: Market, bought: Floats) -> float:
    r"""Return by how much marginal gains differ that should agree, as a share of the largest.

    At an optimum every limit :math:`l` has a price :math:`\lambda_l \ge 0`, 0 where the limit is
    not used up, such that the last lot bought of a cell brought at least what it took of the
    limits at these prices, and the next lot of a cell that is for sale would bring at most that.
    The gap is the least, over all such prices, by which some cell misses this; a linear program
    finds it. 0 is an optimum (of a concave objective), 1 is nothing of the kind. Free rows have
    no part in it.
    """
    cells = np.argwhere(market.for_sale & (market.shares > 0))
    if len(cells) == 0:
        return 0.0
    index, at = np.arange(len(cells)), (cells[:, 0], cells[:, 1])
    more = market.most[at] - bought[at] >= market.lot
    less = bought[at] >= market.lot
    tried = np.repeat((today + bought)[None], 2 * len(cells) + 1, axis=0)
    tried[index, *at] += market.lot
    tried[len(cells) + index, *at] -= np.where(less, market.lot, 0)
    reached = value(tried)
    per_share = 1.0 / (market.lot * market.shares[at])
    gains = (reached[: len(cells)] - reached[-1]) * per_share
    losses = (reached[-1] - reached[len(cells) : -1]) * per_share
    largest = float(max(np.abs(gains[more]).max(initial=0.0), np.abs(losses[less]).max(initial=0)))
    if largest <= 1e-12:
        return 0.0
    return _least_gap(market, cells, bought, gains / largest, losses / largest, more, less)


def _least_gap(
    market: Market,
    cells: Cells,
    bought: Floats,
    gains: Floats,
    losses: Floats,
    more: Marks,
    less: Marks,
) -> float:
    from scipy.optimize import linprog  # a third of a second to load

    at = (cells[:, 0], cells[:, 1])
    limits = [limit for limit in market.all_limits if limit.amount > 0]
    use = np.stack([limit.use[at] / limit.amount / market.shares[at] for limit in limits], axis=1)
    # gain - use . price <= gap and use . price - loss <= gap
    rows = np.concatenate([-use[more], use[less]])
    bounds = np.concatenate([-gains[more], losses[less]])
    if len(rows) == 0:
        return 0.0
    table = np.column_stack([rows, -np.ones(len(rows))])
    free = [(0.0, None if _used_up(market, limit, bought, at) else 0.0) for limit in limits]
    cost = np.zeros(len(limits) + 1)
    cost[-1] = 1.0
    found = linprog(cost, A_ub=table, b_ub=bounds, bounds=[*free, (0.0, None)])
    return float(found.fun)


def _used_up(market: Market, limit: Limit, bought: Floats, at: tuple[Cells, Cells]) -> bool:
    """Say whether a limit keeps some cell from its next lot."""
    left = limit.amount - float(limit.used(bought))
    open_cells = market.most[at] - bought[at] >= market.lot
    return bool((market.lot * limit.use[at][open_cells] > left).any())
