"""What the advisor says about a mixture, as a value that the command line shows."""

from dataclasses import asdict, dataclass
from typing import Any

from doitkit.advise.mixing_purchase import MixturePurchase
from doitkit.growth import Interval


@dataclass(frozen=True)
class Candidate:
    """A mixture, and what it should give.

    Attributes
    ----------
    weights
        Share of each source.
    predicted
        In the measure of the objective, without the noise of a single run.
    observed
        What its run gave, of a mixture that was tried.
    worse_than_advised
        How probable it is that the advised mixture is better.
    """

    name: str
    weights: dict[str, float]
    predicted: Interval
    observed: float | None
    worse_than_advised: float | None


@dataclass(frozen=True)
class Matter:
    """How much a source matters.

    Attributes
    ----------
    effect
        How far the outcome moves, root mean square over the runs, if the source's share becomes
        its average; in standard deviations of the outcome over the runs.
    five_points_more, without
        What the advised mixture gains with five points more of it, or with none (None where it has
        none): a rise of the objective, of losses the share by which they fall.
    tried
        The least and the largest share in a run.
    """

    source: str
    effect: float
    five_points_more: Interval
    without: Interval | None
    tried: tuple[float, float]


@dataclass(frozen=True)
class MixtureAdvice:
    """Which mixture is best, what it should give, and how sure that is.

    Attributes
    ----------
    candidates
        The advised mixture first, then those to set beside it.
    better
        How probable it is that it is better than the best that was tried.
    advantage
        By how much: a rise of the objective, of losses the share by which they fall.
    relative
        Whether rises are such shares.
    rank, coverage
        Of runs whose mixture was left out: Spearman's correlation of predicted and observed, and
        the share within their 80 % intervals, before these were widened.
    assumptions
        What was taken for granted.
    notes
        What a reader must know before acting on it.
    """

    objective: str
    lower: bool
    relative: bool
    candidates: tuple[Candidate, ...]
    better: float
    advantage: Interval
    matters: tuple[Matter, ...]
    runs: int
    rank: float
    coverage: float
    widening: float
    purchase: MixturePurchase | None
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def advised(self) -> Candidate:
        """The mixture that is advised."""
        return self.candidates[0]

    def as_json(self) -> dict[str, Any]:
        """Return the advice as plain JSON."""
        return {
            "kind": "mixture",
            "objective": self.objective,
            "lower_is_better": self.lower,
            "rises_are_shares": self.relative,
            "advised": self.advised.weights,
            "candidates": [asdict(candidate) for candidate in self.candidates],
            "probability_better": self.better,
            "advantage": asdict(self.advantage),
            "sources": [asdict(matter) for matter in self.matters],
            "runs": self.runs,
            "left_out": {
                "rank_correlation": self.rank,
                "coverage80": self.coverage,
                "widening": self.widening,
            },
            "purchase": None if self.purchase is None else self.purchase.as_json(),
            "assumptions": list(self.assumptions),
            "notes": list(self.notes),
        }
