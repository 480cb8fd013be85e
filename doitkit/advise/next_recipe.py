"""The next recipe: the text of the last one with the advised mixture in it."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any

from doitkit.advise.recommendation import Recommendation
from doitkit.core.files import write_text
from doitkit.core.resources import shipped_folder
from doitkit.recipe import Recipe, recipe_from_text
from doitkit.recipe.edit import replace_block


def next_recipe_text(text: str, advice: Recommendation, settings: Sequence[str] = ()) -> str:
    """Return the recipe `text` with its `mixture` block replaced by the advised one.

    Every other line, comments included, stays as it was.

    Parameters
    ----------
    settings
        The `--set` values with which the runs were made: they are no part of the file, so the
        comment above the mixture names them.
    """
    bought = ", ".join(f"{p.rows:,} {p.cell}" for p in advice.purchases if p.rows) or "nothing"
    comment = (
        f"advised from {len(advice.fit.seen.runs)} runs: buy {bought} "
        f"for {advice.spent:,.6g} {advice.unit}"
    ) + "".join(f"; made with --set {shlex.quote(setting)}" for setting in settings)
    mixture: dict[str, Any] = {"counts": advice.plan.as_recipe()}
    if advice.plan.repeat_at_most > 1:
        mixture["repeat_at_most"] = advice.plan.repeat_at_most
    return replace_block(text, "mixture", mixture, comment)


def movable_text(recipe: Recipe, text: str) -> str:
    """Return `text` of a recipe so that what it extends is found from any folder.

    The next recipe lies beside the last one, except where that one ships with doitkit: then the
    recipes beside it are reached by their names.
    """
    shipped = shipped_folder("recipes").resolve()
    if recipe.extends is None or not recipe.file.is_relative_to(shipped):
        return text
    names = [recipe.extends] if isinstance(recipe.extends, str) else recipe.extends
    files = [recipe.file.parent / name for name in names]
    known = [
        str(file.resolve().relative_to(shipped).with_suffix("")) if file.is_file() else name
        for name, file in zip(names, files, strict=True)
    ]
    return replace_block(text, "extends", known[0] if len(known) == 1 else known)


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
    changed = next_recipe_text(movable_text(recipe, text), advice)
    recipe_from_text(changed, file, data_root=recipe.data_folder)
    write_text(file, changed)
    return file
