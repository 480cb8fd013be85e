"""Floor 1: what a team declares. `load_recipe` turns a YAML file into a checked `Recipe`."""

from doitkit.recipe.load import find_recipe, load_recipe, recipe_from_text
from doitkit.recipe.model import Recipe

__all__ = ["Recipe", "find_recipe", "load_recipe", "recipe_from_text"]
