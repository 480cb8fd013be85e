"""Floor 1: what a team declares. `load_recipe` turns a YAML file into a checked `Recipe`."""

from doitkit.recipe.diagnostics import Problem, ProblemsError
from doitkit.recipe.dump import dump_recipe
from doitkit.recipe.file import find_recipe
from doitkit.recipe.load import load_recipe, recipe_from_text
from doitkit.recipe.model import Recipe

__all__ = [
    "Problem",
    "ProblemsError",
    "Recipe",
    "dump_recipe",
    "find_recipe",
    "load_recipe",
    "recipe_from_text",
]
