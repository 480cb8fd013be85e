"""The frame of a chart: where it stands, its grid, its tick labels, its titles."""

from collections.abc import Callable
from dataclasses import dataclass

from doitkit.report.chart.element import Element, element
from doitkit.report.chart.marks import label
from doitkit.report.chart.scale import Scale


@dataclass(frozen=True)
class Frame:
    """The size of a chart and the margins around its plot, in units of the drawing."""

    width: float
    height: float
    left: float = 40
    right: float = 12
    top: float = 10
    bottom: float = 40

    @property
    def x_ends(self) -> tuple[float, float]:
        """Where the horizontal scale starts and ends."""
        return self.left, self.width - self.right

    @property
    def y_ends(self) -> tuple[float, float]:
        """Where the vertical scale starts (at the bottom) and ends."""
        return self.height - self.bottom, self.top


def axes(
    frame: Frame,
    x: Scale,
    y: Scale,
    x_title: str,
    y_title: str,
    x_text: Callable[[float], str] = "{:g}".format,
    y_text: Callable[[float], str] = "{:g}".format,
) -> list[Element]:
    """Return grid lines, tick labels and titles."""
    (left, right), (bottom, _) = frame.x_ends, frame.y_ends
    drawn = []
    for tick in y.ticks:
        at = y(tick)
        drawn.append(element("line", x1=left, x2=right, y1=at, y2=at, class_="grid"))
        drawn.append(label((left - 6, at + 3.5), y_text(tick), "tick", "end"))
    for tick in x.ticks:
        at = x(tick)
        drawn.append(element("line", x1=at, x2=at, y1=bottom, y2=bottom + 4, class_="axis"))
        drawn.append(label((at, bottom + 18), x_text(tick), "tick"))
    drawn.append(element("line", x1=left, x2=right, y1=bottom, y2=bottom, class_="axis"))
    drawn.append(label((right, frame.height - 4), x_title, "title", "end"))
    if y_title:
        drawn.append(label((0, 9), y_title, "title", "start"))
    return drawn


def short(value: float) -> str:
    """Return a tick of a logarithmic scale: 0, 10, 100, 1k, 10k, 1M."""
    for size, suffix in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{suffix}"
    return f"{value:g}"
