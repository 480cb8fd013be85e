"""A built dataset on disk: a pool of records in nested order, of which mixtures are views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, cast

import polars as pl

from doitkit.core.arrow import frame_of, read_arrow, write_arrow
from doitkit.core.errors import PlanError
from doitkit.core.files import read_json
from doitkit.core.hashing import digest
from doitkit.core.origins import Cell, Origin
from doitkit.core.tables import COMPOSITION, POOL, RECORD
from doitkit.mix import Mixture, Stock
from doitkit.plan import stock_of
from doitkit.plan.tokens import require_tokenizer, token_counter
from doitkit.recipe.model import Recipe

POOL_FILE = "pool.arrow"
ITEMS_FILE = "evaluation.arrow"
REJECTS_FILE = "rejects.arrow"
MANIFEST_FILE = "manifest.json"


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

    def pool(self) -> pl.DataFrame:
        """Return every record, in the `POOL` schema."""
        return read_arrow(self.folder / POOL_FILE)

    def items(self) -> pl.DataFrame:
        """Return the evaluation items of all abilities, in the `EVALUATION` schema."""
        return read_arrow(self.folder / ITEMS_FILE)

    def rejects(self) -> pl.DataFrame:
        """Return every row that was read and not kept, in the `REJECT` schema."""
        return read_arrow(self.folder / REJECTS_FILE)

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
            rows = _by_cell(read_arrow(self.folder / POOL_FILE, columns)).get(cell)
            return [] if rows is None else counter.count(rows["messages"])

        return stock_of(recipe, self.supply, lengths)

    @cached_property
    def _index(self) -> dict[Cell, pl.DataFrame]:
        columns = ["ability", "origin", "id", "position"]
        return _by_cell(read_arrow(self.folder / POOL_FILE, columns))

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

    def write_mixture(self, mixture: Mixture, path: Path) -> str:
        """Write the records of a mixture as an Arrow file and return the dataset id."""
        rows = self.rows_of(mixture)
        write_arrow(path, rows, RECORD)
        return dataset_id(rows)


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
