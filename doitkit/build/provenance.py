"""What a dataset was made by and at what price: versions of the code, steps, stated costs.

Nothing of the machine is in it: the same recipe over the same files gives the same answer
everywhere.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from doitkit.core.origins import Cell
from doitkit.core.version import VERSION
from doitkit.recipe.model import Recipe
from doitkit.survey import Survey, contamination, duplicates, read, sift
from doitkit.survey.curated import STEPS

_CODE = {
    "read": read.VERSION,
    "filter": sift.VERSION,
    "dedup": duplicates.VERSION,
    "decontaminate": contamination.VERSION,
}


def versions(build: int) -> dict[str, Any]:
    """Return the version of doitkit, and that of every step; `build` is that of the last one."""
    return {"doitkit": VERSION, "steps": {**_CODE, "build": build}}


def steps_used(folders: Iterable[Path]) -> dict[str, list[str]]:
    """Return the addresses of the steps that a dataset stands on, by kind.

    Counts of tokens are none of them: rows are counted where a plan asks for it.
    """
    used: dict[str, list[str]] = {kind: [] for kind in ("read", *STEPS)}
    for folder in folders:
        if folder.parent.name in used:
            used[folder.parent.name].append(folder.name)
    return {kind: sorted(addresses) for kind, addresses in used.items()}


def costs(recipe: Recipe, supply: Mapping[Cell, int]) -> dict[str, Any]:
    """Return what the rows of each cell cost at the recipe's prices.

    Where a price goes by tokens, `total` is None: how many there are depends on a tokenizer.
    """
    unit = recipe.advise.unit if recipe.advise is not None else "money"
    cells = []
    for cell, rows in supply.items():
        price = recipe.prices.of(cell)
        if price is not None:
            total = None if price.per_row is None else round(rows * price.per_row, 6)
            stated = price.model_dump(mode="json", include={"per_row", "per_1k_tokens"})
            cells.append({**cell._asdict(), "rows": rows, **stated, "total": total})
    return {"unit": unit, "cells": cells}


def personal(found: Survey) -> dict[str, dict[str, int]]:
    """Return the rows that were read of each source that hold personal data, by kind."""
    notes = found.training.verdicts[0].notes | found.lending.verdicts[0].notes
    held = {
        source: {kind: n for kind, n in said.get("personal", {}).items() if n}
        for source, said in notes.items()
    }
    return {source: kinds for source, kinds in held.items() if kinds}
