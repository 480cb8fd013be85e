"""The command that says what to buy next: for a recipe, or for a user's own tables of runs."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from doitkit.cli.options import DataOption, JsonOption, QuietOption, SetOption, load
from doitkit.core.origins import ORIGINS, Origin
from doitkit.core.workspace import DEFAULT_WORKSPACE

if TYPE_CHECKING:
    from doitkit.advise.own_tables import OwnTables

_TABLES = "Your own tables, instead of a recipe"


def recommend(
    recipe: Annotated[
        str | None,
        typer.Argument(help="A recipe file, or the name of a shipped recipe; none with tables."),
    ] = None,
    workspace: Annotated[
        Path | None,
        typer.Option("--workspace", "-w", help="Folder for everything that is built."),
    ] = None,
    data: DataOption = None,
    settings: SetOption = None,
    compositions: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What each run was made of.", rich_help_panel=_TABLES),
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What each run reached.", rich_help_panel=_TABLES),
    ] = None,
    prices: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="YAML: what rows cost.", rich_help_panel=_TABLES),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(
            metavar="MONEY", help="What may be spent, such as 5000usd.", rich_help_panel=_TABLES
        ),
    ] = None,
    objective: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OUTCOME=WEIGHT",
            help="What to aim at; all outcomes alike if not given. May be given often.",
            rich_help_panel=_TABLES,
        ),
    ] = None,
    today: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="One row: what is held.", rich_help_panel=_TABLES),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(
            metavar="ORIGIN",
            help="The origin in whose rows others are expressed; human if not given.",
            rich_help_panel=_TABLES,
        ),
    ] = None,
    history: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="How the same abilities grew before, for other models. May be given often.",
            rich_help_panel=_TABLES,
        ),
    ] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Fit the growth laws and say what to buy next, and how sure that is.

    Of the runs of a recipe's workspace, or of tables: docs/own-tables.md says what they hold.
    """
    given = {
        "--compositions": compositions,
        "--scores": scores,
        "--prices": prices,
        "--budget": budget,
        "--objective": objective,
        "--today": today,
        "--reference": reference,
        "--history": history or None,
    }
    tables = [option for option, value in given.items() if value is not None]
    if recipe is not None:
        _require_none(tables)
        _of_recipe(recipe, workspace or DEFAULT_WORKSPACE, data, settings, json=json, quiet=quiet)
        return
    kept = {"--workspace": workspace, "--data": data, "--set": settings}
    _require_tables(compositions, scores, [name for name, value in kept.items() if value])
    assert compositions is not None
    assert scores is not None
    from doitkit.advise.own_tables import OwnTables

    _of_tables(
        OwnTables(
            compositions,
            scores,
            prices,
            budget,
            today,
            _objective(objective or []),
            _origin(reference or "human"),
            tuple(history or ()),
        ),
        json=json,
    )


def _of_recipe(
    recipe: str,
    workspace: Path,
    data: Path | None,
    settings: list[str] | None,
    *,
    json: bool,
    quiet: bool,
) -> None:
    from doitkit import api
    from doitkit.cli import show
    from doitkit.cli.screen import screen

    loaded = load(recipe, data, settings)
    found = api.recommend(loaded, workspace, progress=screen(quiet=quiet or json))
    if json:
        show.as_json(found.as_json())
    else:
        show.recommendation(found)


def _of_tables(asked: "OwnTables", *, json: bool) -> None:
    from doitkit.advise.mixture_advice import MixtureAdvice
    from doitkit.advise.own_tables import recommend_from_tables
    from doitkit.cli import show, show_mixture

    found = recommend_from_tables(asked)
    if json:
        show.as_json(found.as_json())
    elif isinstance(found, MixtureAdvice):
        show_mixture.mixture(found)
    else:
        show.recommendation(found)


def _require_none(tables: list[str]) -> None:
    from doitkit.core.errors import UsageError

    if tables:
        raise UsageError(
            "a recipe and tables of runs are both given",
            code="E411",
            where=", ".join(tables),
            why="the runs of a recipe are those of its workspace, its prices its own",
            next_step="leave out the recipe, or these options",
        )


def _require_tables(compositions: Path | None, scores: Path | None, kept: list[str]) -> None:
    from doitkit.core.errors import UsageError

    missing = [
        option
        for option, value in (("--compositions", compositions), ("--scores", scores))
        if value is None
    ]
    if len(missing) == 2:
        raise UsageError(
            "neither a recipe nor tables of runs are given",
            code="E411",
            where="doitkit recommend",
            next_step="name a recipe, or give --compositions FILE --scores FILE --prices FILE "
            "--budget 5000usd",
        )
    if missing:
        raise UsageError(
            "one of the two tables is missing",
            code="E411",
            where=missing[0],
            next_step=f"give {missing[0]} FILE, too",
        )
    if kept:
        raise UsageError(
            "tables of runs have no workspace and no recipe",
            code="E411",
            where=", ".join(kept),
            next_step="leave these options out, or name a recipe",
        )


def _objective(said: list[str]) -> dict[str, float]:
    from doitkit.core.errors import UsageError

    found: dict[str, float] = {}
    for part in (part.strip() for whole in said for part in whole.split(",")):
        name, equals, number = part.rpartition("=")
        name, number = (name.strip(), number) if equals else (part, "1")
        try:
            weight = float(number)
        except ValueError:
            weight = math.nan
        if not name or not math.isfinite(weight) or weight <= 0:
            raise UsageError(
                f"`{part[:60]}` is no outcome with a weight",
                code="E408",
                where="--objective",
                next_step="write OUTCOME=WEIGHT, such as --objective code=2, the weight above 0",
            )
        found[name] = weight
    return found


def _origin(said: str) -> Origin:
    from doitkit.core.errors import UsageError

    for origin in ORIGINS:
        if said == origin:
            return origin
    raise UsageError(
        f"`{said[:40]}` is no origin",
        code="E411",
        where="--reference",
        next_step=f"say one of {', '.join(ORIGINS)}",
    )
