"""Building: from a survey to a dataset on disk, named by its content."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from doitkit.build.dataset import ITEMS_FILE, MANIFEST_FILE, POOL_FILE, REJECTS_FILE, Dataset
from doitkit.core.arrow import frame_of, write_arrow
from doitkit.core.errors import PlanError
from doitkit.core.files import folder_written_aside, write_json
from doitkit.core.hashing import digest, digest_files
from doitkit.core.progress import SILENT, Progress
from doitkit.core.records import Record, Reject
from doitkit.core.tables import EVALUATION, POOL, REJECT
from doitkit.core.version import VERSION
from doitkit.core.workspace import Workspace
from doitkit.plan import Survey, inputs_of, inventory_of, make_plan, planned_mixtures, survey
from doitkit.recipe.model import Recipe

STEP_VERSION = 3


def build(
    recipe: Recipe,
    workspace: Workspace,
    *,
    generated: Mapping[str, Path] | None = None,
    progress: Progress = SILENT,
) -> Dataset:
    """Build the dataset of a recipe, or return the one that exists.

    The name of the dataset is the hash of the contents of its input files, of every part of
    the recipe that decides about rows, and of the version of this step. Equal inputs give
    byte-identical `pool.arrow`, `evaluation.arrow` and `rejects.arrow` on any machine.

    Parameters
    ----------
    generated
        Files of the synthesized sources, by source name.

    Raises
    ------
    SourceError, PlanError
        If the data are missing or do not suffice for the recipe's mixtures.
    """
    dataset = built_dataset(recipe, workspace, generated=generated)
    if dataset is not None:
        # The rows are as they were, but the recipe may ask for other mixtures of them by now.
        planned_mixtures(recipe, dataset.stock(recipe))
        return dataset
    found = survey(recipe, generated, progress)
    if found.pending:
        raise PlanError(
            f"the source `{next(iter(found.pending))}` is not generated yet",
            where=recipe.place("sources", next(iter(found.pending))),
            next_step="generate it first: `doitkit synth`",
        )
    make_plan(recipe, inventory_of(recipe, found))
    folder = workspace.datasets / build_key(recipe, generated or {})
    with folder_written_aside(folder) as aside:
        _write(aside, recipe, found)
    return Dataset(folder)


def built_dataset(
    recipe: Recipe, workspace: Workspace, *, generated: Mapping[str, Path] | None = None
) -> Dataset | None:
    """Return the dataset of a recipe, if it is built already."""
    folder = workspace.datasets / build_key(recipe, generated or {})
    return Dataset(folder) if (folder / MANIFEST_FILE).is_file() else None


def build_key(recipe: Recipe, generated: Mapping[str, Path]) -> str:
    """Return the content address of the dataset that `recipe` describes."""
    declared, contents = inputs_of(recipe)
    contents |= {name: digest_files([path]) for name, path in generated.items()}
    return digest([VERSION, STEP_VERSION, declared, contents])


def _write(folder: Path, recipe: Recipe, found: Survey) -> None:
    pool = [
        {**record.row(), "position": position}
        for records in found.cells.values()
        for position, record in enumerate(records)
    ]
    items = [
        _item_row(recipe, ability, record)
        for ability, records in found.items.items()
        for record in records
    ]
    rejects = [asdict(reject) for reject in _ordered([*found.rejects, *found.item_rejects])]
    write_arrow(folder / POOL_FILE, frame_of(pool, POOL), POOL)
    write_arrow(folder / ITEMS_FILE, frame_of(items, EVALUATION), EVALUATION)
    write_arrow(folder / REJECTS_FILE, frame_of(rejects, REJECT), REJECT)
    write_json(folder / MANIFEST_FILE, _manifest(folder, recipe, found))


def _item_row(recipe: Recipe, ability: str, record: Record) -> dict[str, Any]:
    declared = recipe.evaluation_sets()[ability]
    return {
        **record.row(),
        "origin": declared.origin,
        "task": ability,
        "choices": list(record.choices),
        "answer": record.answer,
        "metric": declared.metric,
    }


def _ordered(rejects: Iterable[Reject]) -> list[Reject]:
    return sorted(rejects, key=lambda r: (r.source, r.file, r.line, r.step, r.reason))


def _manifest(folder: Path, recipe: Recipe, found: Survey) -> dict[str, Any]:
    rejected: dict[str, dict[str, int]] = {}
    for reject in (*found.rejects, *found.item_rejects):
        by_step = rejected.setdefault(reject.source, {})
        by_step[reject.step] = by_step.get(reject.step, 0) + 1
    supply: dict[str, dict[str, int]] = {}
    for cell, n in found.supply.items():
        supply.setdefault(cell.ability, {})[cell.origin] = n
    return {
        "doitkit": VERSION,
        "recipe": recipe.name,
        "seed": recipe.seed,
        "rows_in": found.rows_in,
        "filtered_by_where": found.filtered,
        "rows_after": [{"step": step, "rows": rows} for step, rows in found.steps.items()],
        "rejects": rejected,
        "supply": supply,
        "evaluation_items": {ability: len(items) for ability, items in found.items.items()},
        "pairs": found.pairs,
        "licenses": _licenses(recipe),
        "files": {
            name: digest_files([folder / name]) for name in (POOL_FILE, ITEMS_FILE, REJECTS_FILE)
        },
    }


def _licenses(recipe: Recipe) -> dict[str, str | None]:
    return {name: source.license for name, source in recipe.sources.items()}
