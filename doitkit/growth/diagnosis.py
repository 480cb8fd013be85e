"""What kind of growth an ability shows, with probabilities."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from doitkit.growth.fit import GrowthFit
from doitkit.growth.identify import Identified
from doitkit.growth.observations import Floats

Kind = Literal["responsive", "plateaued", "resistant", "cannot tell"]
_SURE = 0.7
_NEXT = 1000.0
_ASKED = 20.0
"""Times the largest amount seen; no question goes beyond."""
_STEPS = 24


@dataclass(frozen=True)
class Interval:
    """A middle value (of draws, the median) with its 80 % interval."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, values: Floats) -> "Interval":
        """Return the interval of draws."""
        low, middle, high = np.quantile(values, (0.1, 0.5, 0.9))
        return cls(float(low), float(middle), float(high))


@dataclass(frozen=True)
class Diagnosis:
    """The growth of one ability.

    `responsive`: doubling its largest amount of reference data would still bring `min_gain`.
    `plateaued`: it would not, but the data so far did bring that much. `resistant`: neither.
    `cannot tell`: no kind has a probability of 0.7.
    """

    ability: str
    kind: Kind
    probabilities: dict[str, float]
    start: Interval
    """The score without data."""
    at_largest: Interval
    """The score at the largest amount of reference data seen."""
    doubled: Interval
    """The gain that doubling that amount would bring."""
    next_thousand_below: Interval | None
    """Reference data from which on the next 1,000 rows bring less than `min_gain`; None where
    that lies, for half of the draws, beyond 20 times the largest amount seen. There an interval
    ends."""
    ceiling: Interval | None
    """What any amount of data could reach; None where the runs cannot tell."""
    size: Interval | None
    """How much the log-odds of the ceiling rise with the logarithm of the model's size; None where
    the runs cannot tell."""
    largest: int
    exchange: dict[str, Interval]
    """Origin -> reference rows that its first row is worth; only where the runs can tell."""
    cap: dict[str, Interval]
    """Origin -> the most reference rows that it is worth in all; only where they can tell."""


def diagnose(fit: GrowthFit, identified: Identified, min_gain: float) -> list[Diagnosis]:
    """Return the diagnosis of every ability, in order."""
    seen = fit.seen
    p = fit.parameters()
    result = []
    for a, ability in enumerate(seen.abilities):
        largest = float(seen.counts[:, a, 0].max()) or float(seen.counts[:, a].max())
        counts = np.zeros((3, len(seen.abilities), len(seen.origins)))
        counts[1, a, 0] = largest
        counts[2, a, 0] = 2 * largest
        start, now, doubled = np.moveaxis(fit.forecast(counts)[..., a], 1, 0)
        rises, gains = now - start >= min_gain, doubled - now >= min_gain
        probabilities = {
            "responsive": float(gains.mean()),
            "plateaued": float((~gains & rises).mean()),
            "resistant": float((~gains & ~rises).mean()),
        }
        ceiling = seen.chance[a] + (1 - seen.chance[a]) / (1 + np.exp(-p.ceiling[:, a]))
        result.append(
            Diagnosis(
                ability=ability,
                kind=_kind(probabilities),
                probabilities=probabilities,
                start=Interval.of(start),
                at_largest=Interval.of(now),
                doubled=Interval.of(doubled - now),
                next_thousand_below=_next_thousand_below(fit, a, largest, min_gain),
                ceiling=Interval.of(ceiling) if identified.ceiling[ability] else None,
                size=Interval.of(p.size[:, a]) if identified.size.get(ability) else None,
                largest=int(largest),
                exchange={
                    origin: Interval.of(np.exp(p.log_rho[:, a, o]))
                    for o, origin in enumerate(seen.origins[1:])
                    if identified.exchange.get((ability, origin))
                },
                cap={
                    origin: Interval.of(np.exp(p.log_cap[:, a, o]))
                    for o, origin in enumerate(seen.origins[1:])
                    if identified.cap.get((ability, origin))
                },
            )
        )
    return result


def _next_thousand_below(
    fit: GrowthFit, a: int, largest: float, min_gain: float
) -> Interval | None:
    """Return where growth becomes slow; see `Diagnosis`.

    Growth is slow beyond n in as many draws as gain less than `min_gain` from n on, so that the
    quantiles of that place are where this share is 0.1, 0.5 and 0.9. A single draw, which the
    law's own error lets wander, may fall below and rise again.
    """
    end = max(_ASKED * largest, _NEXT)
    rows = np.concatenate([[0.0], np.geomspace(end / 1000.0, end, _STEPS - 1)])
    counts = np.zeros((2 * _STEPS, *fit.seen.counts.shape[1:]))
    counts[:_STEPS, a, 0], counts[_STEPS:, a, 0] = rows, rows + _NEXT
    scores = fit.forecast(counts)[..., a]
    quick = (scores[:, _STEPS:] - scores[:, :_STEPS] >= min_gain).mean(axis=0)
    quick = np.minimum.accumulate(quick)
    if quick[-1] >= 0.5:
        return None
    return Interval(*(_falls_below(rows, quick, share) for share in (0.9, 0.5, 0.1)))


def _falls_below(rows: Floats, falling: Floats, level: float) -> float:
    """Return the amount of data from which on `falling` is below a level; the last, if never."""
    below = np.flatnonzero(falling < level)
    if not len(below):
        return float(rows[-1])
    first = int(below[0])
    if first == 0:
        return 0.0
    share = (falling[first - 1] - level) / (falling[first - 1] - falling[first])
    return float(rows[first - 1] + share * (rows[first] - rows[first - 1]))


def _kind(probabilities: dict[str, float]) -> Kind:
    kinds: tuple[Kind, ...] = ("responsive", "plateaued", "resistant")
    for kind in kinds:
        if probabilities[kind] >= _SURE:
            return kind
    return "cannot tell"
