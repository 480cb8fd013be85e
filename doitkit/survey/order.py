"""The nested order of the rows that are left, cell by cell."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from doitkit.core.hashing import rank_keys
from doitkit.core.origins import Cell
from doitkit.mix import Strata, nested_places, paired_places
from doitkit.recipe.model import Recipe
from doitkit.survey.shards import Mask, RowNumbers, Shards

_NO_ROWS = np.zeros(0, dtype=np.uint32)


def ordered_cells(recipe: Recipe, shards: Shards, alive: Mask) -> dict[Cell, RowNumbers]:
    """Return the rows of each cell in their nested order, or in the paired one."""
    named = {cell: recipe.sources_of(cell) for cell in recipe.cells()}
    if not recipe.paired:
        return {cell: _nested(recipe, shards, alive, names) for cell, names in named.items()}
    ordered: dict[Cell, RowNumbers] = {}
    for ability in recipe.abilities:
        own = {
            cell: _prompts(shards, alive, names)
            for cell, names in named.items()
            if cell.ability == ability
        }
        places = paired_places(
            {cell: rows.select("id", "prompt_id").rows() for cell, rows in own.items()},
            recipe.seed,
        )
        ordered |= {cell: _numbers(rows)[places[cell]] for cell, rows in own.items()}
    return ordered


def prompts_of(recipe: Recipe, shards: Shards, alive: Mask, name: str) -> RowNumbers:
    """Return rows of a source in their order, one for each prompt that they answer."""
    rows = _prompts(shards, alive, [name])
    if recipe.paired:
        places = paired_places({name: rows.select("id", "prompt_id").rows()}, recipe.seed)[name]
    else:
        ordered = _nested(recipe, shards, alive, [name])
        places = np.searchsorted(_numbers(rows), ordered).tolist()
    return _numbers(rows[places].unique("prompt_id", keep="first", maintain_order=True))


def answered_by_all(recipe: Recipe, shards: Shards, alive: Mask) -> dict[str, int]:
    """Return the prompts of each ability of several origins that every one of them answers."""
    pairs: dict[str, int] = {}
    for ability in recipe.abilities:
        cells = [cell for cell in recipe.cells() if cell.ability == ability]
        if len(cells) < 2:
            continue
        named = [_prompts(shards, alive, recipe.sources_of(cell)) for cell in cells]
        common, *others = [rows["prompt_id"].unique() for rows in named]
        for prompts in others:
            common = common.filter(common.is_in(prompts.implode()))
        pairs[ability] = len(common)
    return pairs


def _nested(recipe: Recipe, shards: Shards, alive: Mask, names: Sequence[str]) -> RowNumbers:
    """Return the rows of some sources that are left, in their nested order."""
    numbers, rank = [_NO_ROWS], [rank_keys(recipe.seed, [])]
    for batch in shards.batches("id", of=names):
        here = np.flatnonzero(alive[batch.numbers])
        numbers.append((here + batch.first).astype(np.uint32))
        rank.append(rank_keys(recipe.seed, batch.rows["id"][here].to_list()))
    rows = np.concatenate(numbers)
    strata = {
        index: Strata(_codes(shards, rows, index), equal=source.shares == "equal")
        for index, source in enumerate(shards.sources)
        if source.name in names and source.shares is not None
    }
    weights = [recipe.sources[source.name].weight for source in shards.sources]
    return rows[nested_places(np.concatenate(rank), shards.source_of(rows), weights, strata)]


def _codes(shards: Shards, rows: RowNumbers, source: int) -> npt.NDArray[np.int64]:
    """Return a number for the stratum of each of `rows`; 0 for those of other sources."""
    first, end = shards.starts[source : source + 2]
    none = pl.Series([], dtype=pl.String)
    parts = [batch["stratum"] for batch in shards.sources[source].batches(["stratum"])]
    stratum = pl.concat([none, *parts])
    codes = np.zeros(len(rows), dtype=np.int64)
    low, high = np.searchsorted(rows, [first, end])
    held = stratum[rows[low:high] - first]
    codes[low:high] = held.rank("dense").fill_null(0).to_numpy()
    return codes


def _prompts(shards: Shards, alive: Mask, names: Sequence[str]) -> pl.DataFrame:
    """Return the rows of some sources that are left: `row`, `id` and `prompt_id`."""
    parts = [pl.DataFrame(schema={"row": pl.UInt32, "id": pl.String, "prompt_id": pl.String})]
    for batch in shards.batches("id", "prompt_id", of=names):
        rows = pl.int_range(batch.first, batch.numbers.stop, dtype=pl.UInt32).alias("row")
        here = batch.rows.select(rows, "id", "prompt_id")
        parts.append(here.filter(pl.Series(alive[batch.numbers])))
    return pl.concat(parts)


def _numbers(rows: pl.DataFrame) -> RowNumbers:
    return rows["row"].to_numpy()
