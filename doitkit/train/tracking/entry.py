"""The record of a run as trackers take it: tags, parameters, metrics and curves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from doitkit.train.records import Scalar, fields_of
from doitkit.train.records.fields import group_of
from doitkit.train.run import Run
from doitkit.train.tracking.secrets import is_secret, without_secrets

_TAGS = ("run_id", "dataset_id", "recipe_hash", "config_hash")
_OF_THE_MACHINE = {"base_path"}
"""Where something lies here tells nobody elsewhere anything."""


@dataclass(frozen=True)
class Entry:
    """One run.

    Attributes
    ----------
    name
        What to call it: the mixture and the seed.
    tags
        What it is found by: the ids of the run, its data and its recipe.
    params
        What was set, and what is no number.
    metrics
        The numbers that came of it, and how much data there was.
    curves
        (step, value) in order, by name: `train_loss`, `bits_per_byte`.
    """

    run_id: str
    name: str
    wall_s: float
    tags: Mapping[str, str]
    params: Mapping[str, str | int | float | bool]
    metrics: Mapping[str, float]
    curves: Mapping[str, tuple[tuple[int, float], ...]]

    def steps(self) -> Iterator[tuple[int, dict[str, float]]]:
        """Give the points of all curves, step by step."""
        found: dict[int, dict[str, float]] = {}
        for name, points in self.curves.items():
            for step, value in points:
                found.setdefault(step, {})[name] = value
        yield from sorted(found.items())


def entry_of(run: Run) -> Entry:
    """Return the record of a run for trackers. Keys and passwords do not go with it."""
    fields = {
        name: value
        for name, value in fields_of(run).items()
        if value is not None and name not in _OF_THE_MACHINE and not _hidden(name)
    }
    tags = {name: str(fields.pop(name)) for name in _TAGS if fields.get(name)}
    metrics = {name: float(value) for name, value in fields.items() if _measured(name, value)}
    curves = {"train_loss": run.losses, "bits_per_byte": run.measured}
    return Entry(
        run_id=run.run_id,
        name=f"{run.name}, seed {run.seed}",
        wall_s=run.wall_s,
        tags=tags,
        params={
            name: without_secrets(value) if isinstance(value, str) else value
            for name, value in fields.items()
            if name not in metrics and name not in _TAGS
        },
        # A curve and its last word would share a name: the curve has both.
        metrics={f"final/{n}" if curves.get(n) else n: value for n, value in metrics.items()},
        curves={name: points for name, points in curves.items() if points},
    )


def _hidden(name: str) -> bool:
    return group_of(name) == "settings" and is_secret(name)


def _measured(name: str, value: Scalar) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and group_of(name) != "settings"
