"""What pydantic finds wrong with a recipe, said in the words of recipes."""

import re
from itertools import islice
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from doitkit.recipe import unknown
from doitkit.recipe.amounts import UNITS
from doitkit.recipe.block import InconsistentError
from doitkit.recipe.diagnostics import Problem, did_you_mean, problem_at
from doitkit.recipe.document import MOST_PROBLEMS, Document, Path
from doitkit.recipe.fields import design_names, fields_at, words_of
from doitkit.recipe.flaw import shown
from doitkit.recipe.kinds import EXPECTED, wrong_kind

_BOUNDS = {
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
}
_LARGEST = 1e300

Said = tuple[str, str, str]
"""Code, what is wrong, and the next step."""


def violations(document: Document, error: ValidationError) -> list[Problem]:
    """Return what is wrong, each thing once, in the places where it stands in the document."""
    places: dict[Path, list[ErrorDetails]] = {}
    for details in islice(error.errors(include_url=False), 10 * MOST_PROBLEMS):
        places.setdefault(_path_in(document.value, details["loc"]), []).append(details)
    told: set[Path] = set()
    for path, found in places.items():
        if found[0]["type"] == "extra_forbidden":
            told |= unknown.meant_places(document.value, path)
    problems: list[Problem] = []
    # Of a value that may be text or a list, and is a list: its elements say what is wrong.
    around = {path[:size] for path in places for size in range(len(path))}
    for path, found in places.items():
        if path in around and all(details["type"] in EXPECTED for details in found):
            continue
        left = [details for details in found if not _is_told(path, details, told)]
        problems += _explain_place(document, path, left)
        if len(problems) >= MOST_PROBLEMS:
            break
    return problems


def _is_told(path: Path, details: ErrorDetails, told: set[Path]) -> bool:
    """Whether what is missing stands in another spelling, or place, which is told by itself."""
    return details["type"] == "missing" and (*path, details["loc"][-1]) in told


def _explain_place(document: Document, path: Path, found: list[ErrorDetails]) -> list[Problem]:
    # Where a key is wrong, its value says nothing.
    found = [details for details in found if details["loc"][-1:] == ("[key]",)] or found
    expected = [EXPECTED[d["type"]] for d in found if d["type"] in EXPECTED]
    others = [d for d in found if d["type"] not in EXPECTED and d["type"] != "literal_error"]
    if expected and not others:
        # Several kinds at one place: the branches of a value that may be one or the other.
        field = fields_at(document.value, path[:-1]).get(str(path[-1])) if path else None
        expected += [f"`{word}`" for word in words_of(field)]
        said = _of_another_kind(path, found[0].get("input"), list(dict.fromkeys(expected)), field)
        return [problem_at(document, path, *said)]
    return [_explain_one(document, path, details) for details in found]


def _of_another_kind(path: Path, given: Any, expected: list[str], field: FieldInfo | None) -> Said:
    what, next_step = wrong_kind(_key(path), given, expected)
    if not path:
        next_step = "begin with `doitkit: 1`, then one key a line"
    elif _is_number(given) and abs(given) > _LARGEST:
        return _too_large(path)
    elif _is_number(given) and path[-2:-1] and path[-2] in UNITS:
        next_step = f"say who wrote the rows: `{path[-1]}: {{human: {given}}}`"
    elif _is_number(given) and path[0] == "prices":
        next_step = f"say of what: `{path[-1]}: {{per_row: {given}}}`"
    elif expected[0] == "text" and _is_named(field):
        next_step = "write a name, which starts with a letter"
    return "E122", what, next_step


def _too_large(path: Path) -> Said:
    what = f"{_key(path)} is larger than any number that can be used"
    return "E124", what, "write a smaller number"


def _is_named(field: FieldInfo | None) -> bool:
    """Whether a field takes a name, and not any text."""
    metadata = [] if field is None else field.metadata
    return any(getattr(part, "pattern", None) is not None for part in metadata)


def _plain(bound: Any) -> Any:
    return int(bound) if isinstance(bound, float) and bound.is_integer() else bound


def _is_number(given: Any) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool)


