"""The nested order of the rows that are left, cell by cell."""

import numpy as np
import polars as pl

from doitkit.core.origins import Cell
from doitkit.mix import nested_places, paired_places
from doitkit.recipe.model import Recipe
from doitkit.survey.shards import Mask, RowNumbers, Shards


def ordered_cells(recipe: Recipe, shards: Shards, alive: Mask) -> dict[Cell, RowNumbers]:
    """Return the rows of each cell in their nested order, or in the paired one."""
    named = _named(recipe, shards, alive)
    if not recipe.paired:
        return {cell: _nested(recipe, shards, rows) for cell, rows in named.items()}
    ordered: dict[Cell, RowNumbers] = {}
    for ability in recipe.abilities:
        own = {cell: rows for cell, rows in named.items() if cell.ability == ability}
        places = paired_places(
            {cell: rows.select("id", "prompt_id").rows() for cell, rows in own.items()},
            recipe.seed,
        )
        ordered |= {cell: _numbers(rows)[places[cell]] for cell, rows in own.items()}
    return ordered


def prompts_of(recipe: Recipe, shards: Shards, alive: Mask, name: str) -> RowNumbers:
    """Return rows of a source in their order, one for each prompt that they answer."""
    rows = _rows_of(shards, alive, [name])
    if recipe.paired:
        places = paired_places({name: rows.select("id", "prompt_id").rows()}, recipe.seed)[name]
    else:
        which = np.zeros(rows.height, dtype=np.int64)
        places = nested_places(rows["id"].to_list(), which, [1.0], recipe.seed).tolist()
    ordered = rows[places].unique("prompt_id", keep="first", maintain_order=True)
    return _numbers(ordered)


def answered_by_all(recipe: Recipe, shards: Shards, alive: Mask) -> dict[str, int]:
    """Return the prompts of each ability that every one of its origins answers."""
    named = _named(recipe, shards, alive)
    pairs: dict[str, int] = {}
    for ability in recipe.abilities:
        prompts = [
            rows["prompt_id"].unique() for cell, rows in named.items() if cell.ability == ability
        ]
        common = prompts[0]
        for others in prompts[1:]:
            common = common.filter(common.is_in(others.implode()))
        pairs[ability] = len(common)
    return pairs


def _nested(recipe: Recipe, shards: Shards, rows: pl.DataFrame) -> RowNumbers:
    numbers = _numbers(rows)
    weights = [recipe.sources[source.name].weight for source in shards.sources]
    which = shards.source_of(numbers)
    return numbers[nested_places(rows["id"].to_list(), which, weights, recipe.seed)]


def _named(recipe: Recipe, shards: Shards, alive: Mask) -> dict[Cell, pl.DataFrame]:
    """Return of each cell the rows that are left: `row`, `id` and `prompt_id`."""
    return {cell: _rows_of(shards, alive, recipe.sources_of(cell)) for cell in recipe.cells()}


def _rows_of(shards: Shards, alive: Mask, names: list[str]) -> pl.DataFrame:
    parts = [pl.DataFrame(schema={"row": pl.UInt32, "id": pl.String, "prompt_id": pl.String})]
    for batch in shards.batches("id", "prompt_id", of=names):
        rows = pl.int_range(batch.first, batch.numbers.stop, dtype=pl.UInt32).alias("row")
        here = batch.rows.select(rows, "id", "prompt_id")
        parts.append(here.filter(pl.Series(alive[batch.numbers])))
    return pl.concat(parts)


def _numbers(rows: pl.DataFrame) -> RowNumbers:
    return rows["row"].to_numpy()
