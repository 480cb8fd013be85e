"""The whole flow in one call."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doitkit.advise import AdviceCheck, Recommendation, declared_advice
from doitkit.core.engine import Engine
from doitkit.core.progress import SILENT, Progress
from doitkit.core.workspace import Workspace
from doitkit.loop.turn import Turn
from doitkit.recipe import Recipe, find_recipe, load_recipe


@dataclass(frozen=True)
class LoopState:
    """What a turn left: advice, its check if there was one, and the files."""

    recommendation: Recommendation
    check: AdviceCheck | None
    report: Path
    next_recipe: Path
    runs: int
    seconds: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """Return the state as plain JSON."""
        return {
            "recommendation": self.recommendation.as_json(),
            "check": self.check.as_json() if self.check else None,
            "report": str(self.report),
            "next_recipe": str(self.next_recipe),
            "runs": self.runs,
            "seconds": self.seconds,
        }


def open_turn(
    recipe: str | Path | Recipe,
    workspace: Workspace,
    *,
    generate: bool = False,
    memory: int | None = None,
    engine: Engine | None = None,
    progress: Progress = SILENT,
) -> Turn:
    """Return a turn over a recipe, given as a file, the name of a shipped one, or loaded.

    Parameters
    ----------
    generate
        Whether its steps may ask generators for answers that are missing.
    memory, engine
        In how many bytes a build works, and who carries out its parts; see `Turn`.
    """
    if isinstance(recipe, Recipe):
        loaded, file = recipe, recipe.file
    else:
        file = find_recipe(recipe)
        loaded = load_recipe(file)
    text = file.read_text(encoding="utf-8-sig")
    return Turn(loaded, text, workspace, progress, generate, memory=memory, engine=engine)


def loop(
    recipe: str | Path | Recipe,
    workspace: Workspace,
    *,
    progress: Progress = SILENT,
) -> LoopState:
    """Carry out one whole turn, resuming where an earlier one was stopped.

    Raises
    ------
    WorkspaceBusyError
        If another process works in the workspace.
    DoitkitError
        Whatever any step raises; finished steps are kept.
    """
    with (
        workspace.locked("loop"),
        open_turn(recipe, workspace, generate=True, progress=progress) as turn,
    ):
        # What the turn ends in must be declared before it generates or trains anything.
        declared_advice(turn.recipe)
        report = turn.report(turn.check)
        return LoopState(
            recommendation=turn.recommendation,
            check=turn.check,
            report=report,
            next_recipe=turn.next_recipe,
            runs=len(turn.runs),
            seconds=dict(turn.seconds),
        )
