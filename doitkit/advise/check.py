"""Checking advice against the models that it leads to."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from doitkit.advise.evidence import on_unit_scale
from doitkit.evaluate import ItemResult, Score
from doitkit.growth import Interval
from doitkit.growth.observations import Floats
from doitkit.mix import Mixture
from doitkit.train import Run

_RESAMPLES = 2000


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
    """Share of the resamples in which the advice wins."""

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
    """Compare the runs of the two mixtures, by resampling their seeds and the items.

    Seeds of a mixture are resampled apart; items are resampled together, since all runs answer
    the same ones. The objective is the weighted mean score, as in the recommendation.
    """
    draw = np.random.default_rng(0)
    table = _values(scores, items)
    picks = {ability: draw.integers(0, n, (_RESAMPLES, n)) for ability, n in _sizes(table).items()}
    scale = {ability: weight / sum(weights.values()) for ability, weight in weights.items()}
    metric = {score.ability: score.metric for score in scores}
    sides = []
    for mixture in (advised, equal):
        mine = [run.run_id for run in runs if run.counts == dict(mixture.counts)]
        seeds = draw.integers(0, len(mine), (_RESAMPLES, len(mine)))
        resampled = {
            ability: _resample(table, mine, ability, metric[ability], seeds, picks[ability])
            for ability in weights
        }
        point = {
            run: sum(
                scale[a] * on_unit_scale(metric[a], float(table[run, a].mean()), 0.0)[0]
                for a in weights
            )
            for run in mine
        }
        total = sum(scale[ability] * resampled[ability] for ability in weights)
        sides.append((mixture, resampled, np.asarray(total), tuple(point.values())))
    found = [
        Checked(
            name=mixture.name,
            mixture=mixture,
            objective=Interval.of(total),
            abilities={ability: Interval.of(values) for ability, values in resampled.items()},
            per_seed=per_seed,
        )
        for mixture, resampled, total, per_seed in sides
    ]
    difference = sides[0][2] - sides[1][2]
    return AdviceCheck(found[0], found[1], Interval.of(difference), float((difference > 0).mean()))


def _resample(
    table: Mapping[tuple[str, str], Floats],
    runs: Sequence[str],
    ability: str,
    metric: str,
    seeds: Any,
    picks: Any,
) -> Floats:
    """Return the ability's score under each resample of seeds and items, shape (resamples,)."""
    values = np.stack([table[run, ability] for run in runs])
    means = np.stack([row[picks].mean(axis=1) for row in values])
    per_seed = np.vectorize(lambda value: on_unit_scale(metric, value, 0.0)[0])(means)
    chosen: Floats = np.take_along_axis(per_seed.T, seeds, axis=1).mean(axis=1)
    return chosen


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


def _sizes(table: Mapping[tuple[str, str], Floats]) -> dict[str, int]:
    return {ability: len(values) for (_, ability), values in table.items()}
