"""Keys to the charts: small pictures of the marks, beside which the page says what they mean."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from doitkit.report.chart.element import Element, element
from doitkit.report.chart.marks import SHAPES, error_bar, line, marker, ribbon
from doitkit.report.panels import Mark


@dataclass(frozen=True)
class Key:
    """A mark and what it means."""

    picture: Element
    text: str


def origin_key(origin: str) -> Element:
    """Return the mark of an origin, as it stands before its name all over the page."""
    return _picture(12, marker(SHAPES[origin], (6, 6), f"o-{origin}", size=4.2))


def curve_keys(origins: Sequence[str], reference: str, shown: Collection[Mark]) -> tuple[Key, ...]:
    """Return the keys of the growth curves: of the laws, and of the marks that are `shown`."""
    css, shape = f"o-{reference}", SHAPES[reference]
    bar = error_bar(7, 0, 12, css)
    laws = [
        Key(
            _picture(
                34,
                ribbon([(1, 11), (33, 8)], [(1, 6), (33, 1)], f"o-{origin}"),
                line([(1, 8.5), (33, 4.5)], f"o-{origin}"),
            ),
            f"{origin} rows of this ability alone: median and 80\u00a0% interval of the law",
        )
        for origin in origins
    ]
    marks: dict[Mark, Key] = {
        "beyond": Key(
            _picture(34, line([(1, 8), (33, 4)], f"{css} beyond")),
            "the same beyond the largest run: extrapolated",
        ),
        "alike": Key(
            _picture(34, line([(1, 8), (33, 4)], f"{css} alike")),
            "the law when all abilities hold the same number of rows",
        ),
        "plain": Key(
            _picture(14, bar, marker(shape, (7, 6), css, size=3.2)),
            "a run that treats all abilities alike, or holds this one alone; ± 1 standard error",
        ),
        "other": Key(
            _picture(14, bar, marker(shape, (7, 6), f"{css} hollow", size=2.6)),
            "a run whose other abilities hold other amounts",
        ),
        "mixed": Key(
            _picture(14, marker("circle", (7, 6), "o-mixed hollow", size=2.6)),
            "rows of several origins, or none of this ability (filled: the base model)",
        ),
        "ceiling": Key(
            _picture(34, element("rect", x=1, y=2, width=32, height=8, class_="ceiling")),
            "fitted ceiling, 80\u00a0% interval",
        ),
        "plan": Key(
            _picture(14, marker("triangle", (7, 6), f"{css} plan", size=3.2)),
            "rows of the advised mixture",
        ),
    }
    chance = Key(_picture(34, element("line", x1=1, x2=33, y1=6, y2=6, class_="chance")), "chance")
    return (*laws, *(key for mark, key in marks.items() if mark in shown), chance)


def _picture(width: float, *children: Element) -> Element:
    return element("svg", *children, width=width, height=12, class_="key", aria_hidden="true")
