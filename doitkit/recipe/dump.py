"""A recipe as text again: its own lines and comments, with what was changed in them."""

from typing import Any

from doitkit.recipe.edit import as_yaml, replace_block
from doitkit.recipe.load import recipe_from_text
from doitkit.recipe.model import Recipe


def dump_recipe(recipe: Recipe, *, resolved: bool = False) -> str:
    """Return the text of a recipe, which loads as the same recipe.

    A recipe that was loaded keeps its text, comments included; only blocks that were changed
    since (by `model_copy`, say) are written anew. `--set` values are not part of it.

    Parameters
    ----------
    resolved
        Write everything that the recipe says, what it extends and `--set` values included, and
        without comments.
    """
    if resolved or recipe.text is None:
        return as_yaml(_stated(recipe, without={"extends"} if resolved else set()))
    before = recipe_from_text(
        recipe.text, recipe.file, data_root=recipe.given_data_root, settings=recipe.settings
    )
    old, new = before.model_dump(mode="json"), recipe.model_dump(mode="json")
    stated = _stated(recipe, without=set())
    text = recipe.text
    for key, value in new.items():
        if value != old[key]:
            text = replace_block(text, key, stated.get(key, value))
    return text


def _stated(recipe: Recipe, without: set[str]) -> dict[str, Any]:
    stated = recipe.model_dump(mode="json", exclude_unset=True, exclude=without)
    return {"doitkit": recipe.doitkit, **stated}
