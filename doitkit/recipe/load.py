"""From a recipe file to a checked `Recipe`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from doitkit.core.resources import shipped_folder, shipped_names
from doitkit.recipe.check import problems_of
from doitkit.recipe.diagnostics import Problem, did_you_mean, problem_at, recipe_error
from doitkit.recipe.document import Document, parse
from doitkit.recipe.environment import environment_problems
from doitkit.recipe.extends import problem_of, with_extended
from doitkit.recipe.file import find_recipe, read_text
from doitkit.recipe.flaw import shown
from doitkit.recipe.model import Recipe
from doitkit.recipe.settings import with_settings
from doitkit.recipe.violations import violations
from doitkit.recipe.warn import warnings_of


def load_recipe(
    path: str | Path, *, data_root: str | Path | None = None, settings: Sequence[str] = ()
) -> Recipe:
    """Load and check a recipe.

    Parameters
    ----------
    path
        A recipe file, or the name of a shipped recipe such as `demo`.
    data_root
        Folder of the data files, instead of the recipe's own `data_root`.
    settings
        Values laid over the recipe, such as `train.epochs=2`.

    Raises
    ------
    RecipeError
        Holding every problem found, each with code, file, line, column and next step.
    """
    file = find_recipe(path)
    return recipe_from_text(read_text(file), file, data_root=data_root, settings=settings)


def recipe_from_text(
    text: str,
    file: Path,
    *,
    data_root: str | Path | None = None,
    settings: Sequence[str] = (),
) -> Recipe:
    """Check recipe `text` as if it stood in `file`, against whose folder its paths are read."""
    document = parse(text, str(file))
    _require(document, [problem_of(flaw) for flaw in document.flaws])
    # What cannot be inherited makes everything else look wrong: these problems come by themselves.
    document, problems = with_extended(document, file)
    document = with_settings(document, settings)
    _require(document, problems + [problem_of(flaw) for flaw in document.flaws])
    problems = environment_problems(document, data_given=data_root is not None)
    value = _with_profile(document, problems)
    recipe: Recipe | None = None
    try:
        recipe = Recipe.model_validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        problems += violations(document, error)
    except ValueError as error:
        problems.append(problem_at(document, (), "E129", str(error), "use plain numbers and text"))
    _require(document, problems if recipe is None else [])
    assert recipe is not None
    recipe._file = file.resolve()
    recipe._text = text
    recipe._document = document
    recipe._settings = tuple(settings)
    recipe._data_root = data_root
    if not any(problem.code in ("E116", "E117") for problem in problems):
        problems += problems_of(recipe, document)
    _require(document, problems)
    recipe._warnings = tuple(warnings_of(recipe, document))
    return recipe


def _require(document: Document, problems: list[Problem]) -> None:
    if problems:
        raise recipe_error(document, problems)


def _with_profile(document: Document, problems: list[Problem]) -> Any:
    """Return the document's value, with the keys of the training profile as defaults."""
    value = document.value
    train = value.get("train") if isinstance(value, dict) else None
    name = train.get("profile") if isinstance(train, dict) else None
    if not isinstance(train, dict) or not isinstance(name, str):
        return value
    file = shipped_folder("backends") / f"{name}.yaml"
    known = shipped_names("backends", ".yaml")
    if name not in known:
        what = f"no backend profile is named `{shown(name)}`"
        step = did_you_mean(name, known)
        problems.append(problem_at(document, ("train", "profile"), "E144", what, step))
        return value
    profile = parse(file.read_text(encoding="utf-8"), str(file))
    return {**value, "train": {**profile.value, **train}}
