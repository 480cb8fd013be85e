"""The commands that carry out the flow: from synth to the report."""

from pathlib import Path
from typing import Annotated, Any

import typer

from doitkit.cli.options import (
    DataOption,
    Engine,
    JsonOption,
    QuietOption,
    RecipeArgument,
    SetOption,
    WorkspaceOption,
    load,
)
from doitkit.core.workspace import DEFAULT_WORKSPACE, Workspace


def synth(
    recipe: RecipeArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    data: DataOption = None,
    settings: SetOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Generate the sources that the recipe declares so. Only this and `loop` ask a generator."""
    from doitkit import api
    from doitkit.cli import show
    from doitkit.cli.screen import screen
    from doitkit.synth import spending_of

    loaded = load(recipe, data, settings)
    files = api.synthesize(loaded, workspace, progress=screen(quiet=quiet or json))
    spent = spending_of(Workspace(workspace))
    if json:
        show.as_json(
            {
                "files": {name: str(file) for name, file in files.items()},
                "requests": spent.requests,
                "usd": spent.usd,
            }
        )
        return
    show.table("generated sources", ["source", "file"], files.items())
    show.text(f"spent in this workspace so far: {spent.requests:,} requests, {spent.usd:,.4g} USD")


def build(
    recipe: RecipeArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    data: DataOption = None,
    settings: SetOption = None,
    export: Annotated[
        Path | None, typer.Option(help="Also write today's mixture as an Arrow file here.")
    ] = None,
    memory: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE",
            help="Work in so much memory, such as 2GB; half of what is free if not given.",
        ),
    ] = None,
    engine: Annotated[
        Engine,
        typer.Option(help="Who works: the processes of this machine, or a Ray cluster."),
    ] = Engine.local,
    ray_address: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Of a running Ray cluster, or `auto`.")
    ] = None,
    parquet: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Also write the dataset as Parquet files here."),
    ] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Build the dataset: read, curate, order, write as Arrow with a manifest and rejects."""
    from doitkit import api
    from doitkit.cli import show
    from doitkit.cli.screen import screen
    from doitkit.mix import mixture_of

    loaded = load(recipe, data, settings)
    cluster = None
    if engine is Engine.ray:
        from doitkit.core.cluster import RayEngine

        cluster = RayEngine(ray_address)
    dataset = api.build(
        loaded, workspace, memory=memory, engine=cluster, progress=screen(quiet=quiet or json)
    )
    if export is not None:
        today = mixture_of("today", loaded.mixture, dataset.stock(loaded))
        dataset.write_mixture(today, export)
    if parquet is not None:
        dataset.write_parquet(parquet)
    manifest = dataset.manifest
    if json:
        show.as_json({"folder": str(dataset.folder), "manifest": manifest})
        return
    show.rows(loaded.name, manifest)
    show.text(f"dataset: {dataset.folder}")
    if export is not None:
        show.text(f"today's mixture: {export}")
    if parquet is not None:
        show.text(f"as Parquet: {parquet}")


def train(
    recipe: RecipeArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    data: DataOption = None,
    settings: SetOption = None,
    first: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Train only the first N runs: plans time by them."),
    ] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Train the ladder. Finished runs are not repeated; a killed run resumes."""
    from doitkit import api
    from doitkit.cli import show
    from doitkit.cli.screen import screen

    loaded = load(recipe, data, settings)
    found = api.train(loaded, workspace, first=first, progress=screen(quiet=quiet or json))
    if json:
        show.as_json([run.as_json() for run in found])
    else:
        show.runs(found)


def evaluate(
    recipe: RecipeArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    data: DataOption = None,
    settings: SetOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Score the trained runs on every ability."""
    from doitkit import api
    from doitkit.cli import show
    from doitkit.cli.screen import screen
    from doitkit.train import read_runs

    loaded = load(recipe, data, settings)
    found = api.evaluate(loaded, workspace, progress=screen(quiet=quiet or json))
    if json:
        show.as_json([score.row() for score in found.scores])
        return
    names = {r.run_id: f"{r.name}, seed {r.seed}" for r in read_runs(Workspace(workspace).runs)}
    show.scores(found.scores, names)


def report(
    recipe: RecipeArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    data: DataOption = None,
    settings: SetOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write the HTML report of what is trained and scored. Trains nothing."""
    from doitkit import api
    from doitkit.cli import show
    from doitkit.cli.screen import screen

    loaded = load(recipe, data, settings)
    file = api.report(loaded, workspace, progress=screen(quiet=quiet or json))
    if json:
        show.as_json({"report": str(file)})
    else:
        show.text(str(file))


def loop(
    recipe: RecipeArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    data: DataOption = None,
    settings: SetOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Carry out the whole flow, and write the report and the next recipe."""
    from doitkit import api
    from doitkit.cli.screen import screen

    loaded = load(recipe, data, settings)
    state = api.loop(loaded, workspace, progress=screen(quiet=quiet or json))
    _show_state(state, json=json)


def demo(
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder",
            "-f",
            help="Where the demo works; `doitkit-demo`, or `doitkit-demo-fast`, if not given.",
        ),
    ] = None,
    fast: Annotated[
        bool, typer.Option("--fast", help="A much smaller one, to see that everything runs.")
    ] = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Run the whole flow on generated tasks and a tiny model, on this machine, right now."""
    from doitkit.cli.screen import screen
    from doitkit.demo import run_demo

    folder = folder or Path("doitkit-demo-fast" if fast else "doitkit-demo")
    state = run_demo(folder, fast=fast, progress=screen(quiet=quiet or json))
    _show_state(state, json=json)


def _show_state(state: Any, *, json: bool) -> None:
    from doitkit.cli import show

    if json:
        show.as_json(state.as_json())
        return
    show.recommendation(state.recommendation)
    if state.check is not None:
        show.check(state.check)
    show.text(f"report:      {state.report}")
    show.text(f"next recipe: {state.next_recipe}")
