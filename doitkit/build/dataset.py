"""A built dataset on disk: a pool of records in nested order, of which mixtures are views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, cast

import polars as pl

from doitkit.build.declared import RECIPE_FILE, declared_recipe
from doitkit.build.export import export_parquet
from doitkit.build.layout import (
    EVALUATION_FOLDER,
    MANIFEST_FILE,
    PARQUET,
    REJECTS_FILE,
    TRAIN_FOLDER,
)
from doitkit.core.arrow import frame_of, write_arrow
from doitkit.core.errors import PlanError, UsageError
from doitkit.core.files import damaged, read_json
from doitkit.core.hashing import digest
from doitkit.core.origins import Cell, Origin
from doitkit.core.saved import read_saved
from doitkit.core.tables import COMPOSITION, POOL, RECORD
from doitkit.mix import Mixture, Stock
from doitkit.plan import stock_of
from doitkit.recipe.model import Recipe
from doitkit.survey.tokens import require_tokenizer, token_counter


@dataclass(frozen=True)
class Dataset:
    """A built dataset.

    The pool holds every curated record with its `position` in the nested order of its cell, so
    a mixture costs no copy: it is the rows with `position` below the mixture's count; where a
    mixture repeats rows, all of them, and then the first ones over again.
    """

    folder: Path

    @property
    def pool_id(self) -> str:
        """The content address of the build."""
        return self.folder.name

    @property
    def manifest(self) -> dict[str, Any]:
        """Counts per step and source, hashes of the files, and what made them."""
        return cast(dict[str, Any], read_json(self.folder / MANIFEST_FILE))

    @cached_property
    def recipe(self) -> Recipe:
        """The part of the recipe that decided about the rows; see `declared`."""
        file = self.folder / RECIPE_FILE
        if not file.is_file():
            raise damaged(file, "it is gone")
        return declared_recipe(file.read_text(encoding="utf-8"), file)

    def pool(self) -> pl.DataFrame:
        """Return every record, in the `POOL` schema."""
        return self._read(TRAIN_FOLDER)

    def items(self) -> pl.DataFrame:
        """Return the evaluation items of all abilities, in the `EVALUATION` schema."""
        return self._read(EVALUATION_FOLDER)

    def rejects(self) -> pl.DataFrame:
        """Return every row that was read and not kept, in the `REJECT` schema."""
        # Taken as it stands: a path with brackets is no pattern.
        return pl.read_parquet(self.folder / REJECTS_FILE, glob=False)

    def _read(self, split: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        # Not by Polars: it would take brackets in a path for a pattern, and read every column.
        frame = pl.from_arrow(read_saved(self.folder / split, columns))
        assert isinstance(frame, pl.DataFrame)
        return frame

    @property
    def supply(self) -> dict[Cell, int]:
        """Rows available per cell."""
        return {
            Cell(ability, cast(Origin, origin)): n
            for ability, origins in self.manifest["supply"].items()
            for origin, n in origins.items()
        }

    def rows_of(self, mixture: Mixture) -> pl.DataFrame:
        """Return the records of a mixture, in the `RECORD` schema, ordered by cell and position.

        Raises
        ------
        PlanError
            If the pool holds fewer rows of a cell than the mixture asks for.
        """
        return self._select(_by_cell(self.pool()), mixture).select(RECORD.names)

    def id_of(self, mixture: Mixture) -> str:
        """Return the dataset id of a mixture, reading only the columns that decide it."""
        return dataset_id(self._select(self._index, mixture))

    def stock(self, recipe: Recipe) -> Stock:
        """Return what mixtures are drawn from, at the recipe's prices."""

        @cache
        def lengths(cell: Cell) -> Sequence[int]:
            counter = require_tokenizer(recipe, token_counter(recipe))
            columns = ["ability", "origin", "position", "messages"]
            rows = _by_cell(self._read(TRAIN_FOLDER, columns)).get(cell)
            return [] if rows is None else counter.count(rows["messages"])

        return stock_of(recipe, self.supply, lengths)

    @cached_property
    def _index(self) -> dict[Cell, pl.DataFrame]:
        columns = ["ability", "origin", "id", "position"]
        return _by_cell(self._read(TRAIN_FOLDER, columns))

    def _select(self, pool: Mapping[Cell, pl.DataFrame], mixture: Mixture) -> pl.DataFrame:
        parts = []
        for cell, n in mixture.counts:
            held = pool.get(cell)
            height = 0 if held is None else held.height
            if held is None or height * mixture.repeat_at_most < n:
                raise PlanError(
                    f"the mixture `{mixture.name}` asks for more rows than were built",
                    where=f"{self.folder}: {cell}",
                    why=f"{n:,} rows wanted, {height:,} in the pool; what is advised may "
                    "not be there yet",
                    next_step="put the rows that are bought into a source of the recipe, and "
                    "build again",
                )
            laps, rest = divmod(n, height)
            parts += [held] * laps + [held.head(rest)]
        if parts:
            return pl.concat(parts)
        return next(iter(pool.values())).clear() if pool else frame_of([], POOL)

    def write_parquet(self, folder: str | Path) -> None:
        """Write both splits as Parquet files, with card and metadata, into a new folder.

        Raises
        ------
        UsageError
            If something else lies there.
        """
        export_parquet(self.folder, Path(folder))

    def write_mixture(self, mixture: Mixture, path: Path) -> str:
        """Write the records of a mixture as an Arrow file and return the dataset id."""
        rows = self.rows_of(mixture)
        write_arrow(path, rows, RECORD)
        return dataset_id(rows)


