"""What the runs can tell and what they cannot, before any parameter is printed."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from doitkit.growth.fit import GrowthFit
from doitkit.growth.observations import Floats, Observations

_COLLINEAR = 0.95
_KNEE_SURE = 0.8


TRANSFER = "transfer between abilities"
"""What an `Unknown` about transfer is called."""


@dataclass(frozen=True)
class Unknown:
    """Something that the runs cannot tell, and the run that would tell it."""

    what: str
    why: str
    cheapest_run: str


@dataclass(frozen=True)
class Identified:
    """What may be reported."""

    transfer: bool
    exchange: dict[tuple[str, str], bool]
    """(ability, origin) -> whether its exchange rate can be told."""
    cap: dict[tuple[str, str], bool]
    """(ability, origin) -> whether a run passed the knee, so that its ceiling can be told."""
    unknown: tuple[Unknown, ...]


def examine(fit: GrowthFit) -> Identified:
    """Return what the design of the runs, and the fit, can tell."""
    seen = fit.seen
    unknown: list[Unknown] = []
    transfer = _transfer(seen, unknown)
    exchange: dict[tuple[str, str], bool] = {}
    cap: dict[tuple[str, str], bool] = {}
    p = fit.parameters()
    for a, ability in enumerate(seen.abilities):
        for o, origin in enumerate(seen.origins[1:]):
            if seen.counts[:, a, o + 1].max() == 0:
                continue
            known = _exchange(seen, a, o + 1, unknown)
            exchange[ability, origin] = known
            most = float(seen.counts[:, a, o + 1].max())
            past = np.exp(p.log_rho[:, a, o]) * most > np.exp(p.log_cap[:, a, o])
            cap[ability, origin] = known and float(past.mean()) >= _KNEE_SURE
            if known and not cap[ability, origin]:
                unknown.append(
                    Unknown(
                        f"the ceiling of {origin} data for {ability}",
                        f"no run clearly passed the knee; the largest holds {most:,.0f} rows",
                        f"{ability}: {4 * most:,.0f} {origin} rows and nothing else",
                    )
                )
    return Identified(transfer, exchange, cap, tuple(unknown))


def _transfer(seen: Observations, unknown: list[Unknown]) -> bool:
    """Say whether abilities vary apart from one another over the runs."""
    if len(seen.abilities) < 2:
        return False
    data = np.log1p(seen.counts.sum(axis=2))
    # The base model and empty runs say nothing about which ability helps which.
    data = data[data.sum(axis=1) > 0]
    tied = [
        (seen.abilities[a], seen.abilities[b])
        for a, b in combinations(range(len(seen.abilities)), 2)
        if abs(_correlation(data[:, a], data[:, b])) > _COLLINEAR
    ]
    if not tied and len(data) > len(seen.abilities):
        return True
    pairs = ", ".join(f"{a} with {b}" for a, b in tied[:3]) or "too few runs"
    largest = int(np.expm1(data.max())) if data.size else 0
    unknown.append(
        Unknown(
            TRANSFER,
            f"their amounts of data rise and fall together over the runs ({pairs})",
            f"{seen.abilities[0]}: {largest:,} rows, all other abilities 0",
        )
    )
    return False


def _exchange(seen: Observations, a: int, o: int, unknown: list[Unknown]) -> bool:
    """Say whether origin `o` and the reference vary apart from each other for ability `a`."""
    reference = np.log1p(seen.counts[:, a, 0])
    other = np.log1p(seen.counts[:, a, o])
    varied = np.ptp(other) > 0 and np.ptp(reference) > 0
    apart = varied and abs(_correlation(reference, other)) <= _COLLINEAR
    if not apart:
        ability, origin = seen.abilities[a], seen.origins[o]
        unknown.append(
            Unknown(
                f"the exchange rate of {origin} data for {ability}",
                f"its rows and the {seen.origins[0]} rows do not vary apart from each other"
                if varied
                else f"no run varies its {origin} and {seen.origins[0]} rows",
                f"{ability}: {int(seen.counts[:, a].max()):,} {origin} rows and no "
                f"{seen.origins[0]} rows",
            )
        )
    return bool(apart)


def _correlation(x: Floats, y: Floats) -> float:
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return 1.0
    return float(np.corrcoef(x, y)[0, 1])
