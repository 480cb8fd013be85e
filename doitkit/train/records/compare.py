"""Several runs side by side: what differs in what was set, what was trained on, what came of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from doitkit.core.errors import UsageError
from doitkit.train.records.fields import GROUPS, Group, Scalar, group_of
from doitkit.train.records.table import RunScores, run_table
from doitkit.train.run import Run

_OWN = {"run_id", "name"}
"""What names a run, and tells nothing about it."""
_HASHES = 8


@dataclass(frozen=True)
class Difference:
    """A field in which runs differ, with the value of each run."""

    group: Group
    name: str
    values: tuple[Scalar, ...]


@dataclass(frozen=True)
class Curve:
    """A curve of all runs: at every step that one of them has, the value of each."""

    name: str
    points: tuple[tuple[int, tuple[float | None, ...]], ...]


@dataclass(frozen=True)
class Comparison:
    """Runs side by side.

    Attributes
    ----------
    labels
        What to call each run.
    differences
        The fields in which they differ: settings first, then data, then results.
    same
        The names of the fields that are equal in all.
    curves
        The training loss, and what was measured on the rows held out, where there is any.
    """

    run_ids: tuple[str, ...]
    labels: tuple[str, ...]
    differences: tuple[Difference, ...]
    same: tuple[str, ...]
    curves: tuple[Curve, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as plain JSON."""
        return asdict(self)


def compare_runs(runs: Sequence[Run], scores: RunScores | None = None) -> Comparison:
    """Return what differs between runs.

    Raises
    ------
    UsageError
        If there are fewer than two.
    """
    if len(runs) < 2:
        raise UsageError(
            f"{len(runs)} runs cannot be compared",
            next_step="name two or more, by their mixtures or the beginnings of their ids",
        )
    table = run_table(runs, scores)
    differences, same = [], []
    for name in table.columns:
        values = tuple(table[name].to_list())
        if name in _OWN:
            continue
        if len(set(values)) > 1:
            differences.append(Difference(group_of(name), name, values))
        else:
            same.append(name)
    curves = (
        _curve("train_loss", [dict(run.losses) for run in runs]),
        _curve("bits_per_byte", [dict(run.measured) for run in runs]),
    )
    return Comparison(
        run_ids=tuple(run.run_id for run in runs),
        labels=_labels(runs),
        differences=tuple(sorted(differences, key=lambda d: GROUPS.index(d.group))),
        same=tuple(same),
        curves=tuple(curve for curve in curves if curve.points),
    )


def _curve(name: str, values: Sequence[dict[int, float]]) -> Curve:
    steps = sorted({step for own in values for step in own})
    return Curve(name, tuple((step, tuple(own.get(step) for own in values)) for step in steps))


def _labels(runs: Sequence[Run]) -> tuple[str, ...]:
    labels = [f"{run.name}, seed {run.seed}" for run in runs]
    return tuple(
        label if labels.count(label) == 1 else f"{label} ({run.run_id[:_HASHES]})"
        for run, label in zip(runs, labels, strict=True)
    )
