"""The commands that look into built datasets and change nothing: inspect, diff."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from doitkit.cli.options import (
    DataOption,
    JsonOption,
    QuietOption,
    SetOption,
    WorkspaceOption,
    load,
)
from doitkit.core.workspace import DEFAULT_WORKSPACE, Workspace

if TYPE_CHECKING:
    from doitkit.recipe import Recipe

_WHICH = "A recipe that is built, or the folder of a dataset."


def inspect(
    which: Annotated[str, typer.Argument(metavar="RECIPE|FOLDER", help=_WHICH)],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    data: DataOption = None,
    settings: SetOption = None,
    rows: Annotated[
        int, typer.Option("--rows", min=0, help="Rows of each ability and origin to show.")
    ] = 2,
    ability: Annotated[str | None, typer.Option(help="Look at this ability only.")] = None,
    source: Annotated[str | None, typer.Option(help="Look at this source only.")] = None,
    rejects: Annotated[
        bool, typer.Option("--rejects", help="Show a row for every reason to leave rows out.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Show a built dataset: counts, lengths, the flow of rows, what was left out, samples."""
    from doitkit import api
    from doitkit.cli import show, show_dataset

    named = _named(which, data, settings)
    found = api.inspect(named, workspace, rows=rows, ability=ability, source=source)
    if json:
        show.as_json(found.as_json())
    else:
        show_dataset.inspection(found, rejects=rejects)


def diff(
    first: Annotated[str, typer.Argument(help="A recipe, or the folder of a dataset.")],
    second: Annotated[str, typer.Argument(help="What to compare it with.")],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    data: DataOption = None,
    built: Annotated[
        bool, typer.Option("--built", help="Compare the datasets of two recipes, not the plans.")
    ] = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show the plans of two recipes side by side, or two built datasets, and where they differ."""
    from doitkit.cli import show, show_dataset

    folders = [_is_dataset(name) for name in (first, second)]
    if not built and not any(folders):
        _plans(first, second, workspace, data, json=json, quiet=quiet)
        return
    from doitkit import api
    from doitkit.build import compare_datasets

    datasets = [api.open_dataset(_named(name, data, None), workspace) for name in (first, second)]
    found = replace(compare_datasets(*datasets), first=first, second=second)
    if json:
        show.as_json(found.as_json())
    else:
        show_dataset.difference(found)


def _plans(
    first: str, second: str, workspace: Path, data: Path | None, *, json: bool, quiet: bool
) -> None:
    from doitkit.cli import show, show_plan
    from doitkit.cli.screen import screen
    from doitkit.plan import compare
    from doitkit.preview import preview

    progress = screen(quiet=quiet or json)
    place = Workspace(workspace)
    plans = [preview(load(name, data, None), place, progress=progress) for name in (first, second)]
    found = compare(*plans)
    if found.first == found.second:
        found = replace(found, first=first, second=second)
    if json:
        show.as_json(found.as_json())
    else:
        show_plan.difference(found)


def _named(which: str, data: Path | None, settings: list[str] | None) -> "Path | Recipe":
    return Path(which) if _is_dataset(which) else load(which, data, settings)


def _is_dataset(which: str) -> bool:
    from doitkit.build.layout import MANIFEST_FILE

    return (Path(which) / MANIFEST_FILE).is_file()
