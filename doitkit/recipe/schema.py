"""The schemas that `schemas/` holds: that of a recipe, for editors, and those of the tables."""

from copy import deepcopy
from pathlib import Path
from typing import Any

from doitkit.core.files import write_json
from doitkit.core.tables import TABLES, schema_as_json
from doitkit.recipe.model import Recipe

RECIPE = "recipe"

Schema = dict[str, Any]

_SHOWN = ("description", "default", "examples")
_DEFINITIONS = "#/$defs/"
_LAYER = "Layer"
"""Prefix of the definitions for a recipe that extends another, of which any part may be missing."""


def schema_names() -> list[str]:
    """Return the names of all schemas."""
    return [RECIPE, *TABLES]


def schema_of(name: str) -> Schema:
    """Return a schema: JSON Schema (draft 2020-12) for the recipe, columns for a table.

    A recipe with `extends` may leave out what it inherits, and take keys away by leaving them
    empty; any other must be whole.
    """
    if name != RECIPE:
        return schema_as_json(TABLES[name])
    whole = Recipe.model_json_schema()
    definitions = {**whole.pop("$defs"), "Recipe": whole}
    for definition in definitions.values():
        _without_titles(definition)
    layers = {f"{_LAYER}{key}": _layer(value) for key, value in definitions.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "doitkit recipe",
        "type": "object",
        "if": {"required": ["extends"]},
        "then": {"$ref": f"#/$defs/{_LAYER}Recipe"},
        "else": {"$ref": "#/$defs/Recipe"},
        "$defs": {**definitions, **layers},
    }


def schema_file(name: str) -> str:
    """Return the name of the file that holds a schema."""
    return f"{name}.schema.json" if name == RECIPE else f"{name}.table.json"


def write_schemas(folder: Path) -> None:
    """Write every schema into `folder`."""
    for name in schema_names():
        write_json(folder / schema_file(name), schema_of(name))


def _without_titles(definition: Schema) -> None:
    """Drop pydantic's titles, which say a key's name again, in capitals."""
    for part in definition.get("properties", {}).values():
        part.pop("title", None)


def _layer(definition: Schema) -> Schema:
    """Return a definition of which every part may be missing, or empty."""
    layer: Schema = _renamed(deepcopy(definition))
    layer.pop("required", None)
    layer.pop("minProperties", None)
    properties: dict[str, Schema] = layer.get("properties", {})
    for key, part in properties.items():
        shown: Schema = {k: part.pop(k) for k in _SHOWN if k in part}
        properties[key] = {**shown, "anyOf": [part, {"type": "null"}]}
    return layer


def _renamed(part: Any) -> Any:
    """Return a part of a schema that leads to layers; where kinds overlap, any of them will do."""
    if isinstance(part, dict):
        return {"anyOf" if key == "oneOf" else key: _renamed(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_renamed(element) for element in part]
    is_link = isinstance(part, str) and part.startswith(_DEFINITIONS)
    return part.replace(_DEFINITIONS, f"{_DEFINITIONS}{_LAYER}") if is_link else part
