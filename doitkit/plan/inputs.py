"""What decides about the rows of a recipe: the parts of it that do, and the contents of files."""

from typing import Any

from doitkit.core.hashing import digest_files
from doitkit.recipe.model import Recipe
from doitkit.source import source_files


def inputs_of(recipe: Recipe) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what `recipe` says about rows, and the hash of the files of each of its sources."""
    declared = recipe.model_dump(mode="json", include={"seed", "paired", "sources", "curate"})
    declared["abilities"] = {
        name: ability.model_dump(mode="json", exclude={"weight"})
        for name, ability in recipe.abilities.items()
    }
    files = source_files(recipe.file_sources(), recipe.data_folder)
    for name, evaluation_set in recipe.evaluation_sets().items():
        files |= source_files({f"{name}.evaluate": evaluation_set}, recipe.data_folder)
    return declared, {name: digest_files(paths) for name, paths in files.items()}
