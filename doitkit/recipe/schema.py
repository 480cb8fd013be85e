"""The JSON Schema of a recipe, for editors."""

from typing import Any

from doitkit.recipe.model import Recipe

SCHEMA_NAME = "recipe.schema.json"


def recipe_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a recipe."""
    schema = Recipe.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "doitkit recipe"
    return schema