def is_dataset(folder: Path) -> bool:
    """Say whether a built dataset lies in a folder."""
    return (folder / MANIFEST_FILE).is_file()


def open_folder(folder: Path) -> Dataset:
    """Return the dataset that lies in a folder.

    Raises
    ------
    UsageError
        If it is a copy as Parquet, or of a version of doitkit that wrote datasets otherwise.
    """
    dataset = Dataset(folder)
    if any(folder.glob(PARQUET.files_of(TRAIN_FOLDER))):
        raise UsageError(
            "this is a copy of a dataset as Parquet",
            where=folder,
            next_step="name the folder that `doitkit build` named",
        )
    if "flow" not in dataset.manifest:
        raise UsageError(
            "this dataset was built by another version of doitkit",
            where=folder,
            next_step="build it again",
        )
    return dataset


def _by_cell(pool: pl.DataFrame) -> dict[Cell, pl.DataFrame]:
    """Return the rows of every cell, in their nested order."""
    parts = pool.partition_by("ability", "origin", as_dict=True)
    return {
        Cell(str(ability), cast(Origin, origin)): rows.sort("position")
        for (ability, origin), rows in parts.items()
    }


def dataset_id(rows: pl.DataFrame) -> str:
    """Return the id of a set of training rows: the hash of their ids and cells, in order."""
    return digest(rows.select("ability", "origin", "id").rows())


def compositions(
    rows: pl.DataFrame, tokens: Mapping[str, int] | None, epochs: float | None
) -> list[dict[str, Any]]:
    """Return the `COMPOSITION` rows of a set of training rows.

    Parameters
    ----------
    tokens
        Record id -> tokens, if they were counted. Rows that are not in it were left out of
        the training, and do not count as instances.
    """
    identity = dataset_id(rows)
    counted = rows.select("id", "ability", "origin", "source")
    result = []
    for key, part in counted.group_by("ability", "origin", "source", maintain_order=True):
        ability, origin, source = key
        counts = None if tokens is None else [tokens[i] for i in part["id"] if i in tokens]
        total = None if counts is None else sum(counts)
        instances = part.height if counts is None else len(counts)
        result.append(
            dict(
                zip(
                    COMPOSITION.names,
                    (identity, ability, origin, source, instances, total, epochs),
                    strict=True,
                )
            )
        )
    return result
