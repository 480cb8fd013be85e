"""Checking advice against the models that it leads to.

Two things differ by chance from one check to the next: the seeds, and which items were asked.
Seeds: the scores of a mixture's seeds scatter, and their mean by a variance that is estimated from
so few of them that its quantiles are those of Student's t, with the degrees of freedom of
Welch (1947) and Satterthwaite (1946). Items: all runs answer the same ones, so that the items'
share of a difference is that of the paired differences.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from doitkit.advise.evidence import on_unit_scale
from doitkit.core.errors import UsageError
from doitkit.evaluate import ItemResult, Score
from doitkit.growth import Interval
from doitkit.growth.observations import Floats
from doitkit.mix import Mixture
from doitkit.train import Run


@dataclass(frozen=True)
class Checked:
    """What one mixture really reached. Intervals (80 %) are over seeds and items."""

    name: str
    mixture: Mixture
    objective: Interval
    abilities: dict[str, Interval]
    per_seed: tuple[float, ...]


@dataclass(frozen=True)
class AdviceCheck:
    """The advised mixture against the equal split of the same budget, both trained."""

    advised: Checked
    equal: Checked
    difference: Interval
    """Advised minus equal, with its 80 % interval over seeds and items, paired by item."""
    better: float
    """How probable it is that the advice is better, for other seeds and items."""

    @property
    def verdict(self) -> str:
        """Return what the check says, in a sentence."""
        if self.difference.low > 0:
            return "the advised mixture wins"
        if self.difference.high < 0:
            return "the equal split wins"
        return "the difference is within noise"

    def as_json(self) -> dict[str, Any]:
        """Return the check as plain JSON."""
        return {
            side: {
                "objective": asdict(found.objective),
                "abilities": {a: asdict(v) for a, v in found.abilities.items()},
                "per_seed": list(found.per_seed),
                "mixture": found.mixture.as_recipe(),
            }
            for side, found in (("advised", self.advised), ("equal_split", self.equal))
        } | {
            "difference": asdict(self.difference),
            "probability_better": self.better,
            "verdict": self.verdict,
        }


def check_advice(
    advised: Mixture,
    equal: Mixture,
    runs: Sequence[Run],
    scores: Sequence[Score],
    items: Sequence[ItemResult],
    weights: Mapping[str, float],
) -> AdviceCheck:
    """Compare the runs of the two mixtures.

    The objective is the weighted mean score, as in the recommendation.

    Raises
    ------
    UsageError
        If a mixture was trained with a single seed: how much seeds matter cannot be told then.
    """
    table = _values(scores, items)
    metric = {score.ability: score.metric for score in scores}
    scale = {ability: weight / sum(weights.values()) for ability, weight in weights.items()}
    found = {}
    for mixture in (advised, equal):
        mine = [run.run_id for run in runs if run.counts == dict(mixture.counts)]
        if len(mine) < 2:
            raise UsageError(
                "the advice cannot be checked with one seed",
                where="advise.check_seeds",
                next_step="give two or more, or none at all",
            )
        found[mixture.name] = {
            ability: _on_unit_scale(
                metric[ability], np.stack([table[run, ability] for run in mine])
            )
            for ability in weights
        }
    ours, theirs = found[advised.name], found[equal.name]
    difference, better = _estimate([(1.0, ours), (-1.0, theirs)], scale)
    return AdviceCheck(
        _checked(advised, ours, scale), _checked(equal, theirs, scale), difference, better
    )


Results = Mapping[str, Floats]
"""Of one mixture: per ability the value of each item, shape (seeds, items)."""


def _checked(mixture: Mixture, results: Results, scale: Mapping[str, float]) -> Checked:
    return Checked(
        name=mixture.name,
        mixture=mixture,
        objective=_estimate([(1.0, results)], scale)[0],
        abilities={a: _estimate([(1.0, results)], {a: 1.0})[0] for a in results},
        per_seed=tuple(float(value) for value in _per_seed(results, scale)),
    )


def _per_seed(results: Results, scale: Mapping[str, float]) -> Floats:
    total: Floats = sum((w * results[a].mean(axis=1) for a, w in scale.items()), np.zeros(1))
    return total


def _estimate(
    sides: Sequence[tuple[float, Results]], scale: Mapping[str, float]
) -> tuple[Interval, float]:
    """Return a signed sum of weighted means with its 80 % interval, and P(it is above 0)."""
    per_seed = [_per_seed(results, scale) for _, results in sides]
    middle = float(sum(sign * v.mean() for (sign, _), v in zip(sides, per_seed, strict=True)))
    parts = [(float(v.var(ddof=1)) / len(v), len(v) - 1) for v in per_seed]
    for ability, weight in scale.items():
        paired = np.sum([sign * results[ability].mean(axis=0) for sign, results in sides], axis=0)
        parts.append((weight**2 * _variance(paired) / len(paired), max(len(paired) - 1, 1)))
    variance = sum(part for part, _ in parts)
    if variance <= 0:
        return Interval(middle, middle, middle), 0.5 + 0.5 * float(np.sign(middle))
    from scipy.stats import t as student  # half a second to load

    freedom = variance**2 / sum(part**2 / df for part, df in parts)
    half = float(student.ppf(0.9, freedom)) * variance**0.5
    better = float(student.cdf(middle / variance**0.5, freedom))
    return Interval(middle - half, middle, middle + half), better


def _variance(values: Floats) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else 0.0


def _on_unit_scale(metric: str, values: Floats) -> Floats:
    """Return item values whose means are scores from 0 to 1, higher better.

    Bits per byte are taken to that scale by their mean and the slope there, to first order.
    """
    if metric != "bits_per_byte":
        return values
    mean = float(values.mean())
    level, slope = on_unit_scale(metric, mean, 1.0)
    return level - slope * (values - mean)


def _values(scores: Sequence[Score], items: Sequence[ItemResult]) -> dict[tuple[str, str], Floats]:
    """Return (run, ability) -> item values, in one order of items for all runs."""
    ability_of = {score.task: score.ability for score in scores}
    collected: dict[tuple[str, str], dict[str, float]] = {}
    for item in items:
        collected.setdefault((item.run_id, ability_of[item.task]), {})[item.item] = item.value
    return {
        key: np.array([values[name] for name in sorted(values)])
        for key, values in collected.items()
    }
