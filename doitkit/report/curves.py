"""Growth curves: the fitted law of an ability, and the scores that it was read from."""

from dataclasses import dataclass

import numpy as np

from doitkit.growth.fit import GrowthFit
from doitkit.growth.observations import Floats

_POINTS = 48
_VISIBLE = 0.02
"""The law for all abilities alike is told where it differs by more than this."""


@dataclass(frozen=True)
class Curve:
    """The law of one ability in rows of one origin."""

    origin: str
    rows: Floats
    low: Floats
    middle: Floats
    high: Floats
    alike: Floats | None
    """The median where all abilities hold the same number of rows, if that differs visibly."""
    largest: float
    """The most rows of this cell in any run; beyond, the law is extrapolated."""


@dataclass(frozen=True)
class Measurement:
    """The score of one run on one ability."""

    run: str
    rows: float
    origin: str | None
    """Of this ability's rows; None where they are of several origins, or where there are none."""
    plain: bool
    """Whether the run holds this ability's rows alone, or as many of every ability it has."""
    score: float
    stderr: float


def growth_curves(fit: GrowthFit, a: int, most: float) -> list[Curve]:
    """Return the law of ability `a`, up to `most` rows, per origin of which some run holds rows."""
    seen = fit.seen
    balanced = np.array([_is_balanced(totals) for totals in seen.counts.sum(axis=2)])
    curves = []
    for o, origin in enumerate(seen.origins):
        own = seen.counts[:, a, o]
        largest = float(own.max())
        if largest == 0:
            continue
        rows = np.union1d(np.expm1(np.linspace(0.0, np.log1p(most), _POINTS)), [largest])
        alone = np.zeros((len(rows), len(seen.abilities), len(seen.origins)))
        alone[:, a, o] = rows
        low, middle, high = np.quantile(fit.forecast(alone)[..., a], (0.1, 0.5, 0.9), axis=0)
        alike = None
        if (balanced & (own > 0) & (seen.counts[:, a].sum(axis=1) == own)).any():
            together = np.zeros_like(alone)
            together[:, seen.counts[:, :, o].max(axis=0) > 0, o] = rows[:, None]
            alike = np.median(fit.predict(together)[..., a], axis=0)
            if np.abs(alike - middle)[rows <= largest].max() < _VISIBLE:
                alike = None
        curves.append(Curve(origin, rows, low, middle, high, alike, largest))
    return curves


def measurements(fit: GrowthFit, a: int) -> list[Measurement]:
    """Return the scores of the runs on ability `a`."""
    seen = fit.seen
    found = []
    for index, run in enumerate(seen.runs):
        if not np.isfinite(seen.scores[index, a]):
            continue
        own = seen.counts[index, a]
        totals = seen.counts[index].sum(axis=1)
        alone = totals.sum() == own.sum()
        origins = np.flatnonzero(own)
        found.append(
            Measurement(
                run=run,
                rows=float(own.sum()),
                origin=seen.origins[origins[0]] if len(origins) == 1 else None,
                plain=bool(alone or (own.sum() > 0 and _is_balanced(totals))),
                score=float(seen.scores[index, a]),
                stderr=float(seen.stderrs[index, a]),
            )
        )
    return found


def _is_balanced(totals: Floats) -> bool:
    """Say whether a run holds the same number of rows of all abilities that it holds any of.

    Give or take one, since a size that is split over origins need not come out even.
    """
    held = totals[totals > 0]
    return held.size > 1 and bool(np.ptp(held) <= 1)
