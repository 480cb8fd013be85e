"""The best mixture of a surface, within what was tried.

Moves of shares rather than gradients: on the scales of a surface the slope at a share of 0 is
infinite, and the best mixture often has such shares.
"""

from collections.abc import Callable

import numpy as np

from doitkit.growth.observations import Floats

Worth = Callable[[Floats], Floats]
"""Maps mixtures, shape (mixtures, sources), to what is to be maximised, (mixtures,)."""

_RANDOM = 1000
_CLIMBS = 5
_STEPS = (0.2, 0.07, 0.02, 0.007, 0.002)
_MOST_MOVES = 40
_NO_GAIN = 1e-9


def best_mixture(worth: Worth, tried: Floats, most: Floats, seed: int = 0) -> Floats:
    """Return the mixture that is worth most, shape (sources,).

    Parameters
    ----------
    tried
        Mixtures to start from, shape (runs, sources); blends of them are starts, too.
    most
        The largest share that each source may have, shape (sources,); they sum to 1 or more.
    """
    generator = np.random.default_rng(seed)
    picked = generator.integers(0, len(tried), (_RANDOM, 3))
    parts = generator.dirichlet(np.full(3, 0.7), _RANDOM)
    blends = np.einsum("rk,rks->rs", parts, tried[picked])
    starts = within(np.vstack([tried, tried.mean(axis=0), blends]), most)
    values = worth(starts)
    found = [
        _climb(worth, starts[index], float(values[index]), most)
        for index in np.argsort(-values, kind="stable")[:_CLIMBS]
    ]
    return max(found, key=lambda climbed: climbed[1])[0]


def within(mixtures: Floats, most: Floats) -> Floats:
    """Return mixtures with no share above its largest; what is too much goes to the others."""
    held = np.minimum(mixtures, most)
    for _ in range(100):
        short = 1 - held.sum(axis=1, keepdims=True)
        if (short <= 1e-12).all():
            break
        # By their own shares, where they have any room; a little to those that have none yet.
        room = most - held
        share = np.where(room > 1e-15, held + 1e-6 * most, 0.0)
        share /= np.maximum(share.sum(axis=1, keepdims=True), 1e-300)
        held = np.minimum(held + short * share, most)
    scaled: Floats = held / held.sum(axis=1, keepdims=True)
    return scaled


def _climb(worth: Worth, start: Floats, value: float, most: Floats) -> tuple[Floats, float]:
    """Move shares, in ever smaller steps, as long as that is worth more."""
    at = start
    for step in _STEPS:
        for moves in (_drawn_from_all, _between_pairs):
            for _ in range(_MOST_MOVES):
                candidates = moves(at, step, most)
                if not len(candidates):
                    break
                values = worth(candidates)
                best = int(np.argmax(values))
                if values[best] <= value + _NO_GAIN * max(1.0, abs(value)):
                    break
                at, value = candidates[best], float(values[best])
    return at, value


def _drawn_from_all(at: Floats, step: float, most: Floats) -> Floats:
    """Return mixtures with more of one source, taken from all others, or less, given to them."""
    moved = []
    for source in range(len(at)):
        for share in (min(at[source] + step, most[source]), max(at[source] - step, 0.0)):
            rest = 1 - at[source]
            if abs(share - at[source]) < 1e-12 or rest <= 1e-12:
                continue
            other = at * (1 - share) / rest
            other[source] = share
            moved.append(other)
    if not moved:
        return np.empty((0, len(at)))
    return _allowed(np.array(moved), most)


def _between_pairs(at: Floats, step: float, most: Floats) -> Floats:
    """Return mixtures in which one source gave a share to another."""
    moved = []
    for giver in np.flatnonzero(at > 1e-12):
        for taker in np.flatnonzero(most - at > 1e-12):
            amount = min(step, at[giver], most[taker] - at[taker])
            if giver != taker and amount > 1e-12:
                other = at.copy()
                other[giver] -= amount
                other[taker] += amount
                moved.append(other)
    return np.array(moved).reshape(-1, len(at))


def _allowed(mixtures: Floats, most: Floats) -> Floats:
    kept: Floats = mixtures[(mixtures <= most + 1e-9).all(axis=1)]
    return kept
