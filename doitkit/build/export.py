"""A dataset as Parquet, with its card and its Croissant metadata: a folder to hand on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import ipc, parquet

from doitkit.build.card import write_metadata
from doitkit.build.declared import RECIPE_FILE, declared_recipe
from doitkit.build.layout import (
    EVALUATION_FOLDER,
    MANIFEST_FILE,
    PARQUET,
    TRAIN_FOLDER,
)
from doitkit.build.seal import sealed, unsealed
from doitkit.core.errors import UsageError
from doitkit.core.files import folder_written_aside, read_json, write_json, write_text
from doitkit.core.saved import saved_shards

_ROWS_OF_A_GROUP = 65_536


def export_parquet(dataset: Path, target: Path) -> None:
    """Write the splits of a dataset as Parquet files, one for each of its shards.

    The rows that were left out do not go with them: what they hold may be the reason.

    Parameters
    ----------
    dataset
        The folder of a built dataset.
    target
        A new folder, or an empty one. Where the same dataset lies already, nothing is done.

    Raises
    ------
    UsageError
        If something else lies there.
    """
    manifest = unsealed(read_json(dataset / MANIFEST_FILE))
    if _is_there(target, manifest):
        return
    text = (dataset / RECIPE_FILE).read_text(encoding="utf-8")
    recipe = declared_recipe(text, dataset / RECIPE_FILE)
    with folder_written_aside(target) as aside:
        for split in (TRAIN_FOLDER, EVALUATION_FOLDER):
            shards = saved_shards(dataset / split)
            for index, shard in enumerate(shards):
                name = f"{split}-{index:05}-of-{len(shards):05}.parquet"
                _write(shard, aside / name)
        write_text(aside / RECIPE_FILE, text)
        write_metadata(aside, recipe, manifest, PARQUET, dataset)
        write_json(aside / MANIFEST_FILE, sealed(manifest, aside))


def _is_there(target: Path, manifest: Mapping[str, Any]) -> bool:
    if target.is_dir() and not any(target.iterdir()):
        target.rmdir()
    if not target.exists():
        return False
    file = target / MANIFEST_FILE
    if file.is_file() and unsealed(read_json(file)) == manifest:
        return True
    raise UsageError(
        "there is something already",
        where=target,
        why="the files of a dataset are written into a folder of their own",
        next_step="name a new folder",
    )


def _write(shard: Path, file: Path) -> None:
    with pa.memory_map(str(shard)) as stream:
        reader = ipc.open_stream(stream)
        with parquet.ParquetWriter(file, reader.schema, compression="zstd") as writer:
            batches: list[pa.RecordBatch] = []
            for batch in reader:
                batches.append(batch)
                if sum(held.num_rows for held in batches) >= _ROWS_OF_A_GROUP:
                    writer.write_table(pa.Table.from_batches(batches))
                    batches = []
            if batches:
                writer.write_table(pa.Table.from_batches(batches))
