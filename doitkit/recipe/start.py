"""Starting a project: a commented recipe and a few sample rows."""

import re
import shutil
from pathlib import Path

from doitkit.core.errors import UsageError
from doitkit.core.files import write_json, write_text
from doitkit.core.resources import shipped_folder
from doitkit.recipe.schema import RECIPE, schema_file, schema_of

RECIPE_FILE = "recipe.yaml"


def put_schema(folder: Path) -> None:
    """Write the JSON Schema of recipes into `folder`, where a recipe's first line names it."""
    write_json(folder / schema_file(RECIPE), schema_of(RECIPE))


def require_new(folder: Path) -> Path:
    """Return the path of the recipe that is to be written into `folder`.

    Raises
    ------
    UsageError
        If there is one already: nothing is overwritten.
    """
    target = folder / RECIPE_FILE
    if target.exists():
        raise UsageError(
            "there is a recipe already",
            where=target,
            next_step="name another folder, or edit that recipe",
        )
    return target


def start_project(folder: Path) -> Path:
    """Copy the starter project into `folder` and return its recipe.

    Raises
    ------
    UsageError
        If there is a recipe already: nothing is overwritten.
    """
    target = require_new(folder)
    try:
        shutil.copytree(shipped_folder("recipes") / "starter", folder, dirs_exist_ok=True)
        put_schema(folder)
        text = target.read_text(encoding="utf-8")
        write_text(target, re.sub(r"(?<=\$schema=)\S+", schema_file(RECIPE), text, count=1))
    except OSError as error:
        raise UsageError(
            "the project cannot be written",
            where=folder,
            why=error.strerror or str(error),
            next_step="name another folder",
        ) from error
    return target
