"""Splitting a whole number by weights so that the parts sum to it exactly."""

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import TypeVar

Key = TypeVar("Key")


def largest_remainder(
    total: int,
    weights: Mapping[Key, float],
    caps: Mapping[Key, int] | None = None,
) -> dict[Key, int]:
    """Split `total` in proportion to `weights` (Hamilton's method), under `caps`.

    Every key first gets the whole part of its share; the units left go to the largest
    fractions, ties to the key that stands first. A key whose cap is below its share gets its
    cap, and what it could not take is split among the others by the same rule. Zero means
    none: a key of weight 0, or cap 0, gets 0.

    Returns
    -------
    dict
        A quota for every key, in the order of `weights`; their sum is
        `min(total, sum of the caps of the keys with positive weight)`.

    Raises
    ------
    ValueError
        If `total` or a weight or a cap is negative or not finite, or if all weights are 0
        while `total` is not.
    """
    limits = {key: math.inf if caps is None else caps.get(key, 0) for key in weights}
    if total < 0 or any(limit < 0 for limit in limits.values()):
        raise ValueError("a total and caps must not be negative")
    if any(weight < 0 or not math.isfinite(weight) for weight in weights.values()):
        raise ValueError("weights must be finite and not negative")
    if total > 0 and not any(weights.values()):
        raise ValueError("all weights are 0")
    quotas: dict[Key, int] = dict.fromkeys(weights, 0)
    # Fractions are exact: rounded shares could sum to a unit too many or too few.
    open_weights = {key: Fraction(weight) for key, weight in weights.items() if weight > 0}
    left = total
    while open_weights:
        per_weight = left / sum(open_weights.values())
        full = [key for key in open_weights if per_weight * open_weights[key] >= limits[key]]
        if not full:
            return quotas | _hamilton(left, open_weights)
        for key in full:
            quotas[key] = int(limits[key])
            left -= quotas[key]
            del open_weights[key]
    return quotas


def _hamilton(total: int, weights: Mapping[Key, Fraction]) -> dict[Key, int]:
    scale = sum(weights.values())
    shares = {key: total * weight / scale for key, weight in weights.items()}
    quotas = {key: math.floor(share) for key, share in shares.items()}
    order = sorted(shares, key=lambda key: quotas[key] - shares[key])
    for key in order[: total - sum(quotas.values())]:
        quotas[key] += 1
    return quotas
