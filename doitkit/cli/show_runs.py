"""Runs as tables on standard output: listed, side by side, and those that failed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from doitkit.cli import show

if TYPE_CHECKING:
    from doitkit.train import Failure, Run
    from doitkit.train.records import Comparison, Scalar

_MOST_POINTS = 10
_HASHES = 10


def runs(found: Sequence["Run"], of: int | None = None) -> None:
    """Print runs; of what none of them has, there is no column.

    Parameters
    ----------
    of
        How many there are in all, if only some are shown.
    """
    if not found:
        show.text(f"no run fits, of {of} in the workspace" if of else "there are no runs yet")
        return
    columns: list[tuple[str, list[str], bool]] = [
        ("run", [run.run_id[:_HASHES] for run in found], True),
        ("mixture", [run.name for run in found], True),
        ("model", [run.base_model for run in found], len({run.base_model for run in found}) > 1),
        ("method", [run.method for run in found], len({run.method for run in found}) > 1),
        ("#seed", [str(run.seed) for run in found], True),
        ("#rows", [f"{run.rows:,}" for run in found], True),
        ("#steps", [f"{run.steps:,}" for run in found], True),
        ("#tokens seen", [f"{sum(run.tokens_seen.values()):,}" for run in found], True),
        ("#loss", [_number(run.train_loss) for run in found], True),
        (
            "#bits/byte",
            [_number(dict(run.measured).get(run.kept_step)) for run in found],
            any(run.measured for run in found),
        ),
        ("#seconds", [f"{run.wall_s:.1f}" for run in found], True),
        (
            "#GPU h",
            [f"{run.gpu_hours:.2f}" for run in found],
            any(run.gpu_hours for run in found),
        ),
        ("#cost", [_number(run.cost) for run in found], any(run.cost is not None for run in found)),
        ("device", [f"{run.device} {run.dtype}" for run in found], True),
    ]
    shown = [(name, cells) for name, cells, wanted in columns if wanted]
    title = f"{len(found)} runs" if of in (None, len(found)) else f"{len(found)} of {of} runs"
    show.table(title, [name for name, _ in shown], zip(*(cells for _, cells in shown), strict=True))


def comparison(found: "Comparison") -> None:
    """Print what differs between runs, and their curves."""
    show.table(
        f"{len(found.labels)} runs compared: what differs",
        ["", "", *(f"#{label}" for label in found.labels)],
        [
            (difference.group, difference.name, *(_shown(value) for value in difference.values))
            for difference in found.differences
        ],
    )
    for curve in found.curves:
        show.table(
            curve.name,
            ["#step", *(f"#{label}" for label in found.labels)],
            [
                (f"{step:,}", *(_number(value) for value in values))
                for step, values in _thinned(curve.points)
            ],
        )
    show.text(f"the same in all: {', '.join(found.same)}")


def failures(found: Sequence["Failure"]) -> None:
    """Print the runs that failed twice, each with the last of what it printed."""
    if not found:
        show.text("no run failed")
        return
    show.table(
        f"{len(found)} runs failed",
        ["mixture", "#seed", "what", "why"],
        [(one.name, one.seed, one.what, one.why) for one in found],
    )
    for one in found:
        if one.log:
            show.text(f"{one.name} seed {one.seed}, last of all: {one.log[-1]}")


def _thinned(
    points: Sequence[tuple[int, tuple[float | None, ...]]],
) -> list[tuple[int, tuple[float | None, ...]]]:
    """Return few enough points to look at, with the first and the last among them."""
    last = len(points) - 1
    if last < _MOST_POINTS:
        return list(points)
    places = {round(at * last / (_MOST_POINTS - 1)) for at in range(_MOST_POINTS)}
    return [points[at] for at in sorted(places)]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _shown(value: "Scalar") -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int):
        return f"{value:,}"
    return value[:_HASHES] if len(value) == 32 else value
