"""`extends`: the recipes that lie below a recipe, found, read and merged in their order.

Of several, the later one wins; the recipe itself wins over all of them.
"""

import os
from collections.abc import Iterable
from pathlib import Path as FilePath
from typing import Any

from doitkit.core.addresses import remote_address
from doitkit.core.resources import shipped_folder, shipped_names
from doitkit.recipe.diagnostics import Problem, did_you_mean, problem_at
from doitkit.recipe.document import MOST_PROBLEMS, MOST_VALUES, Document, Path, parse, value_at
from doitkit.recipe.file import MOST_BYTES, is_there, read_text
from doitkit.recipe.flaw import Flaw, shown
from doitkit.recipe.kinds import BLOCK
from doitkit.recipe.layers import overlaid

MOST_FILES = 50
_WHOLE: tuple[Path, ...] = (("mixture",),)
"""Half of one mixture and half of another is neither: a recipe that states one states all of it."""
MODEL_PATHS: tuple[Path, ...] = (
    ("train", "base_model"),
    ("generators", "*", "model"),
    ("ladder", "models", "*"),
    ("curate", "semantic", "model"),
)
"""Where a model is named: by its folder, or by a hub id."""
_PLACES: tuple[Path, ...] = (("data_root",), *MODEL_PATHS)
"""Where a path may stand that is read against the folder of its recipe."""


def with_extended(document: Document, file: FilePath) -> tuple[Document, list[Problem]]:
    """Return `document` laid over the recipes that it extends, and what is wrong with these.

    Parameters
    ----------
    file
        Where the document lies: its `extends` are read against that folder.
    """
    problems: list[Problem] = []
    chain = _Chain(problems)
    return chain.resolved(document, file, (_identity(file),)), problems


class _Chain:
    """Follows `extends` from file to file."""

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems
        self._files = 0
        self._bytes, self._values = MOST_BYTES, MOST_VALUES

    def resolved(self, document: Document, file: FilePath, way: tuple[str, ...]) -> Document:
        result: Document | None = None
        self._bytes -= len(document.text)
        self._values -= document.values
        for path, name in _extended(document):
            if len(self._problems) >= MOST_PROBLEMS:
                break
            base = self._base(document, file, way, path, name)
            if base is None:
                continue
            result = base if result is None else overlaid(result, base, _WHOLE)
        return document if result is None else overlaid(result, document, _WHOLE)

    def _base(
        self, document: Document, file: FilePath, way: tuple[str, ...], path: Path, name: str
    ) -> Document | None:
        base_file = _found(name, file.parent)
        if base_file is None:
            self._wrong(document, path, *_not_found(name, file.parent))
            return None
        self._files += 1
        here = _identity(base_file)
        if here in way or self._files > MOST_FILES:
            what = f"more than {MOST_FILES} recipes are extended"
            if here in way:
                names = " -> ".join(FilePath(part).name for part in (*way, here))
                what = f"recipes extend one another in a circle: {names}"
            self._wrong(document, path, "E114", what, "take one of them out of `extends`")
            return None
        called = _called(base_file, name, document.file)
        base = parse(read_text(base_file, called, max(0, self._bytes)), called, self._values)
        if base.flaws:
            self._problems += [problem_of(flaw) for flaw in base.flaws]
            document.texts.update(base.texts)
            return None
        if not isinstance(base.value, dict):
            what = f"the recipe must be {BLOCK}"
            step = "begin with `doitkit: 1`, then one key a line"
            document.texts.update(base.texts)
            self._problems.append(problem_at(base, (), "E122", what, step))
            return None
        base = self.resolved(base, base_file, (*way, here))
        # A step at a time: what lies further below was moved into this folder already.
        _move(base, base_file.parent, file.parent)
        return base

    def _wrong(self, document: Document, path: Path, code: str, what: str, step: str) -> None:
        self._problems.append(problem_at(document, path, code, what, step))


def problem_of(flaw: Flaw) -> Problem:
    """Return a flaw of the YAML as a problem of the recipe."""
    return Problem(flaw.code, flaw.position, flaw.what, flaw.next_step)


def _extended(document: Document) -> list[tuple[Path, str]]:
    value = document.value.get("extends") if isinstance(document.value, dict) else None
    if isinstance(value, str):
        return [(("extends",), value)]
    if isinstance(value, list):
        return [(("extends", i), name) for i, name in enumerate(value) if isinstance(name, str)]
    return []


def _found(name: str, folder: FilePath) -> FilePath | None:
    if not name.strip():
        return None
    shipped = shipped_folder("recipes") / f"{name}.yaml"
    for file in (folder / name, shipped):
        if is_there(file):
            return file
    return None


def _not_found(name: str, folder: FilePath) -> tuple[str, str, str]:
    within = (folder / name).parent
    beside = [os.path.relpath(file, folder) for file in _recipes_in(within)]
    known = [*beside, *shipped_names("recipes", ".yaml")]
    what = f"there is no recipe `{shown(name)}` to extend"
    return "E113", what, did_you_mean(name, known, "name a recipe file, relative to this one")


def _recipes_in(folder: FilePath) -> list[FilePath]:
    if not is_there(folder, folder=True):
        return []
    return [file for kind in ("*.yaml", "*.yml") for file in folder.glob(kind)]


def _called(base_file: FilePath, name: str, of: str) -> str:
    """Return what an extended file is called in messages: as the user would reach it."""
    if base_file.is_relative_to(shipped_folder("recipes")):
        return base_file.name
    return os.path.normpath(FilePath(of).parent / name)


def _identity(file: FilePath) -> str:
    return str(file.resolve())


def _move(document: Document, of: FilePath, to: FilePath) -> None:
    """Make paths that are read against the folder `of` hold when they are read against `to`."""
    shipped = shipped_folder("recipes")
    if of.resolve() == to.resolve() or of.resolve().is_relative_to(shipped.resolve()):
        return
    if "sources" in document.value:
        # Its files lie beside it unless it says otherwise; from here, that must be said.
        document.value.setdefault("data_root", ".")
    moved: set[tuple[int, str | int]] = set()
    for path in _places_in(document.value, _PLACES):
        holder, key = value_at(document.value, path[:-1]), path[-1]
        value = holder[key]
        # What an alias repeats is one value in two places.
        if not isinstance(value, str) or (id(holder), key) in moved:
            continue
        moved.add((id(holder), key))
        if path == ("data_root",) or _is_path(value, of):
            holder[key] = _relative(value, of, to)


def _is_path(value: str, folder: FilePath) -> bool:
    """Whether a model is named by its folder: a hub id looks like a path, and is none."""
    here = folder / value
    return value.startswith(".") or is_there(here) or is_there(here, folder=True)


def _relative(value: str, of: FilePath, to: FilePath) -> str:
    if value.startswith(("/", "${")) or remote_address(value) is not None:
        return value
    return os.path.relpath(of / value, to)


def _places_in(value: Any, patterns: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for pattern in patterns:
        places: list[Path] = [()]
        for part in pattern:
            holders = [(place, value_at(value, place)) for place in places]
            places = [
                (*place, key)
                for place, holder in holders
                if isinstance(holder, dict)
                for key in (holder if part == "*" else [part])
                if key in holder
            ]
        found += places
    return found
