"""Building: from a survey to a dataset on disk, named by its content."""

import shutil
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from pyarrow import parquet

from doitkit.build.card import write_metadata
from doitkit.build.dataset import Dataset
from doitkit.build.declared import RECIPE_FILE, declared_text
from doitkit.build.flow import flow_of
from doitkit.build.gather import gathered
from doitkit.build.layout import (
    ARROW,
    EVALUATION_FOLDER,
    MANIFEST_FILE,
    REJECTS_FILE,
    TRAIN_FOLDER,
)
from doitkit.build.provenance import costs, personal, steps_used, versions
from doitkit.build.seal import sealed
from doitkit.core.arrow import frame_of
from doitkit.core.engine import Engine, SeveralProcesses
from doitkit.core.errors import PlanError
from doitkit.core.files import folder_written_aside, write_json, write_text
from doitkit.core.hashing import digest
from doitkit.core.memory import usual_memory
from doitkit.core.progress import SILENT, Progress
from doitkit.core.records import Record
from doitkit.core.saved import ROWS_OF_A_BATCH, SavedWriter, write_splits
from doitkit.core.store import Store
from doitkit.core.tables import EVALUATION, POOL, REJECT
from doitkit.core.version import VERSION
from doitkit.core.workspace import Workspace
from doitkit.plan import inventory_of, make_plan, planned_mixtures
from doitkit.recipe.model import Recipe
from doitkit.survey import Survey, alarms, contents_of, declared_of, survey
from doitkit.survey.curated import reject_frame

STEP_VERSION = 4


def build(
    recipe: Recipe,
    workspace: Workspace,
    *,
    generated: Mapping[str, Path] | None = None,
    memory: int | None = None,
    engine: Engine | None = None,
    progress: Progress = SILENT,
) -> Dataset:
    """Build the dataset of a recipe, or return the one that exists.

    The name of the dataset is the hash of the contents of its input files, of every part of
    the recipe that decides about rows, and of the version of this step. Equal inputs give
    byte-identical rows, items and rejects on any machine.

    Parameters
    ----------
    generated
        Files of the synthesized sources, by source name.
    memory
        Bytes to work in; half of what is free if not given. No row depends on it.
    engine
        Who carries out the parts of large steps; processes of this machine if not given.

    Raises
    ------
    SourceError, PlanError
        If the data are missing or do not suffice for the recipe's mixtures.
    """
    generated = generated or {}
    contents = contents_of(recipe, generated)
    folder = workspace.datasets / build_key(recipe, contents)
    if (folder / MANIFEST_FILE).is_file():
        # The rows are as they were, but the recipe may ask for other mixtures of them by now.
        planned_mixtures(recipe, Dataset(folder).stock(recipe))
        return Dataset(folder)
    memory = memory or usual_memory()
    found = survey(
        recipe,
        generated,
        progress,
        store=Store(workspace.steps),
        contents=contents,
        engine=engine or SeveralProcesses(workspace.log),
        memory=memory,
    )
    if found.pending:
        raise PlanError(
            f"the source `{next(iter(found.pending))}` is not generated yet",
            where=recipe.place("sources", next(iter(found.pending))),
            next_step="generate it first: `doitkit synth`",
        )
    make_plan(recipe, inventory_of(recipe, found))
    with folder_written_aside(folder, MANIFEST_FILE) as aside:
        _write(aside, found, memory)
    return Dataset(folder)


def built_dataset(
    recipe: Recipe, workspace: Workspace, *, generated: Mapping[str, Path] | None = None
) -> Dataset | None:
    """Return the dataset of a recipe, if it is built already."""
    folder = workspace.datasets / build_key(recipe, contents_of(recipe, generated or {}))
    return Dataset(folder) if (folder / MANIFEST_FILE).is_file() else None


def build_key(recipe: Recipe, contents: Mapping[str, str]) -> str:
    """Return the content address of the dataset that `recipe` describes.

    Parameters
    ----------
    contents
        The hash of the files of each source, as `contents_of` gives it.
    """
    # Who stays of equal rows, and how cells stand, goes by the order in which they are declared.
    order = [list(recipe.sources), list(recipe.abilities)]
    return digest([versions(STEP_VERSION), declared_of(recipe), order, dict(contents)])


def _write(folder: Path, found: Survey, memory: int) -> None:
    _write_pool(folder, found, memory)
    _write_items(folder, found)
    rejects = chain(found.reject_frames(), [reject_frame(found.item_rejects)])
    _write_parquet(folder / REJECTS_FILE, rejects, REJECT)
    write_splits(folder, [TRAIN_FOLDER, EVALUATION_FOLDER])
    write_text(folder / RECIPE_FILE, declared_text(found.recipe))
    manifest = _manifest(found)
    write_metadata(folder, found.recipe, manifest, ARROW)
    write_json(folder / MANIFEST_FILE, sealed(manifest, folder))


def _write_items(folder: Path, found: Survey) -> None:
    items = [
        _item_row(found.recipe, ability, record)
        for ability, records in found.items.items()
        for record in records
    ]
    frame = frame_of(items, EVALUATION)
    with SavedWriter(folder / EVALUATION_FOLDER, EVALUATION) as writer:
        for batch in frame.iter_slices(ROWS_OF_A_BATCH):
            writer.write(batch)


def _write_pool(folder: Path, found: Survey, memory: int) -> None:
    order = np.concatenate([np.zeros(0, dtype=np.uint32), *found.cells.values()])
    sizes = [len(rows) for rows in found.cells.values()]
    position = np.concatenate(
        [np.zeros(0, np.int32), *(np.arange(n, dtype=np.int32) for n in sizes)]
    )
    aside = folder / "aside"
    done = 0
    with SavedWriter(folder / TRAIN_FOLDER, POOL) as writer:
        for batch in gathered(found.training.shards, order, memory // 2, aside):
            here = position[done : done + batch.height]
            writer.write(batch.with_columns(pl.Series("position", here)))
            done += batch.height
    shutil.rmtree(aside, ignore_errors=True)


def _write_parquet(path: Path, frames: Iterable[pl.DataFrame], schema: pa.Schema) -> None:
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for frame in frames:
            writer.write_table(frame.select(schema.names).to_arrow().cast(schema))


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


def _manifest(found: Survey) -> dict[str, Any]:
    recipe = found.recipe
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
        "rejects": found.reject_counts,
        "dedup": found.training.verdicts[1].notes,
        "alarms": alarms(found),
        "supply": supply,
        "evaluation_items": {ability: len(items) for ability, items in found.items.items()},
        "pairs": found.pairs,
        "licenses": _licenses(recipe),
        "flow": [passage.as_json() for passage in flow_of(found)],
        "personal": personal(found),
        "versions": versions(STEP_VERSION),
        "steps": steps_used(found.store.used),
        "costs": costs(recipe, found.supply),
    }


def _licenses(recipe: Recipe) -> dict[str, str | None]:
    return {name: source.license for name, source in recipe.sources.items()}
