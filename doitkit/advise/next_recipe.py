"""The next recipe: the text of the last one with the advised mixture in it."""

from pathlib import Path

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


def write_next_recipe(recipe: Recipe, text: str, advice: Recommendation) -> Path:
    """Write the next recipe beside the last one, and check that it loads.

    Returns
    -------
    Path
        `NAME.next.yaml` in the recipe's folder.
    """
    file = recipe.folder / f"{recipe.name}.next.yaml"
    changed = next_recipe_text(text, advice)
    recipe_from_text(changed, file, data_root=recipe.data_folder)
    write_text(file, changed)
    return file
