"""Panels: one chart per ability, the growth curves over the measured scores."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from doitkit.core.origins import Cell
from doitkit.growth import Interval
from doitkit.report import numbers
from doitkit.report.chart import scale as scales
from doitkit.report.chart.axes import Frame, axes, short
from doitkit.report.chart.element import Element, drawing, element, tooltip
from doitkit.report.chart.marks import SHAPES, error_bar, label, line, marker, ribbon
from doitkit.report.curves import Curve, Measurement, growth_curves, measurements
from doitkit.report.findings import Findings

_FRAME = Frame(width=340, height=236, left=34, right=10, top=18, bottom=40)

Mark = Literal["beyond", "alike", "plain", "other", "mixed", "ceiling", "plan"]


@dataclass(frozen=True)
class Panel:
    """The chart of one ability."""

    ability: str
    chart: Element
    marks: frozenset[Mark]
    """The marks that need a key."""


def panels(findings: Findings) -> tuple[Panel, ...]:
    """Return the panels of all abilities, with one scale of rows."""
    fit = findings.advice.fit
    seen = fit.seen
    plan = findings.advice.plan
    most = max(seen.counts.sum(axis=2).max(), max((n for _, n in plan.counts), default=0), 1.0)
    return tuple(_panel(findings, a, 1.15 * float(most)) for a in range(len(seen.abilities)))


def _panel(findings: Findings, a: int, most: float) -> Panel:
    advice = findings.advice
    fit = advice.fit
    ability = fit.seen.abilities[a]
    curves, points = growth_curves(fit, a, most), measurements(fit, a)
    chance = float(fit.seen.chance[a])
    ends = [chance, *(p.score - p.stderr for p in points), *(p.score + p.stderr for p in points)]
    for curve in curves:
        inside = curve.rows <= 1.3 * curve.largest
        ends += [float(curve.low[inside].min()), float(curve.high.max())]
    x = scales.rows(most, *_FRAME.x_ends)
    y = scales.rounded(max(min(ends), 0.0), min(max(ends), 1.0), *_FRAME.y_ends, about=5)
    drawn = _ceiling(advice.abilities[a].diagnosis.ceiling, y)
    drawn += axes(_FRAME, x, y, "rows of this ability", "score", short)
    drawn.append(_chance(chance, y))
    for curve in curves:
        drawn += _law(curve, x, y)
    # Hollow markers first: what the law was mostly read from lies on top.
    for point in sorted(points, key=lambda p: p.plain):
        drawn += _point(point, x, y)
    drawn += _holdings(findings, ability, x)
    chart = drawing(_FRAME.width, _FRAME.height, f"Growth of {ability} with its data", *drawn)
    return Panel(ability, chart, _marks(findings, ability, curves, points, most))


def _marks(
    findings: Findings,
    ability: str,
    curves: list[Curve],
    points: list[Measurement],
    most: float,
) -> frozenset[Mark]:
    """Return the kinds of marks that a panel shows."""
    advice = findings.advice
    shown: dict[Mark, bool] = {
        "beyond": any(curve.largest < most for curve in curves),
        "alike": any(curve.alike is not None for curve in curves),
        "plain": any(point.plain and point.origin for point in points),
        "other": any(not point.plain and point.origin for point in points),
        "mixed": any(point.origin is None for point in points),
        "ceiling": any(found.diagnosis.ceiling for found in advice.abilities),
        "plan": any(cell.ability == ability for cell, _ in advice.plan.counts),
    }
    return frozenset(mark for mark, is_shown in shown.items() if is_shown)


def _ceiling(ceiling: Interval | None, y: scales.Scale) -> list[Element]:
    if ceiling is None:
        _, right = _FRAME.x_ends
        return [label((right, _FRAME.top - 8), "ceiling unknown", "title faint", "end")]
    text = f"ceiling {numbers.score_span(ceiling)}"
    left, right = _FRAME.x_ends
    title = tooltip(f"fitted {text}: what any amount of data could reach, 80\u00a0% interval")
    above = ceiling.low > y.high
    drawn = [label((right, _FRAME.top - 8), text + (" ↑" if above else ""), "title faint", "end")]
    if not above:
        top = y(ceiling.high)
        drawn.insert(
            0,
            element(
                "rect",
                title,
                x=left,
                y=top,
                width=right - left,
                height=max(y(ceiling.low) - top, 1.0),
                class_="ceiling",
            ),
        )
    return drawn


def _chance(chance: float, y: scales.Scale) -> Element:
    left, right = _FRAME.x_ends
    title = tooltip(f"chance: {numbers.score(chance)}")
    return element("line", title, x1=left, x2=right, y1=y(chance), y2=y(chance), class_="chance")


def _law(curve: Curve, x: scales.Scale, y: scales.Scale) -> list[Element]:
    css = f"o-{curve.origin}"
    places = [x(float(n)) for n in curve.rows]
    last = int(np.searchsorted(curve.rows, curve.largest))
    drawn = []
    for part, beyond in ((slice(0, last + 1), ""), (slice(last, None), " beyond")):
        xs = places[part]
        if len(xs) < 2:
            continue
        low, middle, high = (
            [(px, y(float(v))) for px, v in zip(xs, values[part], strict=True)]
            for values in (curve.low, curve.middle, curve.high)
        )
        drawn.append(ribbon(low, high, css + beyond))
        drawn.append(line(middle, css + beyond, f"{curve.origin} rows of this ability alone"))
    if curve.alike is not None:
        alike = [(px, y(float(v))) for px, v in zip(places, curve.alike, strict=True)]
        title = f"{curve.origin} rows, the same number of every ability"
        drawn.append(line(alike[: last + 1], css + " alike", title))
    return drawn


def _point(point: Measurement, x: scales.Scale, y: scales.Scale) -> list[Element]:
    css = f"o-{point.origin}" if point.origin else "o-mixed"
    shape = SHAPES[point.origin] if point.origin else "circle"
    kind = point.origin or ("mixed" if point.rows else "")
    title = (
        f"{point.run}: {numbers.score(point.score)} ± {numbers.score(point.stderr)} "
        f"with {numbers.count(point.rows)} {kind} rows of this ability".replace("  ", " ")
    )
    at = x(point.rows), y(point.score)
    filled = "" if point.plain else " hollow"
    bar = error_bar(at[0], y(point.score - point.stderr), y(point.score + point.stderr), css)
    return [bar, marker(shape, at, css + filled, title, 3.2 if point.plain else 2.6)]


def _holdings(findings: Findings, ability: str, x: scales.Scale) -> list[Element]:
    """Return small triangles under the axis: the rows of the advised mixture."""
    bottom = _FRAME.height - _FRAME.bottom
    return [
        marker(
            "triangle",
            (x(findings.advice.plan[Cell(ability, origin)]), bottom + 5),
            f"o-{origin} plan",
            f"advised mixture: {numbers.count(n)} {origin} rows of {ability}",
        )
        for (name, origin), n in findings.advice.plan.counts
        if name == ability
    ]
