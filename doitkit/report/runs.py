"""The runs: what each was trained on, what it cost, what it reached."""

from collections.abc import Sequence
from dataclasses import dataclass

from doitkit.advise.evidence import on_unit_scale
from doitkit.core.origins import Cell
from doitkit.report import numbers
from doitkit.report.chart import scale as scales
from doitkit.report.chart.axes import Frame, axes, short
from doitkit.report.chart.element import Element, drawing
from doitkit.report.chart.heat import Column, heat_grid
from doitkit.report.chart.marks import line
from doitkit.report.findings import Findings
from doitkit.train import Run

_FRAME = Frame(width=400, height=240, left=34, right=10, top=18, bottom=40)
_MOST_POINTS = 80
_WIDE = 14
"""Cells of a design that fit beside another chart."""


@dataclass(frozen=True)
class RunScore:
    """A score on the scale from 0 to 1, and in the metric's own unit for the tooltip."""

    value: float
    stderr: float
    title: str


@dataclass(frozen=True)
class RunRow:
    """One run."""

    run: Run
    scores: tuple[RunScore | None, ...]
    """In the order of the abilities."""


@dataclass(frozen=True)
class RunTable:
    """All runs."""

    abilities: tuple[str, ...]
    rows: tuple[RunRow, ...]
    seconds: float
    tokens: int
    left_out: int
    design: Element
    wide: bool
    """Whether the design needs the whole width of the page."""
    losses: Element | None


def run_table(findings: Findings) -> RunTable:
    """Return the runs with their scores, the design, and the loss curves."""
    abilities = findings.advice.fit.seen.abilities
    scored: dict[tuple[str, str], RunScore] = {}
    for s in findings.scores:
        value, stderr = on_unit_scale(s.metric, s.value, s.stderr)
        title = f"{s.metric} {s.value:.4g} ± {s.stderr:.2g} on {s.n_items} items"
        scored[s.run_id, s.ability] = RunScore(value, stderr, title)
    runs, cells = findings.runs, _cells(findings)
    return RunTable(
        abilities=abilities,
        rows=tuple(
            RunRow(run, tuple(scored.get((run.run_id, ability)) for ability in abilities))
            for run in runs
        ),
        seconds=sum(run.wall_s for run in runs),
        tokens=sum(run.tokens for run in runs),
        left_out=sum(run.left_out for run in runs),
        design=_design(findings, cells),
        wide=len(cells) > _WIDE,
        losses=_losses(runs),
    )


def _cells(findings: Findings) -> list[Cell]:
    """Return the cells that some run holds, in the recipe's order."""
    held = {cell for run in findings.runs for cell, n in run.counts.items() if n > 0}
    cells = [cell for cell in findings.recipe.cells() if cell in held]
    return cells + sorted(held - set(cells))


def _design(findings: Findings, cells: Sequence[Cell]) -> Element:
    rows = [
        (run.name if run.method == "none" else f"{run.name}, seed {run.seed}", run.as_mixture())
        for run in findings.runs
    ]
    # The last row shows at a glance how far the advice lies from what was tried.
    rows.append(("advised", findings.advice.plan))
    return heat_grid(
        "Rows of every run per ability and origin",
        [name for name, _ in rows],
        [Column(cell.ability, f"o-{cell.origin}", cell.origin) for cell in cells],
        [[mixture[cell] for cell in cells] for _, mixture in rows],
        last_apart=True,
    )


def _losses(runs: Sequence[Run]) -> Element | None:
    traced = [run for run in runs if len(run.losses) > 1]
    if not traced:
        return None
    smooth = {run.run_id: _smooth(run.losses) for run in traced}
    steps = max(step for points in smooth.values() for step, _ in points)
    values = [loss for points in smooth.values() for _, loss in points]
    x = scales.rows(steps, *_FRAME.x_ends)
    y = scales.rounded(0.0, max(values), *_FRAME.y_ends)
    drawn = axes(_FRAME, x, y, "optimiser steps", "training loss, nats per token", short)
    for run in traced:
        places = [(x(step), y(loss)) for step, loss in smooth[run.run_id]]
        title = f"{run.name}, seed {run.seed}: {numbers.count(run.rows)} rows"
        drawn.append(line(places, f"loss {_origin_css(run.counts)}", title))
    return drawing(_FRAME.width, _FRAME.height, "Training loss of every run", *drawn)


def _smooth(losses: Sequence[tuple[int, float]]) -> list[tuple[float, float]]:
    """Return means over equal stretches of steps, few enough to draw."""
    width = -(-len(losses) // _MOST_POINTS)
    parts = [losses[start : start + width] for start in range(0, len(losses), width)]
    return [
        (sum(step for step, _ in part) / len(part), sum(loss for _, loss in part) / len(part))
        for part in parts
    ]


def _origin_css(counts: dict[Cell, int]) -> str:
    origins = {cell.origin for cell, n in counts.items() if n > 0}
    return f"o-{origins.pop()}" if len(origins) == 1 else "o-mixed"
