"""What decides about the rows of a recipe: the parts of it that do, and the contents of files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from doitkit.core.hashing import digest_files
from doitkit.recipe.data import Rows
from doitkit.recipe.model import Recipe
from doitkit.source import source_files
from doitkit.survey.items import items_name


def declared_of(recipe: Recipe) -> dict[str, Any]:
    """Return what `recipe` says about rows."""
    declared = recipe.model_dump(mode="json", include={"seed", "paired", "sources", "curate"})
    declared["abilities"] = {
        name: ability.model_dump(mode="json", exclude={"weight"})
        for name, ability in recipe.abilities.items()
    }
    return declared


def contents_of(recipe: Recipe, generated: Mapping[str, Path]) -> dict[str, str]:
    """Return the hash of the files of each source, set of items, and further set."""
    read: dict[str, Rows] = dict(recipe.file_sources())
    read |= {items_name(name): items for name, items in recipe.evaluation_sets().items()}
    read |= {f"{name}.against": rows for name, rows in recipe.curate.against.items()}
    files = source_files(read, recipe.data_folder)
    contents = {name: digest_files(paths) for name, paths in files.items()}
    return contents | {name: digest_files([path]) for name, path in generated.items()}
