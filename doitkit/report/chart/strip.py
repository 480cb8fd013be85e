"""Strips: one row of a table drawn as dots and intervals over an axis that all rows share.

Strips are as wide as their table cell lets them be, so everything across is in percent.
"""

from collections.abc import Callable, Iterable

from doitkit.growth import Interval
from doitkit.report.chart.element import Element, element, tooltip
from doitkit.report.chart.scale import Scale, rounded

_HEIGHT = 22.0
_INSET = 2.0
"""Percent left free at both ends, so that dots at the ends are whole."""


def shared_axis(values: Iterable[float], *, about: int = 5) -> Scale:
    """Return the axis that all strips of a table share."""
    known = list(values)
    return rounded(min(known), max(known), _INSET, 100 - _INSET, about=about)


def interval_values(intervals: Iterable[Interval]) -> list[float]:
    """Return the ends of intervals, for `shared_axis`."""
    return [end for interval in intervals for end in (interval.low, interval.high)]


def strip_axis(scale: Scale, text: Callable[[float], str] = "{:g}".format) -> Element:
    """Return the tick labels that stand above the strips."""
    labels = [
        element(
            "text",
            text(tick),
            x=scale.percent(tick),
            y=11,
            text_anchor="middle",
            class_="tick",
        )
        for tick in scale.ticks
    ]
    return element("svg", *labels, width="100%", height=16, class_="band", aria_hidden="true")


def grid(scale: Scale, height: float = _HEIGHT) -> list[Element]:
    """Return the ticks as fine lines from top to bottom; 0 stronger, where it is not the start."""
    return [
        element(
            "line",
            x1=scale.percent(tick),
            x2=scale.percent(tick),
            y1=0,
            y2=height,
            class_="zero" if tick == 0 and scale.low < 0 else "grid",
        )
        for tick in scale.ticks
    ]


def interval_mark(
    scale: Scale, found: Interval, css: str, title: str, y: float = _HEIGHT / 2
) -> list[Element]:
    """Return an interval as a line, with a dot at its middle."""
    return [
        element(
            "line",
            tooltip(title),
            x1=scale.percent(found.low),
            x2=scale.percent(found.high),
            y1=y,
            y2=y,
            class_=f"span {css}",
        ),
        element(
            "circle",
            tooltip(title),
            cx=scale.percent(found.middle),
            cy=y,
            r=4.5,
            class_=f"dot {css}",
        ),
    ]


def backing(scale: Scale, found: Interval, title: str, y: float = _HEIGHT / 2) -> Element:
    """Return an interval as a pale block, to lie behind the mark of what was measured."""
    return element(
        "rect",
        tooltip(title),
        x=scale.percent(found.low),
        y=y - 7,
        width=f"{max(scale(found.high) - scale(found.low), 0.3):.2f}%",
        height=14,
        class_="backing",
    )


def bar(
    scale: Scale, value: float, css: str, y: float, height: float, start: float = 0.0
) -> Element:
    """Return a bar from `start` to `value`."""
    return element(
        "rect",
        x=scale.percent(start),
        y=y,
        width=f"{scale(value) - scale(start):.2f}%",
        height=height,
        class_=f"fill {css}",
    )


def whisker(scale: Scale, found: Interval, title: str, y: float = _HEIGHT / 2) -> Element:
    """Return an interval as a line with end caps, to lie over a bar."""
    low, high = scale.percent(found.low), scale.percent(found.high)
    return element(
        "g",
        tooltip(title),
        element("line", x1=low, x2=high, y1=y, y2=y),
        element("line", x1=low, x2=low, y1=y - 4, y2=y + 4),
        element("line", x1=high, x2=high, y1=y - 4, y2=y + 4),
        class_="whisker",
    )