def _explain_one(document: Document, path: Path, details: ErrorDetails) -> Problem:
    kind, context = details["type"], details.get("ctx", {})
    error = context.get("error")
    if isinstance(error, InconsistentError):
        path = (*path, *error.path)
        said: Said = error.code, error.what, error.next_step
    elif kind in ("union_tag_invalid", "union_tag_not_found"):
        path = (*path, "design")
        said = _wrong_design(details.get("input"))
    elif kind == "extra_forbidden":
        said = "E120", f"unknown key {_key(path)}", unknown.next_step(document.value, path)
    elif kind == "missing":
        said = _missing(document.value, path, str(details["loc"][-1]))
    elif kind == "literal_error":
        said = _wrong_word(path, details)
    elif kind in _BOUNDS:
        bound = _BOUNDS[kind].format(**{key: _plain(value) for key, value in context.items()})
        what = f"{_key(path)} must be {bound}, not {shown(details.get('input'))}"
        said = "E124", what, f"write a number of {bound}"
    elif kind == "finite_number":
        said = _too_large(path)
    elif kind == "too_short":
        said = "E126", f"{_key(path)} is empty", "put at least one element in it"
    elif kind in ("string_pattern_mismatch", "string_too_long"):
        said = _no_name(str(details.get("input")), str(context.get("pattern", "")))
    else:
        what = f"{_key(path)}: {details['msg'][0].lower()}{details['msg'][1:]}"
        said = "E129", what, "see `doitkit schema recipe` for what may stand here"
    return problem_at(document, path, *said)


def _missing(value: Any, path: Path, name: str) -> Said:
    field = fields_at(value, path).get(name)
    return "E121", f"`{name}` is missing", f"add `{name}: ...`{_described(field)}"


def _wrong_word(path: Path, details: ErrorDetails) -> Said:
    given = details.get("input")
    if path == ("doitkit",):
        what = f"this doitkit reads version 1 of the recipe language, not `{shown(given)}`"
        if str(given) == "1":
            what = "the version of the recipe language is a number, not text"
        return "E128", what, "write `doitkit: 1`"
    known = re.findall(r"'([^']*)'|(\d+)", str(details.get("ctx", {})["expected"]))
    words = [word or number for word, number in known]
    if details["loc"][-1] != "[key]":
        step = did_you_mean(str(given), words)
        return "E123", f"{_key(path)} cannot be `{shown(given)}`", step
    if re.fullmatch(r"\d{3}", str(given)):
        step = "write numbers without a comma, which begins a new element: 1000"
    else:
        step = did_you_mean(str(given), words)
    return "E123", f"no origin is called `{shown(given)}`", step


def _wrong_design(given: Any) -> Said:
    tag = given.get("design") if isinstance(given, dict) else None
    if tag is None:
        return "E121", "`design` is missing", f"add `design: ...`: {', '.join(design_names())}"
    step = did_you_mean(str(tag), design_names())
    return "E123", f"`design` cannot be `{shown(tag)}`", step


def _no_name(given: str, pattern: str) -> Said:
    first = "a letter or a digit" if pattern.startswith("^[A-Za-z0-9]") else "a letter"
    step = f"use up to 80 letters, digits, `_`, `.` and `-`, starting with {first}"
    near = re.sub(r"[^A-Za-z0-9_.-]+", "_", given).strip("_")
    if near[:1].isalpha() and near != given and len(near) <= 80:
        step += f"; such as `{near}`"
    return "E125", f"`{shown(given)}` is not a name", step


def _key(path: Path) -> str:
    """Return how a place is called: the last key on the way to it."""
    keys = [part for part in path if isinstance(part, str)]
    if not keys:
        return "the recipe"
    name = f"`{shown(keys[-1])}`"
    return name if isinstance(path[-1], str) else f"an element of {name}"


def _described(field: FieldInfo | None) -> str:
    """Return what may stand in a field: its literals, or the first sentence about it."""
    if field is None:
        return ""
    if get_origin(field.annotation) is Literal:
        return f", one of: {', '.join(map(str, get_args(field.annotation)))}"
    sentence = re.split(r"[.;:] ", field.description or "")[0].rstrip(".")
    return f" ({sentence[0].lower()}{sentence[1:]})" if sentence else ""


def _path_in(value: Any, loc: tuple[int | str, ...]) -> Path:
    """Drop from pydantic's location what does not stand in the document (union tags, `[key]`)."""
    path: list[int | str] = []
    for part in loc:
        if isinstance(value, dict) and isinstance(part, str):
            if part in value:
                value = value[part]
                path.append(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
            path.append(part)
    return tuple(path)
