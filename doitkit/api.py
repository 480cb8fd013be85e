"""The Python API: one function per verb of the command line, composing the rooms below.

Every function takes a recipe (a file, the name of a shipped one, or a loaded `Recipe`) and the
folder of a workspace. What is finished in the workspace is reused. Only `synthesize` and `loop`
ask generators for answers; the others say so where answers are missing.
"""

from pathlib import Path

from doitkit.advise import Recommendation
from doitkit.build import Dataset
from doitkit.core.errors import UsageError
from doitkit.core.progress import SILENT, Progress
from doitkit.core.workspace import DEFAULT_WORKSPACE, Workspace
from doitkit.evaluate import Scores
from doitkit.loop import LoopState, Turn, open_turn
from doitkit.loop import loop as _loop
from doitkit.plan import Plan
from doitkit.preview import preview
from doitkit.recipe import Recipe, load_recipe
from doitkit.train import Run

__all__ = [
    "build",
    "evaluate",
    "load_recipe",
    "loop",
    "plan",
    "recommend",
    "report",
    "synthesize",
    "train",
]

RecipeLike = str | Path | Recipe


def plan(
    recipe: RecipeLike,
    workspace: str | Path = DEFAULT_WORKSPACE,
    *,
    exact: bool = False,
    progress: Progress = SILENT,
) -> Plan:
    """Return what a recipe would do, counted and priced. Nothing is written or spent.

    Parameters
    ----------
    exact
        Read every row of large sources too, instead of a sample.
    """
    loaded = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    return preview(loaded, Workspace(Path(workspace)), exact=exact, progress=progress)


def synthesize(
    recipe: RecipeLike, workspace: str | Path = DEFAULT_WORKSPACE, *, progress: Progress = SILENT
) -> dict[str, Path]:
    """Generate the sources that the recipe declares as generated; return their files."""
    place = Workspace(Path(workspace))
    with (
        place.locked("synth"),
        open_turn(recipe, place, generate=True, progress=progress) as turn,
    ):
        return turn.generated


def build(
    recipe: RecipeLike, workspace: str | Path = DEFAULT_WORKSPACE, *, progress: Progress = SILENT
) -> Dataset:
    """Build the dataset. Sources that are to be generated must be: see `synthesize`."""
    place = Workspace(Path(workspace))
    with place.locked("build"), open_turn(recipe, place, progress=progress) as turn:
        return turn.dataset


def train(
    recipe: RecipeLike,
    workspace: str | Path = DEFAULT_WORKSPACE,
    *,
    first: int | None = None,
    progress: Progress = SILENT,
) -> list[Run]:
    """Train the recipe's ladder; return the runs, that of the base model first.

    Parameters
    ----------
    first
        Train no more than so many runs of the ladder. Plans then know how long runs take here.
    """
    place = Workspace(Path(workspace))
    with place.locked("train"), open_turn(recipe, place, progress=progress) as turn:
        return turn.runs if first is None else turn.first_runs(first)


def evaluate(
    recipe: RecipeLike, workspace: str | Path = DEFAULT_WORKSPACE, *, progress: Progress = SILENT
) -> Scores:
    """Score the runs of the ladder that are trained.

    Raises
    ------
    UsageError
        If none is trained.
    """
    place = Workspace(Path(workspace))
    with place.locked("eval"), open_turn(recipe, place, progress=progress) as turn:
        return turn.score(_trained(turn))


def recommend(
    recipe: RecipeLike, workspace: str | Path = DEFAULT_WORKSPACE, *, progress: Progress = SILENT
) -> Recommendation:
    """Say what to buy next from the runs of the ladder that are trained, scoring what is not."""
    place = Workspace(Path(workspace))
    with place.locked("recommend"), open_turn(recipe, place, progress=progress) as turn:
        runs = _trained(turn)
        return turn.recommend(runs, turn.score(runs))


def report(
    recipe: RecipeLike, workspace: str | Path = DEFAULT_WORKSPACE, *, progress: Progress = SILENT
) -> Path:
    """Write the HTML report of a finished turn; return its file. Nothing is trained.

    Raises
    ------
    UsageError
        If the ladder is not trained to its end.
    """
    place = Workspace(Path(workspace))
    with place.locked("report"), open_turn(recipe, place, progress=progress) as turn:
        _, missing = turn.trained()
        if missing:
            raise UsageError(
                f"{missing} runs of the ladder are not trained yet",
                where=place.root,
                next_step="run `doitkit train` or `doitkit loop` first",
            )
        return turn.report(turn.finished_check())


def loop(
    recipe: RecipeLike, workspace: str | Path = DEFAULT_WORKSPACE, *, progress: Progress = SILENT
) -> LoopState:
    """Carry out the whole flow: generate, build, train, score, advise, check, report."""
    return _loop(recipe, Workspace(Path(workspace)), progress=progress)


def _trained(turn: Turn) -> list[Run]:
    runs, missing = turn.trained()
    if not runs:
        raise UsageError(
            "no run of this recipe is trained yet",
            where=turn.workspace.root,
            next_step="run `doitkit train` first",
        )
    if missing:
        turn.progress.note(f"{missing} runs of the ladder are not trained yet; going on without")
    return runs
