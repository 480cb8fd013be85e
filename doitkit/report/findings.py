"""All that a report shows."""

from dataclasses import dataclass, field
from typing import Any

from doitkit.advise import AdviceCheck, Recommendation
from doitkit.evaluate import Score
from doitkit.recipe import Recipe
from doitkit.train import Run


@dataclass(frozen=True)
class Findings:
    """The results of one turn."""

    recipe: Recipe
    manifest: dict[str, Any]
    """The manifest of the dataset: counts per source and step, licences, supply."""
    runs: tuple[Run, ...]
    scores: tuple[Score, ...]
    advice: Recommendation
    check: AdviceCheck | None
    next_recipe: str
    """Name of the next recipe's file."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Wall time per step."""
