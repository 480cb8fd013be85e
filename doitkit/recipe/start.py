"""Starting a project: a commented recipe and a few sample rows."""

import shutil
from pathlib import Path

from doitkit.core.errors import UsageError
from doitkit.core.resources import shipped_folder

RECIPE_FILE = "recipe.yaml"


def start_project(folder: Path) -> Path:
    """Copy the starter project into `folder` and return its recipe.

    Raises
    ------
    UsageError
        If there is a recipe already: nothing is overwritten.
    """
    target = folder / RECIPE_FILE
    if target.exists():
        raise UsageError(
            "there is a recipe already",
            where=target,
            next_step="name another folder, or edit that recipe",
        )
    try:
        shutil.copytree(shipped_folder("recipes") / "starter", folder, dirs_exist_ok=True)
    except OSError as error:
        raise UsageError(
            "the project cannot be written",
            where=folder,
            why=error.strerror or str(error),
            next_step="name another folder",
        ) from error
    return target
