"""From a recipe file to a checked `Recipe`."""

import json
import os
import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from doitkit.core.errors import RecipeError
from doitkit.core.resources import shipped_folder, shipped_names
from doitkit.recipe.check import problems_of
from doitkit.recipe.diagnostics import Problem, did_you_mean, problem_at, recipe_error
from doitkit.recipe.document import Document, parse
from doitkit.recipe.explain import explain
from doitkit.recipe.model import Recipe

_MAX_BYTES = 4_000_000
_OF_THE_DEMO = ("demo-weak",)
_ENV = re.compile(r"\$\{ENV:([A-Za-z_][A-Za-z0-9_]*)\}")


def load_recipe(path: str | Path, *, data_root: str | Path | None = None) -> Recipe:
    """Load and check a recipe.

    Parameters
    ----------
    path
        A recipe file, or the name of a shipped recipe such as `demo`.
    data_root
        Folder of the data files, instead of the recipe's own `data_root`.

    Raises
    ------
    RecipeError
        Holding every problem found, each with file, line, column and next step.
    """
    file = find_recipe(path)
    return recipe_from_text(_read(file), file, data_root=data_root)


def recipe_from_text(text: str, file: Path, *, data_root: str | Path | None = None) -> Recipe:
    """Check recipe `text` as if it stood in `file`, against whose folder its paths are read."""
    document = parse(text, str(file))
    if document.flaws:
        raise recipe_error(
            document, [Problem(f.position, f.what, f.next_step) for f in document.flaws]
        )
    problems: list[Problem] = []
    value = _with_profile(document, problems)
    recipe: Recipe | None = None
    try:
        recipe = Recipe.model_validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        problems += explain(document, error)
    except ValueError as error:
        problems.append(problem_at(document, (), str(error), "use plain numbers and text"))
    root = data_root
    if recipe is not None:
        problems += problems_of(recipe, document)
        if root is None:
            root = _with_environment(document, recipe.data_root, problems)
    if problems or recipe is None:
        raise recipe_error(document, problems)
    recipe._file = file.resolve()
    recipe._data_root = Path(data_root) if data_root is not None else recipe.folder / (root or ".")
    return recipe


def find_recipe(path: str | Path) -> Path:
    """Return the file of a recipe given by path, or by the name of a shipped one."""
    file = Path(path)
    if file.is_file():
        return file
    shipped = shipped_folder("recipes")
    if file.suffix == "" and (shipped / f"{path}.yaml").is_file():
        return shipped / f"{path}.yaml"
    if file.is_dir():
        raise RecipeError(
            "this is a folder, not a recipe", where=file, next_step="name a file in it"
        )
    raise RecipeError(
        "the recipe does not exist",
        where=file,
        next_step=f"check the path, or use a shipped one: {', '.join(_offered())}",
    )


def _offered() -> list[str]:
    """Return the shipped recipes that stand by themselves, not as a part of a project."""
    names = shipped_names("recipes", ".yaml")
    return [name for name in names if "/" not in name and name not in _OF_THE_DEMO]


def _read(file: Path) -> str:
    size = file.stat().st_size
    if size > _MAX_BYTES:
        raise RecipeError(
            "the recipe is too large",
            where=file,
            why=f"{size:,} bytes; the limit is {_MAX_BYTES:,}",
            next_step="put data into data files and name them under `sources`",
        )
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise RecipeError(
            "the recipe is not UTF-8 text",
            where=f"{file}:{line}:{column}",
            why=f"the byte 0x{error.object[error.start]:02x} stands there",
            next_step="save it as UTF-8",
        ) from error
    except OSError as error:
        raise RecipeError(
            "the recipe cannot be read",
            where=file,
            why=error.strerror,
            next_step="check who may read it",
        ) from error


def _with_profile(document: Document, problems: list[Problem]) -> Any:
    """Return the document's value, with the keys of the training profile as defaults."""
    value = document.value
    train = value.get("train") if isinstance(value, dict) else None
    name = train.get("profile") if isinstance(train, dict) else None
    if not isinstance(train, dict) or not isinstance(name, str):
        return value
    file = shipped_folder("backends") / f"{name}.yaml"
    if not file.is_file() or "/" in name:
        problems.append(
            problem_at(
                document,
                ("train", "profile"),
                f"no backend profile is named `{name}`",
                did_you_mean(name, shipped_names("backends", ".yaml")),
            )
        )
        return value
    profile = parse(file.read_text(encoding="utf-8"), str(file))
    return {**value, "train": {**profile.value, **train}}


def _with_environment(document: Document, root: str, problems: list[Problem]) -> str:
    def replaced(match: re.Match[str]) -> str:
        found = os.environ.get(match[1])
        if found is None:
            problems.append(
                problem_at(
                    document,
                    ("data_root",),
                    f"the environment variable {match[1]} is not set",
                    f"export {match[1]}=FOLDER, or give --data FOLDER",
                )
            )
        return found or ""

    return _ENV.sub(replaced, root)
