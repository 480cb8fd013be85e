"""What the fitted laws expect of a mixture, as the tables and charts show it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from doitkit.growth import GrowthFit, Interval
from doitkit.growth.observations import Floats
from doitkit.mix import Mixture


@dataclass(frozen=True)
class Forecast:
    """Expected scores of one mixture."""

    objective: Interval
    abilities: dict[str, Interval]


def forecast(fit: GrowthFit, mixture: Mixture, weights: Mapping[str, float]) -> Forecast:
    """Return what the laws expect of `mixture`; `weights` are those of the objective."""
    seen = fit.seen
    scores = fit.forecast(counts_of(fit, mixture)[None])[:, 0, :]
    shares = np.array([weights[ability] for ability in seen.abilities])
    return Forecast(
        objective=Interval.of(scores @ (shares / shares.sum())),
        abilities={ability: Interval.of(scores[:, a]) for a, ability in enumerate(seen.abilities)},
    )


def counts_of(fit: GrowthFit, mixture: Mixture) -> Floats:
    """Return the rows of `mixture`, shape (abilities, origins), in the order of the fit."""
    seen = fit.seen
    counts = np.zeros((len(seen.abilities), len(seen.origins)))
    for cell, n in mixture.counts:
        if cell.ability in seen.abilities and cell.origin in seen.origins:
            counts[seen.abilities.index(cell.ability), seen.origins.index(cell.origin)] = n
    return counts
