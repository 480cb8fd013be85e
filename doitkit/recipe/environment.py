"""`${ENV:NAME}`: where a recipe may leave something to the machine it is used on.

Only where the value decides about no row and lands in no manifest: the same recipe must build
the same data everywhere. The recipe keeps the words as they stand; they are replaced where the
value is used.
"""

import os
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from doitkit.core.errors import UsageError
from doitkit.recipe.diagnostics import Found, Problem, problem_at
from doitkit.recipe.document import MOST_PROBLEMS, Document, Path
from doitkit.recipe.extends import MODEL_PATHS
from doitkit.recipe.flaw import shown

ALLOWED: tuple[Path, ...] = (
    ("data_root",),
    ("generators", "*", "base_url"),
    ("tracking", "uri"),
)
_ENV = re.compile(r"\$\{ENV:([A-Za-z_][A-Za-z0-9_]*)\}")
_NEARLY = re.compile(r"\$\{ENV\b[^}]*\}?", re.IGNORECASE)
_AS_ELSEWHERE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?|~[^/]*(?=/|\Z)|%([A-Za-z_]\w*)%")


def from_environment(text: str) -> str:
    """Return `text` with every `${ENV:NAME}` replaced.

    Raises
    ------
    UsageError
        If a variable is not set.
    """

    def value(match: re.Match[str]) -> str:
        found = os.environ.get(match[1])
        if found is None:
            raise UsageError(
                f"the environment variable {match[1]} is not set",
                code="E116",
                where=text,
                next_step=f"export {match[1]}=...",
            )
        return found

    return _ENV.sub(value, text)


def environment_problems(document: Document, *, data_given: bool) -> list[Problem]:
    """Return what is wrong with the variables that a recipe names.

    Parameters
    ----------
    data_given
        Whether the folder of the data is given from outside, so that `data_root` is not used.
    """
    found = _found(document.value, data_given=data_given)
    return [problem_at(document, *problem) for problem in islice(found, MOST_PROBLEMS)]


def _found(value: Any, *, data_given: bool) -> Found:
    for path, text in _texts(value, ()):
        names = dict.fromkeys(_ENV.findall(text))
        allowed = any(_matches(path, pattern) for pattern in ALLOWED)
        is_path = allowed or any(_matches(path, pattern) for pattern in MODEL_PATHS)
        other = _in_another_spelling(_ENV.sub("", text), is_path=is_path, allowed=allowed)
        if other is not None:
            yield path, "E117", *other
        elif names and not allowed:
            places = ", ".join("`" + ".".join(map(str, place)) + "`" for place in ALLOWED)
            what = "an environment variable may not stand here"
            yield path, "E115", what, f"write the value out; variables may stand in {places}"
        elif path == ("data_root",) and data_given:
            continue
        else:
            for name in names:
                if name not in os.environ:
                    what = f"the environment variable {shown(name)} is not set"
                    step = f"export {shown(name)}=..."
                    if path == ("data_root",):
                        step = f"export {shown(name)}=FOLDER, or give --data FOLDER"
                    yield path, "E116", what, step


def _in_another_spelling(text: str, *, is_path: bool, allowed: bool) -> tuple[str, str] | None:
    """Return what is wrong where a variable seems to be meant, but is not written so."""
    near = _NEARLY.search(text)
    if near is not None:
        what = f"`{shown(near[0])}` is not how a variable is written"
        return what, "write `${ENV:NAME}`, in capitals and without spaces"
    # A model may also be called by a name: only what has folders in it is a path there.
    other = _AS_ELSEWHERE.match(text) if is_path and (allowed or "/" in text) else None
    if other is None:
        return None
    name = other[1] or other[2] or "HOME"
    what = f"`{shown(other[0])}` is not replaced: variables are written another way here"
    if not allowed:
        return what.partition(":")[0], "write the path out, relative to the recipe"
    return what, f"write `${{ENV:{shown(name)}}}`"


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*path, index))


def _matches(path: Path, pattern: Path) -> bool:
    return len(path) == len(pattern) and all(
        wanted in ("*", part) for part, wanted in zip(path, pattern, strict=True)
    )
