"""The inventory of a built dataset: exact counts, without reading a source again."""

from functools import cache
from typing import cast

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from doitkit.build.dataset import Dataset
from doitkit.build.layout import TRAIN_FOLDER
from doitkit.core.origins import Cell, Origin
from doitkit.core.saved import read_saved
from doitkit.plan import Inventory, SourceInventory, SourceOrder
from doitkit.plan.inventory import ROWS_FOR_TOKENS, Longest
from doitkit.recipe.model import Recipe
from doitkit.survey.tokens import TokenCounter, token_counter


def inventory_of_dataset(recipe: Recipe, dataset: Dataset) -> Inventory:
    """Return what a built dataset holds, as a plan counts it.

    The pool holds each cell's rows in one piece and in their nested order; of its columns only
    the source is read, and the messages of a few rows of each source.
    """
    manifest = dataset.manifest
    counter = token_counter(recipe)
    pool = read_saved(dataset.folder / TRAIN_FOLDER, ["ability", "origin", "source", "messages"])
    starts = _starts(pool)
    names, which = _encoded(pool["source"])
    steps = {step["step"]: step["rows"] for step in manifest["rows_after"]}

    @cache
    def order(cell: Cell) -> SourceOrder:
        start = starts.get(cell, 0)
        return SourceOrder(tuple(names), which[start : start + dataset.supply.get(cell, 0)])

    def source(name: str) -> SourceInventory:
        rows = np.flatnonzero(which == names.index(name)) if name in names else np.zeros(0, int)
        counts = _tokens(pool["messages"], rows[:ROWS_FOR_TOKENS], counter)
        return SourceInventory.of(
            manifest["rows_in"].get(name, 0),
            {step: left.get(name, 0) for step, left in steps.items()},
            len(rows),
            counts,
            exact=counter.exact,
            longest=Longest.of(recipe),
        )

    return Inventory(
        basis="built",
        sources={name: source(name) for name in recipe.sources},
        rows=dataset.supply,
        order=order,
        lengths=dataset.stock(recipe).tokens,
        items=manifest["evaluation_items"],
        pairs=manifest["pairs"],
        tokens_counted=counter.exact,
    )


def _starts(pool: pa.Table) -> dict[Cell, int]:
    """Return the row of the pool at which each cell begins."""
    abilities, ability = _encoded(pool["ability"])
    origins, origin = _encoded(pool["origin"])
    change = (np.diff(ability, prepend=-1) != 0) | (np.diff(origin, prepend=-1) != 0)
    return {
        Cell(abilities[ability[row]], cast(Origin, origins[origin[row]])): int(row)
        for row in np.flatnonzero(change)
    }


def _encoded(column: pa.ChunkedArray) -> tuple[list[str], npt.NDArray[np.integer]]:
    """Return the distinct texts of a column, and which of them stands in each row."""
    texts = pl.Series(column, dtype=pl.String)
    names = texts.unique().sort().to_list()
    which = texts.replace_strict(names, range(len(names)), return_dtype=pl.Int32)
    return names, which.to_numpy()


def _tokens(
    messages: pa.ChunkedArray, rows: npt.NDArray[np.integer], counter: TokenCounter
) -> list[int]:
    return counter.count([messages[int(row)].as_py() for row in rows])
