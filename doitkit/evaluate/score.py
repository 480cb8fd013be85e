"""Scores: what a run reached on a task, with its standard error and the level of chance."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from doitkit.core.tables import ITEM
from doitkit.recipe.data import Metric

BINARY: frozenset[Metric] = frozenset({"multiple_choice", "exact_match", "choice_likelihood"})
"""Metrics whose items are right or wrong."""


@dataclass(frozen=True)
class Score:
    """One score of one run. `value` is the mean over items; `stderr` is over items alone."""

    run_id: str
    ability: str
    task: str
    metric: Metric
    value: float
    stderr: float
    n_items: int
    chance: float
    n_shot: int
    chat_template_hash: str

    def row(self) -> dict[str, Any]:
        """Return the score in the form of the `SCORE` table."""
        return asdict(self)


@dataclass(frozen=True)
class ItemResult:
    """The result of one run on one item: 1 or 0, or bits per byte."""

    run_id: str
    task: str
    item: str
    value: float

    def row(self) -> dict[str, Any]:
        """Return the result in the form of the `ITEM` table."""
        return {name: getattr(self, name) for name in ITEM.names}


def mean_and_stderr(values: Sequence[float], *, binary: bool) -> tuple[float, float]:
    """Return the mean over items, and its standard error.

    Right-or-wrong items: sqrt(p (1 - p) / n) with p = (k + 1/2) / (n + 1), the mean under
    Jeffreys' prior, so that a perfect score on few items does not claim to be exact. Other
    items: the sample standard deviation over sqrt(n).
    """
    n = len(values)
    if n == 0:
        raise ValueError("no items")
    mean = math.fsum(values) / n
    if binary:
        smoothed = (mean * n + 0.5) / (n + 1)
        return mean, math.sqrt(smoothed * (1 - smoothed) / n)
    if n == 1:
        return mean, abs(mean)
    spread = math.fsum((value - mean) ** 2 for value in values) / (n - 1)
    return mean, math.sqrt(spread / n)
