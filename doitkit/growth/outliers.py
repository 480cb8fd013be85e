"""Scores that count less in a fit, because they lie far off their laws."""

from dataclasses import dataclass

import numpy as np

from doitkit.growth.fit import GrowthFit
from doitkit.growth.problem import fitted_scores

_LITTLE = 0.4
"""Of a weight: a score more than three standard deviations off has less."""


@dataclass(frozen=True)
class Outlier:
    """A score that its law does not explain.

    Attributes
    ----------
    run, ability
        Of the score.
    score, fitted
        What was seen, and what the law gives.
    weight
        How much it counts; 1 is a score like any other.
    """

    run: str
    ability: str
    score: float
    fitted: float
    weight: float


def outliers(fit: GrowthFit) -> tuple[Outlier, ...]:
    """Return the scores that count for less than 0.4 of one, the least first."""
    seen, weight = fit.seen, fit.noise.weight
    fitted = fitted_scores(fit.layout, fit.best, seen)
    low = np.argwhere(np.isfinite(seen.scores) & (weight < _LITTLE))
    found = [
        Outlier(
            run=seen.runs[r],
            ability=seen.abilities[a],
            score=float(seen.scores[r, a]),
            fitted=float(fitted[r, a]),
            weight=float(weight[r, a]),
        )
        for r, a in low
    ]
    return tuple(sorted(found, key=lambda outlier: outlier.weight))
