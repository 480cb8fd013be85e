"""Marks: lines, ribbons, points with error bars. A shape per origin, so that colour is not all."""

from collections.abc import Iterable, Sequence
from typing import Literal

from doitkit.report.chart.element import Element, element, tooltip

Shape = Literal["circle", "square", "diamond", "triangle"]
Point = tuple[float, float]

SHAPES: dict[str, Shape] = {"human": "circle", "programmatic": "square", "synthetic": "diamond"}


def line(points: Iterable[Point], css: str, title: str = "") -> Element:
    """Return a line through the points."""
    return element("path", *_titled(title), d=_through(points), class_=f"line {css}")


def ribbon(lower: Sequence[Point], upper: Sequence[Point], css: str) -> Element:
    """Return the area between two lines."""
    outline = _through([*upper, *reversed(lower)]) + "Z"
    return element("path", d=outline, class_=f"ribbon {css}")


def marker(shape: Shape, at: Point, css: str, title: str = "", size: float = 3.4) -> Element:
    """Return a point."""
    x, y = at
    css = f"marker {css}"
    if shape == "circle":
        return element("circle", *_titled(title), cx=x, cy=y, r=size, class_=css)
    corners = {
        "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
        "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
        "triangle": ((0, -1.2), (1.1, 0.8), (-1.1, 0.8)),
    }[shape]
    outline = _through((x + size * dx, y + size * dy) for dx, dy in corners) + "Z"
    return element("path", *_titled(title), d=outline, class_=css)


def error_bar(x: float, low: float, high: float, css: str) -> Element:
    """Return an upright bar from `low` to `high`."""
    return element("line", x1=x, x2=x, y1=low, y2=high, class_=f"bar {css}")


def label(at: Point, text: str, css: str, anchor: str = "middle") -> Element:
    """Return a piece of text."""
    return element("text", text, x=at[0], y=at[1], text_anchor=anchor, class_=css)


def _titled(title: str) -> list[Element]:
    return [tooltip(title)] if title else []


def _through(points: Iterable[Point]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
