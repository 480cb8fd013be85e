"""The commands about the records of runs: runs, track."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from doitkit.cli.options import (
    DataOption,
    JsonOption,
    QuietOption,
    SetOption,
    WorkspaceOption,
    existing,
)
from doitkit.core.errors import UsageError
from doitkit.core.workspace import DEFAULT_WORKSPACE, Workspace

if TYPE_CHECKING:
    from doitkit.recipe.training import Tracking

NamesArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[RUN]...",
        help="Mixtures, each with all its seeds, or the beginnings of run ids; all if not given.",
    ),
]
WhereOption = Annotated[
    str | None,
    typer.Option(metavar="SQL", help="Only runs for which it holds, such as 'train_loss < 2'."),
]
AbilityOption = Annotated[str | None, typer.Option(help="Only runs trained on rows of it.")]


class TableKind(StrEnum):
    """What a row of an exported table is about."""

    runs = "runs"
    cells = "cells"
    curves = "curves"


class TrackerName(StrEnum):
    """Where records can go."""

    mlflow = "mlflow"
    wandb = "wandb"
    trackio = "trackio"


def runs(
    names: NamesArgument = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    where: WhereOption = None,
    ability: AbilityOption = None,
    model: Annotated[str | None, typer.Option(help="Only runs of this base model.")] = None,
    method: Annotated[str | None, typer.Option(help="full, lora, qlora or none.")] = None,
    seed: Annotated[int | None, typer.Option(help="Only runs of this seed.")] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Show side by side in what the runs differ.")
    ] = False,
    failed: Annotated[
        bool, typer.Option("--failed", help="Show the runs that failed, and why.")
    ] = False,
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write a table: .parquet, .csv or .json."),
    ] = None,
    table: Annotated[
        TableKind,
        typer.Option(help="Rows of the table: runs, their abilities and origins, or loss curves."),
    ] = TableKind.runs,
    json: JsonOption = False,
) -> None:
    """List the finished runs of a workspace, or compare or export them."""
    from doitkit.cli import show, show_runs
    from doitkit.train import read_failures, read_runs
    from doitkit.train.records import (
        TABLES,
        RunFilter,
        compare_runs,
        matching,
        named_runs,
        write_table,
    )

    place = existing(workspace)
    failures = read_failures(place.runs)
    if failed:
        if json:
            from dataclasses import asdict

            show.as_json([asdict(failure) for failure in failures])
        else:
            show_runs.failures(failures)
        return
    every = sorted(
        read_runs(place.runs), key=lambda run: (run.base_model, run.rows, run.name, run.seed)
    )
    scores = _scores(place)
    wanted = RunFilter(where, ability, model, method, seed)
    found = matching(named_runs(every, names) if names else every, wanted, scores)
    if export is not None:
        write_table(TABLES[table](found, scores), export)
    if compare:
        compared = compare_runs(found, scores)
        if json:
            show.as_json(compared.as_json())
        else:
            show_runs.comparison(compared)
    elif json:
        show.as_json([run.as_json() for run in found])
    else:
        show_runs.runs(found, of=len(every))
    if json:
        return
    if export is not None:
        show.text(f"table of {table}: {export}")
    if failures:
        show.text(f"{len(failures)} more failed: `doitkit runs --failed` says why")


def track(
    names: NamesArgument = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    recipe: Annotated[
        str | None, typer.Option(help="Take `tracking` from this recipe, in place of --to.")
    ] = None,
    data: DataOption = None,
    settings: SetOption = None,
    to: Annotated[TrackerName | None, typer.Option(help="The tracker.")] = None,
    project: Annotated[
        str, typer.Option(help="Project, or experiment, of the tracker.")
    ] = "doitkit",
    uri: Annotated[str | None, typer.Option(help="Address of the tracker.")] = None,
    where: WhereOption = None,
    ability: AbilityOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Log the records of finished runs to MLflow, W&B or trackio; each run once."""
    from doitkit.cli import show
    from doitkit.cli.screen import screen
    from doitkit.train import read_runs
    from doitkit.train.records import RunFilter, matching, named_runs
    from doitkit.train.tracking import log_runs

    place = existing(workspace)
    tracking = _tracking(recipe, data, settings, to, project, uri)
    every = read_runs(place.runs)
    wanted = RunFilter(where=where, ability=ability)
    found = matching(named_runs(every, names) if names else every, wanted, _scores(place))
    logged = log_runs(found, tracking, place, progress=screen(quiet=quiet or json))
    if json:
        show.as_json(logged.as_json())
        return
    show.text(
        f"{len(logged.new)} runs logged to {tracking.to}, project {tracking.project}; "
        f"{len(logged.known)} were there already"
    )
    show.text(f"look at them: {logged.look}")


def _tracking(
    recipe: str | None,
    data: Path | None,
    settings: list[str] | None,
    to: TrackerName | None,
    project: str,
    uri: str | None,
) -> "Tracking":
    from doitkit.cli.options import load
    from doitkit.recipe.training import Tracking

    if recipe is not None:
        stated = load(recipe, data, settings).tracking
        if stated is None:
            raise UsageError(
                "the recipe does not say where the records of runs go",
                where=recipe,
                next_step="add `tracking: {to: ..., project: ...}`, or say --to",
            )
        return stated
    if to is None:
        raise UsageError(
            "no tracker is named",
            next_step="say --to mlflow, wandb or trackio, or --recipe RECIPE for one that has "
            "`tracking`",
        )
    return Tracking(to=to.value, project=project, uri=uri)


def _scores(place: Workspace) -> dict[str, dict[str, float]]:
    """Return the latest scores of every run that is scored."""
    from doitkit.core.arrow import read_arrow
    from doitkit.evaluate.runs import SCORES_FILE

    files = sorted(place.scores.glob(f"*/{SCORES_FILE}"), key=lambda file: file.stat().st_mtime)
    found: dict[str, dict[str, float]] = {}
    for file in files:
        scores = read_arrow(file, ["run_id", "ability", "value"])
        for run_id, ability, value in scores.iter_rows():
            found.setdefault(run_id, {})[ability] = value
    return found
