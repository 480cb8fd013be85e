"""The commands. Each imports what it needs when it runs, so that `--help` answers at once."""

from pathlib import Path
from typing import Annotated

import typer

from doitkit.cli import backend, datasets, export, flow, recipes, runs, store
from doitkit.cli.explain import explain
from doitkit.cli.init import init
from doitkit.cli.options import (
    JsonOption,
    WorkspaceOption,
)
from doitkit.cli.recommend import recommend
from doitkit.core.workspace import DEFAULT_WORKSPACE

app = typer.Typer(
    name="doitkit",
    help="Decide what instruction data to buy next: build, train, score, fit growth, recommend.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from doitkit.core.version import VERSION

        print(f"doitkit {VERSION}")
        raise typer.Exit


@app.callback()
def root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Decide what instruction data to buy next."""


app.command()(init)
app.command()(recipes.validate)
app.command()(recipes.plan)
app.command()(flow.synth)
app.command()(flow.build)
app.command()(datasets.inspect)
app.command()(datasets.diff)
app.command()(flow.train)
app.command("eval")(flow.evaluate)
app.command()(recommend)
app.command()(flow.report)
app.command()(flow.loop)
app.command()(flow.demo)
app.command()(explain)


app.command()(runs.runs)
app.command()(runs.track)
app.command()(export.export)
app.add_typer(backend.app, name="backend")
app.command()(store.du)
app.command()(store.verify)
app.command()(store.gc)


@app.command()
def schema(
    what: Annotated[str, typer.Argument(help="`recipe`, or a table such as `score`.")] = "recipe",
    write: Annotated[
        Path | None, typer.Option(help="Write all schemas into this folder instead.")
    ] = None,
    _json: Annotated[
        bool, typer.Option("--json", help="Accepted everywhere; a schema is JSON anyway.")
    ] = False,
) -> None:
    """Print the JSON Schema of recipes, or the columns of a table."""
    from doitkit.cli import show
    from doitkit.core.errors import UsageError
    from doitkit.recipe.schema import schema_names, schema_of, write_schemas

    if write is not None:
        write_schemas(write)
        return
    if what not in schema_names():
        known = ", ".join(schema_names())
        raise UsageError(f"there is no schema `{what}`", next_step=f"one of: {known}")
    show.as_json(schema_of(what))


@app.command()
def doctor(workspace: WorkspaceOption = DEFAULT_WORKSPACE, json: JsonOption = False) -> None:
    """Say what this installation and this machine can do."""
    from dataclasses import asdict

    from doitkit.cli import show
    from doitkit.cli.doctor import findings

    found = findings(workspace)
    if json:
        show.as_json([asdict(finding) for finding in found])
    else:
        show.table("doitkit doctor", ["", "what", "finding", "next"], [f.row() for f in found])
    if any(finding.needed and not finding.good for finding in found):
        raise typer.Exit(1)
