"""The schemas that `schemas/` holds: that of a recipe, for editors, and those of the tables."""

from pathlib import Path
from typing import Any

from doitkit.core.files import write_json
from doitkit.core.tables import TABLES, schema_as_json
from doitkit.recipe.model import Recipe

RECIPE = "recipe"


def schema_names() -> list[str]:
    """Return the names of all schemas."""
    return [RECIPE, *TABLES]


def schema_of(name: str) -> dict[str, Any]:
    """Return a schema: JSON Schema (draft 2020-12) for the recipe, columns for a table."""
    if name != RECIPE:
        return schema_as_json(TABLES[name])
    schema = Recipe.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "doitkit recipe"
    return schema


def schema_file(name: str) -> str:
    """Return the name of the file that holds a schema."""
    return f"{name}.schema.json" if name == RECIPE else f"{name}.table.json"


def write_schemas(folder: Path) -> None:
    """Write every schema into `folder`."""
    for name in schema_names():
        write_json(folder / schema_file(name), schema_of(name))
