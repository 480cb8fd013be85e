"""A heat grid: rows by columns, each cell shaded by the logarithm of a count."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from doitkit.report.chart.element import Element, element, tooltip
from doitkit.report.chart.marks import label

_CELL_WIDTH = 20.0
_CELL_HEIGHT = 13.0
_GAP = 8.0
_CHARACTER = 5.6
"""About the width of a character of the labels."""
_LONGEST = 32
"""Characters of a label that are shown; the tooltips of the cells say all of it."""


@dataclass(frozen=True)
class Column:
    """A column of the grid; columns of one group stand together."""

    group: str
    css: str
    name: str


def heat_grid(
    title: str,
    rows: Sequence[str],
    columns: Sequence[Column],
    values: Sequence[Sequence[float]],
    *,
    last_apart: bool = False,
) -> Element:
    """Return the grid at its natural size; a wide one is for its surroundings to scroll.

    Parameters
    ----------
    last_apart
        Leave a gap above the last row, which is of another kind.
    """
    left = _CHARACTER * max((len(name) for name in rows), default=0) + 8
    heads = {column.group: _shortened(column.group) for column in columns}
    top = _CHARACTER * max((len(head) for head in heads.values()), default=0) + 8
    most = math.log1p(max((max(row, default=0.0) for row in values), default=0.0)) or 1.0
    places = _places(columns, left)
    drawn: list[Element] = []
    for group, head in heads.items():
        mine = [x for x, column in zip(places, columns, strict=True) if column.group == group]
        middle = (mine[0] + mine[-1] + _CELL_WIDTH) / 2 + 3.5
        text = label((middle, top - 6), head, "tick", "start")
        text.set("transform", f"rotate(-90 {middle:.1f} {top - 6:.1f})")
        drawn.append(text)
    for index, (name, row) in enumerate(zip(rows, values, strict=True)):
        apart = _GAP if last_apart and index == len(rows) - 1 else 0.0
        y = top + index * _CELL_HEIGHT + apart
        drawn.append(label((left - 6, y + 9.5), name, "tick", "end"))
        for x, column, value in zip(places, columns, row, strict=True):
            cell = element(
                "rect",
                tooltip(f"{name}: {value:,.0f} {column.name} rows, {column.group}"),
                x=x,
                y=y,
                width=_CELL_WIDTH - 1,
                height=_CELL_HEIGHT - 1,
                class_=f"cell {column.css}" if value > 0 else "cell empty",
            )
            if value > 0:
                cell.set("fill-opacity", f"{0.12 + 0.88 * math.log1p(value) / most:.2f}")
            drawn.append(cell)
    width = places[-1] + _CELL_WIDTH + 4 if places else left
    height = top + len(rows) * _CELL_HEIGHT + 2 + (_GAP if last_apart else 0.0)
    picture = element("svg", *drawn, class_="heat", role="img", aria_label=title)
    for key, size in (("width", width), ("height", height)):
        picture.set(key, f"{size:.0f}")
    return picture


def _shortened(name: str) -> str:
    if len(name) <= _LONGEST:
        return name
    half = _LONGEST // 2
    return f"{name[:half]}…{name[1 - half :]}"


def _places(columns: Sequence[Column], left: float) -> list[float]:
    places: list[float] = []
    x = left
    for index, column in enumerate(columns):
        if index and columns[index - 1].group != column.group:
            x += _GAP
        places.append(x)
        x += _CELL_WIDTH
    return places
