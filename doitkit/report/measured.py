"""What really happened: the advised mixture and the equal split, both trained and scored."""

import math
from dataclasses import dataclass

from doitkit.advise import AdviceCheck
from doitkit.growth import Interval
from doitkit.report import numbers
from doitkit.report.chart.element import Element, band, element, tooltip
from doitkit.report.chart.scale import Scale
from doitkit.report.chart.strip import (
    backing,
    grid,
    interval_mark,
    interval_values,
    shared_axis,
    strip_axis,
)
from doitkit.report.findings import Findings
from doitkit.report.forecast import Forecast, forecast

_HEIGHT = 40.0
_LANES = (12.0, 28.0)


@dataclass(frozen=True)
class MeasuredRow:
    """Both mixtures' results on one ability, or overall."""

    label: str
    overall: bool
    advised: Interval
    equal: Interval
    strip: Element


@dataclass(frozen=True)
class Measured:
    """The check of the advice."""

    verdict: str
    winner: str
    """`advised`, `equal` or `neither`."""
    check: AdviceCheck
    seeds: int
    rows: tuple[MeasuredRow, ...]
    axis: Element
    agreeing: int
    """How many scores per ability and mixture lie as close to their forecast as the 80 %
    intervals of both, taken together, allow."""
    forecasts: int


def measured(findings: Findings) -> Measured | None:
    """Return the check of the advice, if there was one."""
    check = findings.check
    if check is None:
        return None
    advice = findings.advice
    weights = findings.recipe.weights()
    expected = (
        forecast(advice.fit, check.advised.mixture, weights),
        forecast(advice.fit, check.equal.mixture, weights),
    )
    pairs = {"All abilities": (check.advised.objective, check.equal.objective)} | {
        ability: (check.advised.abilities[ability], check.equal.abilities[ability])
        for ability in check.advised.abilities
    }
    forecasts = {"All abilities": _both(expected, None)} | {
        ability: _both(expected, ability) for ability in check.advised.abilities
    }
    scale = shared_axis(
        interval_values(
            interval for two in (*pairs.values(), *forecasts.values()) for interval in two
        )
    )
    rows = tuple(
        MeasuredRow(
            label=name,
            overall=index == 0,
            advised=two[0],
            equal=two[1],
            strip=_strip(scale, name, two, forecasts[name], check if index == 0 else None),
        )
        for index, (name, two) in enumerate(pairs.items())
    )
    agreeing = [
        _agree(got, want)
        for ability in check.advised.abilities
        for got, want in zip(pairs[ability], forecasts[ability], strict=True)
    ]
    return Measured(
        verdict=check.verdict[0].upper() + check.verdict[1:],
        winner=_winner(check),
        check=check,
        seeds=len(check.advised.per_seed),
        rows=rows,
        axis=strip_axis(scale),
        agreeing=sum(agreeing),
        forecasts=len(agreeing),
    )


def _both(expected: tuple[Forecast, Forecast], ability: str | None) -> tuple[Interval, Interval]:
    if ability is None:
        return expected[0].objective, expected[1].objective
    return expected[0].abilities[ability], expected[1].abilities[ability]


def _agree(got: Interval, want: Interval) -> bool:
    noise = math.hypot(got.high - got.low, want.high - want.low) / 2
    return abs(got.middle - want.middle) <= noise


def _winner(check: AdviceCheck) -> str:
    if check.difference.low > 0:
        return "advised"
    return "equal" if check.difference.high < 0 else "neither"


def _strip(
    scale: Scale,
    name: str,
    found: tuple[Interval, Interval],
    expected: tuple[Interval, Interval],
    overall: AdviceCheck | None,
) -> Element:
    drawn = grid(scale, _HEIGHT)
    sides = (("advised", "advised mixture"), ("equal", "equal split"))
    for (css, side), got, want, y in zip(sides, found, expected, _LANES, strict=True):
        drawn.append(
            backing(scale, want, f"{name}, {side}: forecast {numbers.score_span(want)}", y)
        )
        text = f"{numbers.score(got.middle)}, 80\u00a0% {numbers.score_span(got)}"
        drawn += interval_mark(scale, got, css, f"{name}, {side}: measured {text}", y)
    if overall is not None:
        for seeds, y in zip(
            (overall.advised.per_seed, overall.equal.per_seed), _LANES, strict=True
        ):
            drawn += [_seed_tick(scale, value, y) for value in seeds]
    return band(_HEIGHT, f"{name}: both mixtures, forecast and measured", *drawn)


def _seed_tick(scale: Scale, value: float, y: float) -> Element:
    at = scale.percent(value)
    title = tooltip(f"one seed: {value:.3f}")
    return element("line", title, x1=at, x2=at, y1=y - 7, y2=y + 7, class_="seed")
