"""Transfer: what the data of one ability does for the score of another."""

from dataclasses import dataclass

from doitkit.growth import Transfer
from doitkit.report import numbers
from doitkit.report.chart.element import Element, band
from doitkit.report.chart.scale import Scale
from doitkit.report.chart.strip import (
    grid,
    interval_mark,
    interval_values,
    shared_axis,
    strip_axis,
)
from doitkit.report.findings import Findings


@dataclass(frozen=True)
class TransferRow:
    """One pair of abilities of which one clearly helps or hurts the other."""

    transfer: Transfer
    strip: Element


@dataclass(frozen=True)
class TransferTable:
    """Who helps whom, and of how many pairs nothing like that can be said."""

    clear: tuple[TransferRow, ...]
    axis: Element | None
    others: int
    """Pairs that are told, with no clear effect."""
    largest: Transfer | None
    """Of these, the one with the largest effect."""
    untold: int
    pairs: int


def transfer_table(findings: Findings) -> TransferTable | None:
    """Return the table, or None where the runs cannot tell transfer."""
    told = findings.advice.transfer
    if told is None:
        return None
    clear = [transfer for transfer in told if transfer.clear]
    others = [transfer for transfer in told if not transfer.clear]
    scale = shared_axis([0.0, *interval_values(transfer.effect for transfer in clear)])
    n = len(findings.advice.fit.seen.abilities)
    return TransferTable(
        clear=tuple(TransferRow(transfer, _strip(scale, transfer)) for transfer in clear),
        axis=strip_axis(scale, numbers.tick_change) if clear else None,
        others=len(others),
        largest=max(others, key=lambda t: abs(t.effect.middle), default=None),
        untold=n * (n - 1) - len(told),
        pairs=n * (n - 1),
    )


def _strip(scale: Scale, transfer: Transfer) -> Element:
    change = transfer.effect
    title = (
        f"{transfer.to}, from {transfer.rows:,} rows of {transfer.source}: "
        f"{numbers.change(change.middle)}, 80\u00a0% {numbers.change_span(change)}"
    )
    return band(22, title, *grid(scale), *interval_mark(scale, change, "advised", title))
