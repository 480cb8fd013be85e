"""The arguments and options that many commands share, and the recipe that they name."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from doitkit.core.workspace import Workspace

if TYPE_CHECKING:
    from doitkit.recipe import Recipe

RecipeArgument = Annotated[
    str, typer.Argument(help="A recipe file, or the name of a shipped recipe.")
]
WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", "-w", help="Folder for everything that is built.")
]
DataOption = Annotated[
    Path | None, typer.Option("--data", help="Folder of the data files, over `data_root`.")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Lay a value over the recipe, such as train.epochs=2. May be given often.",
    ),
]


class Engine(StrEnum):
    """Who carries out a build."""

    local = "local"
    ray = "ray"


JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]


def load(recipe: str, data: Path | None, settings: list[str] | None) -> "Recipe":
    """Return the recipe that a command names."""
    from doitkit.recipe import load_recipe

    return load_recipe(recipe, data_root=data, settings=settings or ())


def existing(workspace: Path) -> Workspace:
    """Return the workspace in a folder.

    Raises
    ------
    UsageError
        If there is no such folder.
    """
    from doitkit.core.errors import UsageError

    if not workspace.is_dir():
        raise UsageError(
            "there is no workspace here",
            where=workspace,
            why="it is a file" if workspace.exists() else "there is no such folder",
            next_step="name the folder of one with --workspace",
        )
    return Workspace(workspace)
