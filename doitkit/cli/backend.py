"""The commands about training backends: list, install, check."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from doitkit.cli.options import JsonOption, QuietOption

if TYPE_CHECKING:
    from doitkit.train.axolotl.environment import Environment

app = typer.Typer(
    help="The programs that train: which there are, and what they need.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Installable(StrEnum):
    """A backend that lives in an environment of its own."""

    axolotl = "axolotl"


class With(StrEnum):
    """A program that installs packages."""

    uv = "uv"
    pip = "pip"


InstallableArgument = Annotated[Installable, typer.Argument(help="Which backend.")]


@app.command("list")
def list_backends(json: JsonOption = False) -> None:
    """List the backends, and whether each can train here."""
    from importlib.metadata import entry_points

    from doitkit.cli import show
    from doitkit.train.backend import GROUP

    names = sorted({point.name for point in entry_points(group=GROUP)})
    found = [{"backend": name, "state": _state(name)} for name in names]
    if json:
        show.as_json(found)
        return
    show.table("training backends", ["backend", "state"], [tuple(row.values()) for row in found])


@app.command()
def install(
    name: InstallableArgument,
    tool: Annotated[
        With | None,
        typer.Option("--with", help="Which program installs; uv if there is one, else pip."),
    ] = None,
    cpu: Annotated[
        bool, typer.Option("--cpu", help="For a machine without a GPU: torch first, without CUDA.")
    ] = False,
    extra: Annotated[
        list[str] | None,
        typer.Option(help="An optional part, such as deepspeed or ray. May be given often."),
    ] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Install the environment of a backend. It takes 3.7 GB of disk, and more with CUDA."""
    from doitkit.cli import show
    from doitkit.cli.screen import screen
    from doitkit.train.axolotl.environment import install as installed

    assert name is Installable.axolotl
    found = installed(
        None if tool is None else tool.value,
        cpu=cpu,
        extras=extra or (),
        progress=screen(quiet=quiet or json),
    )
    _show(found, json=json)
    if not json:
        show.text("check it: doitkit backend check axolotl")


@app.command()
def check(name: InstallableArgument, json: JsonOption = False, quiet: QuietOption = False) -> None:
    """Ask an installed backend whether it works, and whether it is the version that we know."""
    from doitkit.cli import show
    from doitkit.cli.screen import screen
    from doitkit.train.axolotl.environment import require_environment
    from doitkit.train.axolotl.validate import require_known_version

    assert name is Installable.axolotl
    found = require_environment()
    with screen(quiet=quiet or json).task("asking Axolotl for its fields"):
        keys = require_known_version(found)
    _show(found, json=json)
    if not json:
        show.text(f"it imports, and knows the {keys:,} keys that doitkit checks recipes by")


def _show(found: "Environment", *, json: bool) -> None:
    from doitkit.cli import show

    told = {
        "folder": str(found.folder),
        "torch": found.torch,
        "installed with": found.installer,
        "extras": ", ".join(found.extras) or "none",
    }
    if json:
        show.as_json(told)
    else:
        show.table("axolotl", ["", ""], list(told.items()))


def _state(name: str) -> str:
    from importlib.util import find_spec

    from doitkit.train.axolotl.environment import VERSION, find_environment

    if name == Installable.axolotl:
        found = find_environment()
        if found is None:
            return "not installed: doitkit backend install axolotl"
        return f"version {VERSION}, torch {found.torch}, in {found.folder}"
    if name == "embedded" and find_spec("torch") is None:
        return "not installed: pip install 'doitkit[train]'"
    return "in this environment"
