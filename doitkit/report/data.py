"""The data: what was read, what was kept, what is held today and after the purchase."""

from dataclasses import dataclass
from typing import Any

from doitkit.core.origins import ORIGINS, Cell, Origin
from doitkit.mix import Mixture
from doitkit.report import numbers
from doitkit.report.chart.element import Element, band
from doitkit.report.chart.scale import Scale
from doitkit.report.chart.strip import bar, grid, shared_axis, strip_axis
from doitkit.report.findings import Findings

STEPS = ("read", "filter", "dedup", "decontaminate")
"""The steps at which a row can be rejected, in order."""


@dataclass(frozen=True)
class SourceRow:
    """What became of the rows of one source."""

    name: str
    ability: str
    origin: str
    licence: str | None
    generated: bool
    read: int
    excluded: int
    """Rows that the recipe's own `where` leaves out."""
    rejected: tuple[int, ...]
    """Per step of the table."""
    available: int

    @property
    def lost(self) -> int:
        """Rows that nothing accounts for; 0 unless something is wrong."""
        return self.read - self.excluded - sum(self.rejected) - self.available


@dataclass(frozen=True)
class HoldingRow:
    """What is held of one ability."""

    ability: str
    today: int
    advised: int
    strip: Element


@dataclass(frozen=True)
class DataTables:
    """The section about the data."""

    steps: tuple[str, ...]
    sources: tuple[SourceRow, ...]
    rejected: dict[str, int]
    """Per step, over all sources."""
    items: dict[str, int]
    item_rejects: dict[str, int]
    held: int
    """Rows held today."""
    holdings: tuple[HoldingRow, ...]
    axis: Element
    origins: tuple[Origin, ...]
    """Those that are held or advised, in the order of the bars."""


def data_tables(findings: Findings) -> DataTables:
    """Return the tables of sources and of holdings."""
    manifest = findings.manifest
    today, plan = findings.advice.today, findings.advice.plan
    found = {step for name in findings.recipe.sources for step in manifest["rejects"].get(name, {})}
    steps = (*STEPS, *sorted(found - set(STEPS)))
    # The reference first, so that its bars start at 0.
    ordered = sorted(ORIGINS, key=lambda origin: origin != findings.advice.reference)
    origins = tuple(o for o in ordered if any(cell.origin == o for cell, _ in plan.counts))
    read = [name for name in findings.recipe.sources if name in manifest["rows_in"]]
    abilities = list(findings.recipe.abilities)
    most = max((_total(m, a) for m in (today, plan) for a in abilities), default=0)
    scale = shared_axis([0.0, float(most)])
    sources = tuple(_source(findings, name, steps) for name in read)
    return DataTables(
        steps=steps,
        sources=sources,
        rejected={step: sum(s.rejected[i] for s in sources) for i, step in enumerate(steps)},
        items=manifest["evaluation_items"],
        item_rejects={
            ability: sum(manifest["rejects"].get(f"{ability}.evaluate", {}).values())
            for ability in manifest["evaluation_items"]
        },
        held=today.total,
        holdings=tuple(
            HoldingRow(a, _total(today, a), _total(plan, a), _strip(scale, a, today, plan, origins))
            for a in abilities
        ),
        axis=strip_axis(scale, numbers.count),
        origins=origins,
    )


def _source(findings: Findings, name: str, steps: tuple[str, ...]) -> SourceRow:
    manifest: dict[str, Any] = findings.manifest
    rejects = manifest["rejects"].get(name, {})
    owner = (a for a, ability in findings.recipe.abilities.items() if name in ability.sources)
    source = findings.recipe.sources[name]
    return SourceRow(
        name=name,
        ability=next(owner, ""),
        origin=source.origin,
        licence=manifest["licenses"].get(name),
        generated=name in findings.recipe.synthesized_sources(),
        read=manifest["rows_in"][name],
        excluded=manifest["filtered_by_where"].get(name, 0),
        rejected=tuple(rejects.get(step, 0) for step in steps),
        # No step adds rows, so the smallest count is that after the last one.
        available=manifest["rows_after"][-1]["rows"].get(name, 0),
    )


def _total(mixture: Mixture, ability: str) -> int:
    return sum(n for cell, n in mixture.counts if cell.ability == ability)


def _strip(
    scale: Scale, ability: str, today: Mixture, plan: Mixture, origins: tuple[Origin, ...]
) -> Element:
    """Return stacked bars: above what is held today, if anything is, below the advised mixture."""
    lanes = [(today, 5.0), (plan, 20.0)] if today.total else [(plan, 5.0)]
    height = 36.0 if today.total else 21.0
    drawn = grid(scale, height)
    for mixture, y in lanes:
        start = 0
        for origin in origins:
            n = mixture[Cell(ability, origin)]
            if n:
                drawn.append(bar(scale, start + n, f"o-{origin}", y, 11, start))
            start += n
    text = f"{ability}: {_total(today, ability):,} rows today, {_total(plan, ability):,} advised"
    return band(height, text, *drawn)
