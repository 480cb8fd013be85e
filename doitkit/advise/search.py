"""Bettering a purchase by exchanges, for objectives on which greedy buying may go wrong.

A local search from several starts: rows of one cell are sold and the money goes to another, in
steps that begin with all that a cell has and end with a lot. No step lowers the value, so the
result is never worse than any of its starts.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from doitkit.advise.allocate import Value
from doitkit.advise.market import Market
from doitkit.growth.observations import Floats

Cells = npt.NDArray[np.intp]

_ROUNDS = 60
_PAIRS = 24
_ALL_PAIRS = 100
"""Up to so many exchanges are all tried; of more, the most promising."""
_LEAST = 1e-6
"""A step that brings less than this share of what the purchase brings is not worth the time."""
_FEW = 4
_STARTS = 3
_KICKS = 4
"""Searches that start from a part of the best purchase, the rest of its money to be spent anew;
six times as many where there are few cells, and each takes little time."""


def best_of(
    value: Value, today: Floats, market: Market, greedy: Floats, others: Sequence[Floats]
) -> Floats:
    """Return the best purchase that exchanges reach from `greedy` and the best of `others`."""
    best = improved(value, today, market, greedy)
    starts: list[Floats] = []
    if len(others):
        different = np.unique(np.array(others), axis=0)
        order = np.argsort(-value(today + different), kind="stable")
        starts = [different[index] for index in order[:_STARTS]]
    draw = np.random.default_rng(0)
    kicks = _KICKS * (6 if market.for_sale.sum() <= _FEW else 1)
    for turn in range(len(starts) + kicks):
        kept = best * (draw.random(best.shape) < 0.5)
        start = starts[turn] if turn < len(starts) else kept
        # A rough search is enough to see whether another valley is deeper.
        tried = improved(value, today, market, start, rough=True)
        if value(today + np.stack([best, tried])).argmax() == 1:
            best = improved(value, today, market, tried)
    return best


def improved(
    value: Value, today: Floats, market: Market, start: Floats, *, rough: bool = False
) -> Floats:
    """Return `start` after all exchanges that better it.

    Parameters
    ----------
    rough
        Whether to stop at exchanges of a sixteenth of the budget.
    """
    if not market.for_sale.any():
        return start
    bought = start
    nothing, reached = (float(x) for x in value(today + np.stack([np.zeros_like(start), start])))
    for sizes in _sizes(market, rough=rough):
        for _ in range(_ROUNDS):
            least = max(_LEAST * abs(reached - nothing), 1e-12)
            moves = _moves(value, today, market, bought, sizes, reached)
            if len(moves) == 0:
                break
            gains = value(today + bought + moves) - reached
            best = int(gains.argmax())
            if gains[best] <= least:
                break
            bought = bought + moves[best]
            reached += float(gains[best])
    return bought


def _sizes(market: Market, *, rough: bool) -> list[Floats]:
    """Return the sizes of steps, from all that can be had of a cell down to a lot."""
    parts = [1, 4, 16] if rough else [1, 4, 16, 64, 256, 1024, 4096]
    sizes = [market.lots(part) for part in parts]
    if not rough:
        sizes.append(np.full_like(market.prices, market.lot))
    return [s for i, s in enumerate(sizes) if i == 0 or (s != sizes[i - 1]).any()]


def _moves(
    value: Value,
    today: Floats,
    market: Market,
    bought: Floats,
    sizes: Floats,
    reached: float,
) -> Floats:
    """Return changes of `bought` that are allowed: buying, selling, and exchanging two cells.

    Where there are few cells, also selling of one to buy of two: the worst of several outcomes
    rises only if all of the worst ones do.
    """
    cells = np.argwhere(market.for_sale)
    buys = _each(cells, np.minimum(sizes, market.room(bought)))
    alone = -_each(cells, np.minimum(sizes, bought))
    # One dear row may pay for many cheap ones: as many of each cell as what is sold is worth.
    freed = (-alone * market.shares).sum(axis=(1, 2))[:, None, None]
    priced = market.shares > 0
    worth = np.where(priced, freed / np.where(priced, market.shares, 1.0), 0.0)
    swapped = np.maximum(sizes, worth)[:, None]
    pairs = np.concatenate(
        [
            _filled(market, cells, bought, swapped, np.repeat(alone[:, None], len(cells), axis=1)),
            _filled(market, cells, bought, sizes, -_needed(market, cells, bought, sizes)),
        ]
    )
    sold, more = np.nonzero(np.ones(pairs.shape[:2], dtype=bool))
    exchanges = pairs.reshape(-1, *bought.shape)
    useful = (exchanges < 0).any(axis=(1, 2)) & (exchanges > 0).any(axis=(1, 2))
    which = np.flatnonzero(useful)
    if len(which) > _ALL_PAIRS:
        at = np.stack([sold[which] % len(cells), more[which]])
        which = which[_promising(value, today, bought, alone, _each(cells, sizes), at, reached)]
    moves = [buys, alone, exchanges[which]]
    if len(cells) <= _FEW:
        halves = _filled(market, cells, bought, sizes / 2, exchanges[which][:, None])
        moves.append(halves.reshape(-1, *bought.shape))
    every = np.concatenate(moves)
    return every[every.any(axis=(1, 2))]


def _needed(market: Market, cells: Cells, bought: Floats, sizes: Floats) -> Floats:
    """Return what must be sold of each cell to buy `sizes` of each other: (cells, cells, a, o)."""
    at = (cells[:, 0], cells[:, 1])
    rows = np.zeros((len(cells), len(cells)))
    wanted = np.minimum(sizes, market.most - bought)[at]
    for limit in market.all_limits:
        short = limit.use[at] * wanted - (limit.amount - float(limit.used(bought)))
        use = limit.use[at][:, None]
        needed = np.where(use > 0, short / np.where(use > 0, use, 1.0), 0.0)
        rows = np.maximum(rows, needed)
    lots = np.ceil(rows / market.lot - 1e-9) * market.lot
    amounts = np.minimum(lots, bought[at][:, None])
    units = _each(cells, np.ones_like(sizes))
    needs: Floats = amounts[..., None, None] * units[:, None]
    return needs


def _filled(market: Market, cells: Cells, bought: Floats, sizes: Floats, changes: Floats) -> Floats:
    """Return sales, with as much of another cell as then fits: (sold, cells, a, o).

    Parameters
    ----------
    changes
        What is sold before, shape (sold, cells or 1, a, o); what is bought is of the second axis.
    """
    room = np.minimum(np.ceil(sizes / market.lot) * market.lot, market.room(bought + changes))
    units = _each(cells, np.ones_like(bought))
    # What was just sold is not bought back.
    added = units * np.where(changes < 0, 0.0, room)
    filled: Floats = changes + added
    return filled


def _promising(
    value: Value,
    today: Floats,
    bought: Floats,
    sold: Floats,
    more: Floats,
    at: Cells,
    reached: float,
) -> Cells:
    """Return which exchanges promise most if what is sold and what is bought do not meet."""
    alone = value(today + bought + np.concatenate([sold, more])) - reached
    loss, gain = alone[: len(sold)], alone[len(sold) :]
    order = np.argsort(-(loss[at[0]] + gain[at[1]]), kind="stable")
    # Each exchange stands here twice, by what is sold and by what is bought.
    return order[: 2 * _PAIRS]


def _each(cells: Cells, sizes: Floats) -> Floats:
    """Return one change per cell: its size there, and 0 elsewhere."""
    changes = np.zeros((len(cells), *sizes.shape))
    index = np.arange(len(cells))
    changes[index, cells[:, 0], cells[:, 1]] = sizes[cells[:, 0], cells[:, 1]]
    return changes
