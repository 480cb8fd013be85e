"""The record of a run as plain fields, each with a name and one value."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from doitkit.train.run import Run

Scalar = str | int | float | bool | None

Group = Literal["settings", "data", "results"]
GROUPS: tuple[Group, ...] = ("settings", "data", "results")

COUNTS = ("rows", "trained_rows", "tokens_seen")
"""Fields of which there is one for each ability; a run without rows of one has none of it."""

_CURVES = ("losses", "measured")
_CALLED = {"mixture": "rows", "trained": "trained_rows", "versions": "version"}

_DATA = {
    *COUNTS,
    "dataset_id",
    "tokens",
    "trained_tokens",
    "left_out",
    "truncated",
    "held_out",
}
_RESULTS = {
    "train_loss",
    "bits_per_byte",
    "score",
    "steps",
    "epochs",
    "kept_step",
    "ended",
    "micro_batch_size",
    "wall_s",
    "gpu_hours",
    "cost",
}


def fields_of(run: Run) -> dict[str, Scalar]:
    """Return what is known of a run, one value a name.

    What is nested is named by the way to it: `rows/ABILITY/ORIGIN`, `trained_rows/...`,
    `tokens_seen/ABILITY`, `version/PACKAGE`. `bits_per_byte` is what was measured at the step
    whose weights were kept. The curves are no fields; see `curve_table`.
    """
    found: dict[str, Scalar] = {}
    for name, value in run.as_json().items():
        if name == "mixture":
            found["rows"] = run.rows
        if name == "trained":
            found["trained_rows"] = sum(run.trained_counts.values())
        if name not in _CURVES:
            found |= _flat(_CALLED.get(name, name), value)
    found["bits_per_byte"] = dict(run.measured).get(run.kept_step)
    return found


def group_of(name: str) -> Group:
    """Say what a field belongs to: what was set, what was trained on, or what came of it."""
    first = name.partition("/")[0]
    if first in _DATA:
        return "data"
    return "results" if first in _RESULTS else "settings"


def _flat(name: str, value: Any) -> Iterator[tuple[str, Scalar]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{name}/{key}", inner)
    elif isinstance(value, list | tuple):
        yield name, json.dumps(value, ensure_ascii=False)
    else:
        yield name, value
