"""The answer: what to buy."""

from dataclasses import dataclass

from doitkit.core.origins import Cell
from doitkit.growth import Interval
from doitkit.report import numbers
from doitkit.report.chart.element import Element, band
from doitkit.report.chart.scale import Scale
from doitkit.report.chart.strip import bar, grid, shared_axis, strip_axis, whisker
from doitkit.report.findings import Findings

_NAMED = 3
"""How many purchases the headline names."""


@dataclass(frozen=True)
class PurchaseRow:
    """One cell that is bought, or that would be if the laws were a little different."""

    cell: Cell
    rows: int
    interval: Interval
    held: int
    price: float
    cost: float
    strip: Element


@dataclass(frozen=True)
class Answer:
    """The first section of the report."""

    headline: str
    is_equal_split: bool
    """Whether the equal split would be the very same purchase."""
    purchases: tuple[PurchaseRow, ...]
    purchase_axis: Element | None
    untouched: tuple[Cell, ...]
    """Cells on sale of which neither the purchase nor nine draws in ten take anything."""


def answer(findings: Findings) -> Answer:
    """Return the answer of a turn."""
    purchases = findings.advice.purchases
    shown = [p for p in purchases if p.rows > 0 or p.interval.high > 0]
    shown.sort(key=lambda p: (-p.cost, -p.rows, p.cell))
    scale = shared_axis([0.0, *(x for p in shown for x in (float(p.rows), p.interval.high))])
    return Answer(
        headline=_headline([(p.cell, p.rows) for p in shown if p.rows > 0]),
        is_equal_split=findings.advice.plan == findings.advice.equal,
        purchases=tuple(
            PurchaseRow(
                cell=p.cell,
                rows=p.rows,
                interval=p.interval,
                held=findings.advice.today[p.cell],
                price=p.price,
                cost=p.cost,
                strip=_purchase_strip(scale, p.cell, p.rows, p.interval),
            )
            for p in shown
        ),
        purchase_axis=strip_axis(scale, numbers.count) if shown else None,
        untouched=tuple(p.cell for p in purchases if p not in shown),
    )


def _headline(bought: list[tuple[Cell, int]]) -> str:
    if not bought:
        return "Buy nothing"
    parts: list[str] = []
    last_origin = ""
    for cell, rows in bought[:_NAMED]:
        # "95 human rows for code and 55 for ethics": an origin is said once while it lasts.
        kind = "" if cell.origin == last_origin else f" {cell.origin} rows"
        parts.append(f"{numbers.count(rows)}{kind} for {cell.ability}")
        last_origin = cell.origin
    rest = sum(rows for _, rows in bought[_NAMED:])
    if rest:
        parts.append(f"{numbers.count(rest)} rows of {len(bought) - _NAMED} other kinds")
    if len(parts) == 1:
        return f"Buy {parts[0]}"
    return f"Buy {', '.join(parts[:-1])} and {parts[-1]}"


def _purchase_strip(scale: Scale, cell: Cell, rows: int, interval: Interval) -> Element:
    title = f"{cell}: {numbers.count(rows)} rows, 80\u00a0% interval {numbers.count_span(interval)}"
    return band(
        22,
        title,
        *grid(scale),
        bar(scale, rows, f"o-{cell.origin}", 5, 12),
        whisker(scale, interval, title),
    )
