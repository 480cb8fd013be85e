"""Advice about a mixture where no growth law can be fitted: weights of sources, and outcomes.

A surface over mixtures (`doitkit.growth.surface`) is fitted to the objective. It is sure where
mixtures were tried and unsure elsewhere, so the advice is not where it is best but where the lower
end of its 80 % interval is: a promise that is likely to be kept. No source gets more than 1.2 times
the share that it had in some run.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr

from doitkit.advise.mixing_outliers import far_off
from doitkit.advise.mixing_posterior import Q80, LeftOut, joint, left_out
from doitkit.advise.mixing_purchase import MixtureMarket
from doitkit.advise.mixing_search import best_mixture, within
from doitkit.advise.mixing_target import Target, target_of
from doitkit.advise.mixture_advice import Candidate, Matter, MixtureAdvice
from doitkit.advise.tables.mixtures import MixtureEvidence
from doitkit.core.errors import UsageError
from doitkit.growth import Interval
from doitkit.growth.observations import Floats
from doitkit.growth.surface import Surface

_BEYOND = 1.2
_POINTS = 0.05
_MOST_COMPARED = 64
_FEW = 10
_CAREFUL = (
    "the mixture is the one whose 80 % interval has the best lower end: beyond what was tried the "
    "surface is unsure, and that counts against a mixture"
)


def advise_mixture(
    seen: MixtureEvidence,
    *,
    weights: Mapping[str, float] | None = None,
    market: MixtureMarket | None = None,
    today: Floats | None = None,
    assumptions: tuple[str, ...] = (),
) -> MixtureAdvice:
    """Say which mixture is best, and how sure that is.

    Parameters
    ----------
    weights
        Of the outcomes; without them all count alike, standardised.
    market
        What the sources cost; without it nothing is said about money.
    today
        The shares of today's mixture, shape (sources,), to be set beside.
    assumptions
        What was taken for granted before, to be said with the answer.

    Raises
    ------
    UsageError
        If too few runs have the outcomes, or what is for sale makes no mixture.
    FitError
        If the surface cannot be fitted.
    """
    target = target_of(seen, weights or {})
    ground = _Ground.of(seen, target, market)
    surface = Surface.fit(ground.features(ground.tried, ground.totals), target.merits)
    checked = left_out(surface, ground.features(ground.tried, ground.totals), target.merits)
    wide = Q80 * checked.widening

    def lower_end(mixtures: Floats) -> Floats:
        mean, deviation = surface.predict(ground.features(mixtures))
        return mean - wide * deviation

    best = best_mixture(lower_end, ground.tried, ground.most)
    said = [
        *assumptions,
        *target.assumptions,
        _CAREFUL,
        f"no source gets more than {_BEYOND:g} times its largest share in a run",
        *ground.assumptions,
        *(() if market is None else market.assumptions),
    ]
    found = _written(seen, target, ground, surface, checked, best, today)
    limits = () if market is None else market.limits_of(best)
    notes = (*limits, *_warnings(seen, target, checked))
    return replace(found, assumptions=tuple(said), notes=notes)


@dataclass(frozen=True)
class _Ground:
    """What the surface lies over: shares and, where runs differ in size, that size."""

    tried: Floats
    totals: Floats | None
    most: Floats
    market: MixtureMarket | None
    assumptions: tuple[str, ...]

    @classmethod
    def of(cls, seen: MixtureEvidence, target: Target, market: MixtureMarket | None) -> "_Ground":
        tried = seen.weights[list(target.runs)]
        totals = None if seen.totals is None else seen.totals[list(target.runs)]
        most = np.minimum(_BEYOND * tried.max(axis=0), 1.0)
        said: tuple[str, ...] = ()
        if market is not None:
            most = np.where(np.isfinite(market.prices) & (market.supply > 0), most, 0.0)
        if most.sum() < 1:
            raise UsageError(
                "the sources that are for sale do not make up a mixture",
                code="E409",
                where="--prices",
                why=f"within {_BEYOND:g} times what the runs held of them, they reach "
                f"{most.sum():.0%} of one",
                next_step="give the prices of the other sources, too",
            )
        if totals is not None:
            size = "budget buys" if market and market.budget else "largest run has"
            limit = f"{_BEYOND:g} times the largest run ({totals.max():,.6g})"
            said = (f"mixtures are compared at the size that the {size}, at most {limit}",)
        return cls(tried, totals, most, market, said)

    def features(self, mixtures: Floats, totals: Floats | None = None) -> Floats:
        """Return what the surface is asked about mixtures, of the size that they would have."""
        if self.totals is None:
            return mixtures
        largest = float(self.totals.max())
        if totals is None:
            totals = np.full(len(mixtures), largest)
            if self.market is not None and self.market.budget > 0:
                totals = np.minimum(self.market.total(mixtures), _BEYOND * largest)
        return np.column_stack([mixtures, totals / largest])


def _written(
    seen: MixtureEvidence,
    target: Target,
    ground: _Ground,
    surface: Surface,
    checked: LeftOut,
    best: Floats,
    today: Floats | None,
) -> MixtureAdvice:
    told, _ = surface.predict(ground.features(ground.tried, ground.totals))
    top = int(np.argmax(told))
    named = {
        "advised": best,
        f"best run ({seen.runs[target.runs[top]]})": ground.tried[top],
        "mean of the runs": ground.tried.mean(axis=0),
        **({} if today is None else {"today": today}),
    }
    mixtures = np.array([*named.values()])
    features = ground.features(mixtures)
    if ground.totals is not None:  # what was tried was tried at its own size
        features[1] = ground.features(ground.tried, ground.totals)[top]
    mean, covariance = joint(surface, features)
    deviation = np.sqrt(np.maximum(np.diag(covariance), 0.0)) * checked.widening
    better, ahead = zip(
        *(
            _ahead(mean, covariance, 0, other, checked.widening, target)
            for other in range(1, len(mixtures))
        ),
        strict=True,
    )
    candidates = tuple(
        Candidate(
            name=name,
            weights=dict(zip(seen.sources, weights.tolist(), strict=True)),
            predicted=target.interval(float(mean[index]), Q80 * float(deviation[index])),
            observed=float(target.values[top]) if index == 1 else None,
            worse_than_advised=None if index == 0 else float(better[index - 1]),
        )
        for index, (name, weights) in enumerate(named.items())
    )
    return MixtureAdvice(
        objective=target.name,
        lower=target.lower,
        relative=target.logarithm,
        candidates=candidates,
        better=float(better[0]),
        advantage=ahead[0],
        matters=_matters(seen, target, ground, surface, checked, best),
        runs=len(target.values),
        rank=checked.rank,
        coverage=checked.coverage,
        widening=checked.widening,
        purchase=None if ground.market is None else ground.market.purchase(best),
    )


def _ahead(
    mean: Floats, covariance: Floats, one: int, other: int, widening: float, target: Target
) -> tuple[float, Interval]:
    """Return P(one is better than the other), and by how much: a ratio of losses, or a rise."""
    rise = float(mean[one] - mean[other])
    variance = covariance[one, one] + covariance[other, other] - 2 * covariance[one, other]
    deviation = widening * float(np.sqrt(max(variance, 0.0)))
    if deviation < 1e-9:
        return (1.0 if rise > 1e-9 else 0.5 if rise > -1e-9 else 0.0), Interval(rise, rise, rise)
    ends = (rise - Q80 * deviation, rise, rise + Q80 * deviation)
    if target.logarithm:  # the share by which a loss falls
        ends = (float(1 - np.exp(-ends[0])), float(1 - np.exp(-rise)), float(1 - np.exp(-ends[2])))
    return float(ndtr(rise / deviation)), Interval(*ends)


def _matters(
    seen: MixtureEvidence,
    target: Target,
    ground: _Ground,
    surface: Surface,
    checked: LeftOut,
    best: Floats,
) -> tuple[Matter, ...]:
    """Return what each source does: in the advised mixture, and over what was tried."""
    step = max(1, -(-len(ground.tried) // _MOST_COMPARED))
    compared = ground.tried[::step]
    spread = float(target.merits.std())
    before, _ = surface.predict(ground.features(compared))
    average = ground.tried.mean(axis=0)
    found = []
    for index, source in enumerate(seen.sources):
        level, _ = surface.predict(ground.features(_with(compared, index, average[index])))
        more = _with(best[None], index, min(float(best[index]) + _POINTS, 1.0))[0]
        none = _with(best[None], index, 0.0)[0]
        mean, covariance = joint(surface, ground.features(np.array([best, more, none])))
        _, rise = _ahead(mean, covariance, 1, 0, checked.widening, target)
        _, loss = _ahead(mean, covariance, 2, 0, checked.widening, target)
        found.append(
            Matter(
                source=source,
                effect=float(np.sqrt(((level - before) ** 2).mean())) / spread,
                five_points_more=rise,
                without=loss if best[index] > 1e-3 else None,
                tried=(float(ground.tried[:, index].min()), float(ground.tried[:, index].max())),
            )
        )
    return tuple(sorted(found, key=lambda matter: -matter.effect))


def _with(mixtures: Floats, source: int, share: float) -> Floats:
    """Return mixtures with another share of one source, the others in their proportions."""
    rest = 1 - mixtures[:, source]
    others = mixtures.shape[1] - 1
    changed = np.where(
        rest[:, None] > 1e-9,
        mixtures * ((1 - share) / np.maximum(rest, 1e-9))[:, None],
        (1 - share) / max(others, 1),
    )
    changed[:, source] = share
    return within(changed, np.ones(mixtures.shape[1]))


def _warnings(seen: MixtureEvidence, target: Target, checked: LeftOut) -> list[str]:
    said = far_off(
        target.name,
        [seen.runs[run] for run in target.runs],
        target.merits - checked.means,
        checked.deviations,
        target.values - np.array([target.shown(mean) for mean in checked.means]),
    )
    mixtures = len(np.unique(seen.weights[list(target.runs)], axis=0))
    if mixtures < _FEW:
        said.append(f"{mixtures} mixtures are few: ten or more can be relied on")
    if checked.rank < 0.5:
        said.append(
            f"left out, runs are ranked with a correlation of {checked.rank:.2f}: the surface "
            "hardly tells one mixture from another, and the advice is worth as little"
        )
    if checked.widening > 1:
        said.append(
            f"intervals are {checked.widening:.2f} times as wide as the surface has them, so that "
            "80 % of the runs lay within theirs when they were left out"
        )
    return said
