"""What the advice aims at: one number from the scores that the draws of a law give a mixture."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from doitkit.growth.observations import Floats

Kind = Literal["mean", "worst", "cvar"]

_FIRST = 1000.0
"""What a shortfall weighs against the score: whoever misses a minimum score makes that up first."""


@dataclass(frozen=True)
class Objective:
    """What is to be maximised, over outcomes and draws.

    Attributes
    ----------
    weights
        Of the outcomes, shape (outcomes,); scaled to sum to 1.
    kind
        `mean`: the weighted score, averaged over the draws. `worst`: the score of the outcome
        that does worst (among those of positive weight), averaged over the draws. `cvar`: the
        weighted score, averaged over the worst `tail` share of the draws (conditional value at
        risk; Rockafellar and Uryasev 2000).
    tail
        That share, above 0 and at most 1.
    min_scores
        What the mean forecast of each outcome must reach, shape (outcomes,); minus infinity where
        nothing is asked. Reaching them comes before everything else.
    """

    weights: Floats
    kind: Kind = "mean"
    tail: float = 0.2
    min_scores: Floats | None = field(default=None)

    def __post_init__(self) -> None:
        if not (self.weights >= 0).all() or self.weights.sum() <= 0:
            raise ValueError("weights must be 0 or more, and some must be above 0")
        if not 0 < self.tail <= 1:
            raise ValueError(f"the tail is a share of the draws, not {self.tail}")

    def each(self, scores: Floats) -> Floats:
        """Return the value of every mixture under every draw.

        Parameters
        ----------
        scores
            Shape (draws, mixtures, outcomes).

        Returns
        -------
        array of shape (draws, mixtures)
        """
        if self.kind == "worst":
            worst: Floats = scores[..., self.weights > 0].min(axis=-1)
            return worst
        weighted: Floats = scores @ (self.weights / self.weights.sum())
        return weighted

    def value(self, scores: Floats) -> Floats:
        """Return the value of every mixture, shape (mixtures,); minimum scores do not enter."""
        values = self.each(scores)
        if self.kind == "cvar":
            worst = max(1, round(self.tail * len(values)))
            values = np.partition(values, worst - 1, axis=0)[:worst]
        mean: Floats = values.mean(axis=0)
        return mean

    def shortfall(self, scores: Floats) -> Floats:
        """Return by how much each outcome's mean misses its minimum, (mixtures, outcomes)."""
        return self._missed(scores.mean(axis=0))

    def merit(self, scores: Floats) -> Floats:
        """Return what an allocation maximises, (mixtures,): the value, minimum scores first."""
        merit: Floats = self.value(scores) - _FIRST * self.shortfall(scores).sum(axis=-1)
        return merit

    def merit_of_each(self, scores: Floats) -> Floats:
        """Return the merit of every mixture if a draw were the truth, (draws, mixtures)."""
        merit: Floats = self.each(scores) - _FIRST * self._missed(scores).sum(axis=-1)
        return merit

    def _missed(self, scores: Floats) -> Floats:
        if self.min_scores is None:
            return np.zeros_like(scores)
        missed: Floats = np.maximum(self.min_scores - scores, 0.0)
        return missed
