"""The command that writes a mixture for those who train elsewhere: export."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from doitkit.cli.options import (
    DataOption,
    JsonOption,
    RecipeArgument,
    SetOption,
    WorkspaceOption,
    load,
)
from doitkit.core.errors import UsageError
from doitkit.core.workspace import DEFAULT_WORKSPACE

if TYPE_CHECKING:
    from doitkit.build import Dataset
    from doitkit.mix import Mixture
    from doitkit.recipe import Recipe

_TODAY = "today"


class Trainer(StrEnum):
    """Who trains."""

    axolotl = "axolotl"
    llama_factory = "llama-factory"
    trl = "trl"
    openai = "openai"


def export(
    recipe: RecipeArgument,
    to: Annotated[Trainer, typer.Option(help="Who trains.")],
    folder: Annotated[
        Path, typer.Option("--folder", "-f", help="A new folder, or one of an earlier export.")
    ],
    mixture: Annotated[
        str, typer.Option(help="`today`, or a mixture of the ladder, as `doitkit plan` names it.")
    ] = _TODAY,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    data: DataOption = None,
    settings: SetOption = None,
    json: JsonOption = False,
) -> None:
    """Write a mixture of a built dataset for Axolotl, LLaMA-Factory, TRL or OpenAI."""
    from doitkit import api
    from doitkit.cli import show
    from doitkit.train.export import export_mixture

    loaded = load(recipe, data, settings)
    dataset = api.open_dataset(loaded, workspace)
    wanted = _mixture(loaded, dataset, mixture)
    done = export_mixture(loaded, dataset, wanted, to.value, folder)
    if json:
        show.as_json(done.as_json())
        return
    show.text(f"{done.rows:,} rows of the mixture `{done.mixture}`: {done.folder}")
    for reason, n in done.rejected.items():
        show.text(f"left out: {n:,} rows: {reason}")
    show.text(f"how to train with them: {folder / 'README.txt'}")


def _mixture(recipe: "Recipe", dataset: "Dataset", name: str) -> "Mixture":
    from doitkit.mix import mixture_of
    from doitkit.plan import planned_mixtures

    if name == _TODAY:
        found = mixture_of(_TODAY, recipe.mixture, dataset.stock(recipe))
        if not found.total:
            raise UsageError(
                "the mixture of today is empty",
                where=recipe.place("mixture"),
                next_step="state `mixture:` in the recipe, or name a mixture of the ladder with "
                "--mixture",
            )
        return found
    _, rungs = planned_mixtures(recipe, dataset.stock(recipe))
    known = {rung.mixture.name: rung.mixture for rung in rungs}
    if name not in known:
        raise UsageError(
            f"the recipe has no mixture `{name}`",
            where=recipe.place("ladder"),
            next_step=f"one of: {', '.join([_TODAY, *known])}",
        )
    return known[name]
