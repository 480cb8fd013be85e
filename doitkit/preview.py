"""The plan of a recipe in a workspace: what there is, what is done already, what is left."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from doitkit.build import Dataset, built_dataset, inventory_of_dataset
from doitkit.core.errors import DoitkitError
from doitkit.core.progress import SILENT, Progress
from doitkit.core.workspace import Workspace
from doitkit.mix import Rung
from doitkit.plan import (
    Inventory,
    Plan,
    Speed,
    Stored,
    inventory_of,
    make_plan,
    planned_mixtures,
)
from doitkit.recipe import Recipe
from doitkit.source import source_files
from doitkit.survey import survey
from doitkit.synth import answered, generated_sources, spending_of
from doitkit.train import finished_run_keys, timed_speeds

_MOST_BYTES = 32 << 20
"""What is read to its last row for a plan; of more, a sample is drawn."""
_ROWS_OF_A_SAMPLE = 2_000


def preview(
    recipe: Recipe,
    workspace: Workspace,
    *,
    exact: bool = False,
    progress: Progress = SILENT,
) -> Plan:
    """Return the plan of a recipe. Nothing is written or spent.

    Counts are those of the built dataset where there is one. Else the sources are read; where
    they are large, a sample of each is, and the counts are estimates.

    Parameters
    ----------
    exact
        Read every row, however many there are.
    """
    generated = _generated(recipe, workspace)
    dataset = _built(recipe, workspace, generated)
    inventory: Inventory
    if dataset is not None:
        inventory = inventory_of_dataset(recipe, dataset)
    else:
        most = None if exact or _size(recipe) <= _MOST_BYTES else _ROWS_OF_A_SAMPLE
        inventory = inventory_of(recipe, survey(recipe, generated, progress, most=most))
    speeds: dict[str, Speed] = {}
    if recipe.train is not None and workspace.runs.is_dir():
        speeds = timed_speeds(workspace, recipe.train)
    mixtures = planned_mixtures(recipe, inventory.stock(recipe))
    stored = _stored(recipe, workspace, dataset, inventory, mixtures[1])
    return make_plan(recipe, inventory, mixtures=mixtures, stored=stored, speeds=speeds)


def built(recipe: Recipe, workspace: Workspace) -> Dataset | None:
    """Return the dataset of a recipe, as its files are now, if it is built in a workspace."""
    return _built(recipe, workspace, _generated(recipe, workspace))


def _built(recipe: Recipe, workspace: Workspace, generated: Mapping[str, Path]) -> Dataset | None:
    pending = recipe.synthesized_sources().keys() - generated.keys()
    if pending or not workspace.datasets.is_dir():
        return None
    return built_dataset(recipe, workspace, generated=generated)


def _generated(recipe: Recipe, workspace: Workspace) -> dict[str, Path]:
    try:
        return generated_sources(recipe, workspace) if workspace.synth.is_dir() else {}
    except DoitkitError:
        # Where the generator is not at hand, nobody can tell whose answers these are.
        return {}


def _size(recipe: Recipe) -> int:
    """Return the bytes of the sources' files, packed ones reckoned at four times their size."""
    files = source_files(recipe.file_sources(), recipe.data_folder)
    return sum(
        file.stat().st_size * (4 if file.suffix in (".gz", ".zst", ".parquet") else 1)
        for found in files.values()
        for file in found
    )


def _stored(
    recipe: Recipe,
    workspace: Workspace,
    dataset: Dataset | None,
    inventory: Inventory,
    rungs: tuple[Rung, ...],
) -> Stored:
    if not workspace.root.is_dir():
        return Stored()
    spent = spending_of(workspace)
    answers: dict[str, int] = {}
    if inventory.pending and inventory.basis == "read":
        answers = answered(recipe, workspace, inventory.prompts)
    runs: frozenset[tuple[str, str, int]] = frozenset()
    if dataset is not None and recipe.train is not None and workspace.runs.is_dir():
        # Where the base model is not at hand, nobody can tell whose runs these are.
        with suppress(DoitkitError):
            runs = finished_run_keys(recipe, dataset, rungs, workspace)
    return Stored(dataset is not None, runs, answers, spent.usd, spent.requests)
