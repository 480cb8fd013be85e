"""Spending a budget as one would who knew the truth, and as one would who knew nothing."""

from collections.abc import Sequence

import numpy as np

from doitkit.core.errors import UsageError
from doitkit.growth.observations import Floats
from doitkit.growth.simulate.search import Search
from doitkit.growth.simulate.world import World


def best_allocation(
    world: World,
    prices: Floats,
    budget: float,
    *,
    today: Floats | None = None,
    supply: Floats | None = None,
    weights: Sequence[float] | None = None,
    lot: int = 10,
    seed: int = 0,
) -> Floats:
    """Return the rows to buy of every cell, shape (abilities, origins), under the true scores.

    Parameters
    ----------
    prices
        Per row, shape (abilities, origins) or (origins,); infinite where nothing is for sale.
    budget
        What may be spent.
    today
        Rows that are held already, shape (abilities, origins); none, if not given.
    supply
        Rows for sale, same shape; endless, if not given.
    weights
        Of the abilities in the mean that is maximised; equal, if not given.
    lot
        Rows are bought in lots of this many.
    seed
        Of the random exchanges at the end.

    Raises
    ------
    UsageError
        If something costs nothing and has no end: there is no best amount of it.
    """
    shape = (len(world.abilities), len(world.origins))
    prices = np.broadcast_to(np.asarray(prices, dtype=np.float64), shape)
    most = np.full(shape, np.inf) if supply is None else np.asarray(supply, dtype=np.float64)
    if (prices < 0).any() or ((prices == 0) & np.isinf(most)).any():
        raise UsageError(
            "there is no best allocation at these prices",
            why="rows cost less than nothing, or nothing and have no end",
            next_step="give a price above 0, or a supply",
        )
    cells = np.argwhere(np.isfinite(prices))
    if not len(cells):
        return np.zeros(shape)
    at = tuple(cells.T)
    price = prices[at] * lot
    affordable = np.floor(budget / np.maximum(price, 1e-12) + 1e-9)
    search = Search(
        world=world,
        held=np.zeros(shape) if today is None else today,
        weights=_normed(world, weights),
        budget=budget,
        cells=cells,
        price=price,
        most=np.minimum(np.floor(np.maximum(most[at], 0.0) / lot), affordable),
        lot=lot,
    )
    splits = money_splits(world, prices, budget, supply=supply, lot=lot)
    starts = [search.greedy(), *(rows[at] / lot for rows in splits.values())]
    climbed = [search.exchanged(start) for start in starts]
    best = search.shaken(max(climbed, key=search.value), np.random.default_rng(seed))
    bought = np.zeros(shape)
    bought[at] = best * lot
    return bought


def money_splits(
    world: World, prices: Floats, budget: float, *, supply: Floats | None = None, lot: int = 10
) -> dict[str, Floats]:
    """Return the naive rivals: equal money per ability, for each origin alone and for all.

    Keys are `<origin> only` and `all origins`; what cannot be bought for want of supply stays
    unspent.
    """
    n, origins = len(world.abilities), len(world.origins)
    prices = np.broadcast_to(np.asarray(prices, dtype=np.float64), (n, origins))
    shares = {f"{name} only": np.eye(origins)[o] for o, name in enumerate(world.origins)}
    shares["all origins"] = np.full(origins, 1.0 / origins)
    found = {}
    for kind, share in shares.items():
        rows = budget / n * share / np.maximum(prices, 1e-12)
        rows = rows if supply is None else np.minimum(rows, np.maximum(supply, 0.0))
        found[kind] = np.floor(rows / lot + 1e-9) * lot
    return found


def share_lost(
    world: World,
    bought: Floats,
    best: Floats,
    *,
    today: Floats | None = None,
    weights: Sequence[float] | None = None,
) -> float:
    """Return the regret of a purchase: the share of the best one's gain that it does not bring."""
    held = np.zeros_like(best) if today is None else today
    mixtures = np.stack([held, held + bought, held + best])
    before, after, most = world.scores(mixtures) @ _normed(world, weights)
    return float((most - after) / max(most - before, 1e-12))


def _normed(world: World, weights: Sequence[float] | None) -> Floats:
    scale = np.ones(len(world.abilities)) if weights is None else np.asarray(weights, float)
    normed: Floats = scale / scale.sum()
    return normed
