"""The flow of rows: what came into each step of a build, what it left out, and what is left."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from doitkit.survey import Survey
from doitkit.survey.curated import STEPS

FLOW_STEPS = ("where", "read", *STEPS)
"""`where` leaves out rows that were not asked for; `read`, those that are none."""


@dataclass(frozen=True)
class Passage:
    """The rows of one source in one step."""

    step: str
    source: str
    rows_in: int
    left: int

    @property
    def left_out(self) -> int:
        """Rows that came in and did not come out."""
        return self.rows_in - self.left

    def as_json(self) -> dict[str, Any]:
        """Return the passage as plain JSON."""
        return {
            "step": self.step,
            "source": self.source,
            "rows_in": self.rows_in,
            "left_out": self.left_out,
            "left": self.left,
        }


def flow_of(found: Survey) -> list[Passage]:
    """Return the flow of a survey's rows, step by step, the sources in the recipe's order."""
    left = {"where": found.rows_in, **found.steps}
    names = [name for name in found.recipe.sources if name in found.rows_in]
    before = {name: found.rows_in[name] + found.filtered[name] for name in names}
    flow = []
    for step in FLOW_STEPS:
        after = left[step]
        flow += [Passage(step, name, before[name], after.get(name, 0)) for name in names]
        before = {name: after.get(name, 0) for name in names}
    return flow


def read_flow(manifest: Mapping[str, Any]) -> list[Passage]:
    """Return the flow that stands in the manifest of a dataset."""
    return [
        Passage(part["step"], part["source"], part["rows_in"], part["left"])
        for part in manifest["flow"]
    ]
