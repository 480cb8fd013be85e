"""How single curves go on, and past curves above all, taken into the fit of the laws.

One law for all abilities bends as its family does. What the end of an ability's own curve says
(`curve/forecast.py`: its local slope, a power law and a law with a bend, stacked by what each would
have foretold) is a second opinion; and how the same ability grew before, for other models or in
earlier rounds, foretells twice as well as any law fitted to one curve (`docs/advisor-evidence.md`).
So the runs of an ability become a curve over its effective data, that curve is continued beyond the
largest run, and the law is fitted again to these scores beside the measured ones, with the errors
that such forecasts had.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from doitkit.growth.curve import Curve, CurveForecast, forecast_curves
from doitkit.growth.law import Layout, own_data
from doitkit.growth.observations import Floats, Observations
from doitkit.growth.solve import Indices

Past = Mapping[str, Sequence[Curve]]
"""Ability -> whole curves of what was left to learn of it: 1 less the share of the way from chance
to a perfect score."""

_BEYOND = (2.0, 4.0, 8.0)
"""Sizes that are foretold, over the largest that was measured."""
_SAME_SIZE = 1.25
"""Runs whose data differs by less than this are one point of the curve."""
_FEWEST = 4
_ONE_SIGMA = 1.2816
"""Half an interval of 80 %, in standard deviations."""


@dataclass(frozen=True)
class Taught:
    """Observations with what curves foretell among them, and what was made of past ones."""

    seen: Observations
    said: tuple[str, ...]


def taught_by_curves(
    layout: Layout, seen: Observations, best: Floats, noise: Floats, past: Past
) -> Taught:
    """Return the observations with runs at their end that stand for how each curve goes on.

    Parameters
    ----------
    best
        The most probable parameters from the measured runs alone, shape (abilities, size).
    noise
        How far scores scatter around their laws, shape (runs, abilities).
    past
        Whole curves of some of the abilities; none will do.
    """
    p = layout.unpack(best)
    data = own_data(p.log_rho, p.log_cap, seen.counts)
    curves = {a: curve_of(seen, data[:, a], noise[:, a], a) for a in range(len(seen.abilities))}
    known = {a: past.get(ability, ()) for a, ability in enumerate(seen.abilities)}
    told = {a: curve for a, curve in curves.items() if curve is not None}
    sizes = [curve.sizes[-1] * np.array(_BEYOND) for curve in told.values()]
    forecasts = forecast_curves(list(told.values()), sizes, [known[a] for a in told])
    said = [
        f"{seen.abilities[a]}: fewer than {_FEWEST} sizes were run, so its past cannot speak"
        for a, curve in curves.items()
        if curve is None and known[a]
    ]
    for a, forecast in zip(told, forecasts, strict=True):
        # The sizes go wrong together, so that all of them together count as one.
        sd = forecast.half_width("80") / _ONE_SIGMA * np.sqrt(len(_BEYOND))
        seen = _appended(seen, a, forecast.sizes, forecast.left, sd)
        if known[a]:
            said.append(_what_past_said(seen.abilities[a], known[a], forecast))
    return Taught(seen, tuple(said))


def _what_past_said(ability: str, known: Sequence[Curve], told: CurveForecast) -> str:
    spoken = told.past > 0
    if not spoken.any():
        return f"{ability}: none of its {len(known)} past curves covers the sizes of these runs"
    return (
        f"{ability}: {int(told.past.max())} past curves say how it goes on "
        f"up to {told.sizes[spoken][-1]:,.0f} rows"
    )


def curve_of(seen: Observations, data: Floats, noise: Floats, a: int) -> Curve | None:
    """Return the runs as one curve over the effective data of an ability.

    Parameters
    ----------
    data
        That of the ability in every run, shape (runs,).
    noise
        Standard deviations of its scores, the luck of seeds with that of items, shape (runs,).

    Returns
    -------
    Curve or None
        Of the runs of the largest model; None where they have fewer than four sizes.
    """
    # Models of several sizes have curves of their own; the law is that of the largest.
    there = np.isfinite(seen.scores[:, a]) & (data > 0) & (seen.log_size == 0)
    order = np.flatnonzero(there)[np.argsort(data[there], kind="stable")]
    if not len(order):
        return None
    points = _by_size(order, data)
    if len(points) < _FEWEST:
        return None
    chance = seen.chance[a]
    weights = [1.0 / np.maximum(noise[point], 1e-6) ** 2 for point in points]
    scores = [
        np.average(seen.scores[point, a], weights=w)
        for point, w in zip(points, weights, strict=True)
    ]
    return Curve(
        np.array([np.exp(np.log(data[point]).mean()) for point in points]),
        np.maximum(1.0 - (np.array(scores) - chance) / (1.0 - chance), 0.0),
        np.array([w.sum() ** -0.5 for w in weights]) / (1.0 - chance),
    )


def _by_size(order: Indices, data: Floats) -> list[Indices]:
    """Return runs, ascending in size, in groups that reach no further than one size does."""
    groups: list[list[int]] = []
    for run in order:
        if not groups or data[run] > _SAME_SIZE * data[groups[-1][0]]:
            groups.append([])
        groups[-1].append(int(run))
    return [np.array(group) for group in groups]


def _appended(seen: Observations, a: int, sizes: Floats, left: Floats, sd: Floats) -> Observations:
    new = len(sizes)
    counts = np.zeros((new, *seen.counts.shape[1:]))
    counts[:, a, 0] = sizes
    scores, stderrs = np.full((2, new, len(seen.abilities)), np.nan)
    span = 1.0 - seen.chance[a]
    scores[:, a] = seen.chance[a] + span * (1.0 - np.minimum(left, 1.0))
    stderrs[:, a] = np.maximum(span * left * sd, 1e-4)
    nothing = np.full_like(scores, np.nan)
    sized = seen.n_params
    return replace(
        seen,
        runs=(*seen.runs, *(f"how {seen.abilities[a]} goes on" for _ in range(new))),
        counts=np.concatenate([seen.counts, counts]),
        scores=np.concatenate([seen.scores, scores]),
        stderrs=np.concatenate([seen.stderrs, stderrs]),
        items=None if seen.items is None else np.concatenate([seen.items, nothing]),
        n_params=None if sized is None else np.concatenate([sized, np.full(new, sized.max())]),
        foretold=seen.foretold + new,
    )
