"""The part of a recipe that decides about rows, as a text that goes with a dataset.

What else a recipe says (mixtures, training, prices) is not in it, and neither is any folder or
address of the machine that built the dataset.
"""

from pathlib import Path
from typing import Any

from doitkit.core.addresses import remote_address
from doitkit.recipe.edit import as_yaml
from doitkit.recipe.load import recipe_from_text
from doitkit.recipe.model import Recipe

RECIPE_FILE = "recipe.yaml"

_HEAD = """\
# What decided about the rows of this dataset. To build it again: doitkit build recipe.yaml{data}
# Folders and addresses of the machine that built it are left out.
"""
_KEPT = {
    *("doitkit", "name", "description", "use", "seed", "data_root", "paired"),
    *("sources", "generators", "abilities", "curate"),
}
_PLACES = ("path", "model")
"""Keys under which a file or a folder may be named."""


def declared_text(recipe: Recipe) -> str:
    """Return the text of the recipe that goes with its dataset."""
    stated = recipe.model_dump(mode="json", exclude_unset=True, include=_KEPT)
    value = {"doitkit": recipe.doitkit, "name": recipe.name, "seed": recipe.seed, **stated}
    if not _means_the_same_anywhere(str(value.get("data_root", ""))):
        value.pop("data_root", None)
    for generator in value.get("generators", {}).values():
        generator.pop("base_url", None)
    head = _HEAD.format(data="" if "data_root" in value else " --data FOLDER")
    return head + as_yaml(_without_folders(value))


def declared_recipe(text: str, file: Path) -> Recipe:
    """Return the recipe that `declared_text` has written; its data need not be at hand."""
    return recipe_from_text(text, file, data_root=file.parent)


def _means_the_same_anywhere(data_root: str) -> bool:
    return data_root.startswith("${ENV:") or remote_address(data_root) is not None


def _without_folders(value: Any, key: str = "") -> Any:
    """Return a part of a recipe with the file's name alone where an absolute path stands."""
    if isinstance(value, dict):
        return {inner: _without_folders(part, inner) for inner, part in value.items()}
    if isinstance(value, list):
        return [_without_folders(part, key) for part in value]
    absolute = isinstance(value, str) and key in _PLACES and Path(value).is_absolute()
    return Path(value).name if absolute else value
