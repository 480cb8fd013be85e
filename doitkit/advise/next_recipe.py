"""The next recipe: the text of the last one with the advised mixture in it."""

import re
from pathlib import Path, PurePath

from doitkit.advise.recommendation import Recommendation
from doitkit.core.files import write_text
from doitkit.recipe import Recipe, recipe_from_text
from doitkit.recipe.edit import replace_block


def next_recipe_text(text: str, advice: Recommendation) -> str:
    """Return the recipe `text` with its `mixture` block replaced by the advised one.

    Every other line, comments included, stays as it was.
    """
    bought = ", ".join(f"{p.rows:,} {p.cell}" for p in advice.purchases if p.rows) or "nothing"
    comment = (
        f"advised from {len(advice.fit.seen.runs)} runs: buy {bought} "
        f"for {advice.spent:,.6g} {advice.unit}"
    )
    return replace_block(text, "mixture", {"counts": advice.plan.as_recipe()}, comment)


def next_name(name: str) -> str:
    """Return the file name of the recipe that comes after the one named `name`."""
    path = PurePath(name)
    known = path.suffix in (".yaml", ".yml")
    stem, ending = (path.stem, path.suffix) if known else (name, ".yaml")
    before = re.fullmatch(r"(.+)\.next([1-9][0-9]*)?", stem, re.DOTALL)
    if before is None:
        return f"{stem}.next{ending}"
    return f"{before[1]}.next{int(before[2] or 1) + 1}{ending}"


def write_next_recipe(recipe: Recipe, text: str, advice: Recommendation) -> Path:
    """Write the next recipe into the folder of the last one, and check that it loads.

    Returns
    -------
    Path
        After `demo.yaml` comes `demo.next.yaml`, then `demo.next2.yaml`, and so on.
    """
    file = recipe.folder / next_name(recipe.file.name)
    changed = next_recipe_text(text, advice)
    recipe_from_text(changed, file, data_root=recipe.data_folder)
    write_text(file, changed)
    return file
