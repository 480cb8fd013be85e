"""What kind of growth an ability shows, with probabilities."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from doitkit.growth.fit import GrowthFit
from doitkit.growth.identify import Identified
from doitkit.growth.observations import Floats

Kind = Literal["responsive", "plateaued", "resistant", "cannot tell"]
_SURE = 0.7


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
    ceiling: Interval
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
                ceiling=Interval.of(ceiling),
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


def _kind(probabilities: dict[str, float]) -> Kind:
    kinds: tuple[Kind, ...] = ("responsive", "plateaued", "resistant")
    for kind in kinds:
        if probabilities[kind] >= _SURE:
            return kind
    return "cannot tell"
