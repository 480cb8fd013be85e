"""The commands that read recipes and change nothing: validate, plan."""

from typing import TYPE_CHECKING, Annotated

import typer

from doitkit.cli.options import (
    DataOption,
    JsonOption,
    QuietOption,
    RecipeArgument,
    SetOption,
    WorkspaceOption,
    load,
)
from doitkit.core.errors import USAGE
from doitkit.core.workspace import DEFAULT_WORKSPACE, Workspace

if TYPE_CHECKING:
    from doitkit.recipe import Recipe

StrictOption = Annotated[
    bool, typer.Option("--strict", help="Fail (exit code 2) where there are warnings.")
]


def validate(
    recipe: RecipeArgument,
    data: DataOption = None,
    settings: SetOption = None,
    resolved: Annotated[
        bool,
        typer.Option("--resolved", help="Print the recipe with what it extends and sets in it."),
    ] = False,
    strict: StrictOption = False,
    json: JsonOption = False,
) -> None:
    """Check a recipe and show every problem at once. Reads no data."""
    from doitkit.cli import show
    from doitkit.recipe import ProblemsError

    try:
        loaded = load(recipe, data, settings)
    except ProblemsError as error:
        if not json:
            raise
        problems = [problem.as_json() for problem in error.problems]
        show.as_json({"valid": False, "problems": problems, "warnings": []})
        raise typer.Exit(error.exit_code) from error
    _validated(loaded, resolved=resolved, json=json)
    if strict and loaded.warnings:
        raise typer.Exit(USAGE)


def _validated(loaded: "Recipe", *, resolved: bool, json: bool) -> None:
    from doitkit.cli import show, show_plan
    from doitkit.recipe import dump_recipe

    if json:
        warnings = [warning.as_json() for warning in loaded.warnings]
        value = loaded.model_dump(mode="json")
        show.as_json({"valid": True, "problems": [], "warnings": warnings, "recipe": value})
        return
    show_plan.warnings(loaded.warnings, loaded.texts)
    if resolved:
        print(dump_recipe(loaded, resolved=True), end="")
        return
    found = f"abilities: {len(loaded.abilities)}, sources: {len(loaded.sources)}"
    warned = f", warnings: {len(loaded.warnings)}" if loaded.warnings else ""
    show.text(f"{loaded.name}: valid; {found}{warned}")


def plan(
    recipe: RecipeArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    data: DataOption = None,
    settings: SetOption = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Read every row of large sources, not a sample.")
    ] = False,
    simulate: Annotated[
        bool,
        typer.Option(
            "--simulate",
            help="Try the ladder in simulated worlds too, and say what it will resolve.",
        ),
    ] = False,
    worlds: Annotated[
        int, typer.Option(min=2, metavar="N", help="In how many, with --simulate.")
    ] = 20,
    strict: StrictOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show what a recipe would do, counted and priced. Writes and spends nothing."""
    from doitkit.cli import show, show_plan, show_resolution
    from doitkit.cli.screen import screen
    from doitkit.preview import preview

    loaded = load(recipe, data, settings)
    progress = screen(quiet=quiet or json)
    found = preview(loaded, Workspace(workspace), exact=exact, progress=progress)
    resolution = None
    if simulate:
        from doitkit.loop import simulate_plan

        resolution = simulate_plan(loaded, found, worlds=worlds, progress=progress)
    if json:
        simulated = {} if resolution is None else {"simulation": resolution.as_json()}
        show.as_json(found.as_json() | simulated)
    else:
        show_plan.plan(found)
        if resolution is not None:
            show_resolution.resolution(resolution)
    if strict and found.warnings:
        raise typer.Exit(USAGE)
