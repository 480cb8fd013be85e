"""The Python API: one function per verb of the command line, composing the rooms below.

Every function takes a recipe (a file, the name of a shipped one, or a loaded `Recipe`) and the
folder of a workspace. What is finished in the workspace is reused. Only `synthesize` and `loop`
ask generators for answers; the others say so where answers are missing.
"""

from pathlib import Path

from doitkit.advise import Recommendation
from doitkit.build import Dataset, Inspection, inspect_dataset, is_dataset, open_folder
from doitkit.core.engine import Engine
from doitkit.core.errors import UsageError
from doitkit.core.memory import bytes_of
from doitkit.core.progress import SILENT, Progress
from doitkit.core.workspace import DEFAULT_WORKSPACE, Workspace
from doitkit.evaluate import Scores
from doitkit.loop import LoopState, Resolution, Turn, open_turn, simulate_plan
from doitkit.loop import loop as _loop
from doitkit.plan import Plan
from doitkit.preview import built, preview
from doitkit.recipe import Recipe, load_recipe
from doitkit.survey.tokens import token_counter
from doitkit.train import Run

__all__ = [
    "build",
    "evaluate",
    "inspect",
    "load_recipe",
    "loop",
    "open_dataset",
    "plan",
    "recommend",
    "report",
    "simulate",
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


def simulate(
    recipe: RecipeLike,
    workspace: str | Path = DEFAULT_WORKSPACE,
    *,
    worlds: int = 20,
    exact: bool = False,
    progress: Progress = SILENT,
) -> Resolution:
    """Return what the ladder of a recipe will be able to resolve, before it is paid for.

    Parameters
    ----------
    worlds
        In how many simulated worlds the ladder is tried.
    exact
        Read every row of large sources too, instead of a sample.
    """
    loaded = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    planned = plan(loaded, workspace, exact=exact, progress=progress)
    return simulate_plan(loaded, planned, worlds=worlds, progress=progress)


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
    recipe: RecipeLike,
    workspace: str | Path = DEFAULT_WORKSPACE,
    *,
    memory: int | str | None = None,
    engine: Engine | None = None,
    progress: Progress = SILENT,
) -> Dataset:
    """Build the dataset. Sources that are to be generated must be: see `synthesize`.

    Parameters
    ----------
    memory
        Bytes to work in, or a text such as 2GB; half of what is free if not given. What does
        not fit goes through files. No row depends on it.
    engine
        Who carries out the parts of large steps: processes of this machine if not given, or
        `doitkit.core.cluster.RayEngine()`.
    """
    place = Workspace(Path(workspace))
    most = bytes_of(memory) if isinstance(memory, str) else memory
    with (
        place.locked("build"),
        open_turn(recipe, place, memory=most, engine=engine, progress=progress) as turn,
    ):
        return turn.dataset


def open_dataset(what: RecipeLike, workspace: str | Path = DEFAULT_WORKSPACE) -> Dataset:
    """Return a dataset that is built: that of a recipe, or that in a folder. Nothing is written.

    Raises
    ------
    UsageError
        If the recipe, as its files are now, is not built in the workspace.
    """
    if not isinstance(what, Recipe) and is_dataset(Path(what)):
        return open_folder(Path(what))
    recipe = what if isinstance(what, Recipe) else load_recipe(what)
    found = built(recipe, Workspace(Path(workspace)))
    if found is None:
        raise UsageError(
            f"the dataset of the recipe `{recipe.name}` is not built",
            where=workspace,
            why="no dataset there is of this recipe, with its files as they are now",
            next_step="run `doitkit build` first, name the workspace with --workspace, or give "
            "the folder of a dataset",
        )
    return found


def inspect(
    what: RecipeLike,
    workspace: str | Path = DEFAULT_WORKSPACE,
    *,
    rows: int = 2,
    ability: str | None = None,
    source: str | None = None,
) -> Inspection:
    """Return what there is to know of a dataset that is built. Nothing is written.

    Tokens are counted where a recipe is given whose base model's tokenizer is at hand.

    Parameters
    ----------
    what
        A recipe, or the folder of a dataset.
    rows
        How many rows of each ability and origin are among the samples.
    ability, source
        Look at the rows of these only.
    """
    given = what if isinstance(what, Recipe) or is_dataset(Path(what)) else load_recipe(what)
    dataset = open_dataset(given, workspace)
    counter = token_counter(given) if isinstance(given, Recipe) else None
    if counter is not None and not counter.exact:
        counter = None
    return inspect_dataset(dataset, rows=rows, ability=ability, source=source, counter=counter)


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
