"""What pydantic finds wrong with a recipe, said in the words of recipes."""

import re
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from doitkit.recipe.block import InconsistentError
from doitkit.recipe.diagnostics import Problem, did_you_mean, problem_at
from doitkit.recipe.document import Document, Path
from doitkit.recipe.experiment import Design
from doitkit.recipe.model import Recipe

_EXPECTED = {
    "string_type": ("text", 'in quotes: "{}"'),
    "list_type": ("a list", "in brackets: [{}]"),
    "int_type": ("a whole number", "digits only, such as 100"),
    "float_type": ("a number", "a number, such as 0.5"),
    "bool_type": ("true or false", "true or false"),
    "dict_type": ("a block of `key: value` lines", "its keys below it, indented"),
    "model_type": ("a block of `key: value` lines", "its keys below it, indented"),
}
_EXPECTED["model_attributes_type"] = _EXPECTED["model_type"]
_EXPECTED["int_from_float"] = _EXPECTED["int_type"]

_BOUNDS = {
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
}


def explain(document: Document, error: ValidationError) -> list[Problem]:
    """Return what is wrong, each thing once, in the places where it stands in the document."""
    places: dict[Path, list[ErrorDetails]] = {}
    for details in error.errors():
        places.setdefault(_path_in(document.value, details["loc"]), []).append(details)
    return [
        problem
        for path, found in places.items()
        for problem in _explain_place(document, path, found)
    ]


def _explain_place(document: Document, path: Path, found: list[ErrorDetails]) -> list[Problem]:
    kinds = [details["type"] for details in found]
    if all(kind in _EXPECTED for kind in kinds):
        # Several kinds at one place: the branches of a value that may be one or the other.
        what, next_step = _wrong_kind(path, found[0].get("input"), list(dict.fromkeys(kinds)))
        return [problem_at(document, path, what, next_step)]
    return [_explain_one(document, path, details) for details in found]


def _explain_one(document: Document, path: Path, details: ErrorDetails) -> Problem:
    kind, given, context = details["type"], details.get("input"), details.get("ctx", {})
    key = _key(path)
    if kind == "extra_forbidden":
        what = f"unknown key {key}"
        next_step = did_you_mean(str(path[-1]), _fields_at(document.value, path[:-1]))
    elif kind == "missing":
        name = str(details["loc"][-1])
        field = _fields_at(document.value, path).get(name)
        what, next_step = f"`{name}` is missing", f"add `{name}: ...`{_described(field)}"
    elif kind == "value_error" and isinstance(context.get("error"), InconsistentError):
        inconsistent = context["error"]
        path = (*path, inconsistent.key) if inconsistent.key else path
        what, next_step = inconsistent.what, inconsistent.next_step
    elif kind == "literal_error":
        known = re.findall(r"'([^']*)'|(\d+)", str(context["expected"]))
        what = f"{key} cannot be `{given}`"
        next_step = did_you_mean(str(given), [word or number for word, number in known])
    elif kind in ("union_tag_invalid", "union_tag_not_found"):
        what, next_step = _wrong_tag(given)
        path = (*path, "design")
    elif kind in _BOUNDS:
        bound = _BOUNDS[kind].format(**context)
        what, next_step = f"{key} must be {bound}, not {given}", f"write a number of {bound}"
    elif kind == "too_short":
        what, next_step = f"{key} is empty", "put at least one element in it"
    elif kind in ("string_pattern_mismatch", "string_too_long"):
        what = f"`{str(given)[:100]}` is not a name"
        next_step = "use up to 80 letters, digits, `_`, `.` and `-`, starting with a letter"
    else:
        what = f"{key}: {details['msg'][0].lower()}{details['msg'][1:]}"
        next_step = "see `doitkit schema recipe` for what may stand here"
    return problem_at(document, path, what, next_step)


def _wrong_kind(path: Path, given: Any, kinds: list[str]) -> tuple[str, str]:
    expected = list(dict.fromkeys(_EXPECTED[kind][0] for kind in kinds))
    shown = f", not `{given}`" if isinstance(given, str | int | float | bool) else ""
    if given is None:
        shown = ", and there is nothing"
    what = f"{_key(path)} must be {' or '.join(expected)}{shown}"
    if not path:
        return what, "begin with `doitkit: 1`, then one key a line"
    return what, f"write {_EXPECTED[kinds[0]][1].format('...' if given is None else given)}"


def _wrong_tag(given: Any) -> tuple[str, str]:
    designs = [name for model in _models_in(Design) for name in _tags_of(model)]
    tag = given.get("design") if isinstance(given, dict) else None
    if tag is None:
        return "`design` is missing", f"add `design: ...`: {', '.join(sorted(designs))}"
    return f"`design` cannot be `{tag}`", did_you_mean(str(tag), designs)


def _key(path: Path) -> str:
    """Return how a place is called: the last key on the way to it."""
    keys = [part for part in path if isinstance(part, str)]
    if not keys:
        return "the recipe"
    return f"`{keys[-1]}`" if isinstance(path[-1], str) else f"an element of `{keys[-1]}`"


def _described(field: FieldInfo | None) -> str:
    """Return what may stand in a field: its literals, or the first sentence about it."""
    if field is None:
        return ""
    if get_origin(field.annotation) is Literal:
        return f", one of: {', '.join(map(str, get_args(field.annotation)))}"
    sentence = (field.description or "").split(". ")[0].rstrip(".")
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


def _fields_at(value: Any, path: Path) -> dict[str, FieldInfo]:
    """Return the keys that may stand at `path`: the union over the models possible there."""
    models: set[type[BaseModel]] = {Recipe}
    for part in path:
        value = value[part]
        found: set[type[BaseModel]] = set()
        for candidate in models:
            field = candidate.model_fields.get(str(part))
            if field is not None:
                found |= _models_in(field.annotation)
        models = found or models
    if isinstance(value, dict):
        tagged = {m for m in models if not _tags_of(m) or value.get("design") in _tags_of(m)}
        models = tagged or models
        generated = {m for m in models if ("answer" in m.model_fields) == ("answer" in value)}
        models = generated or models
    return {name: field for m in models for name, field in m.model_fields.items()}


def _tags_of(model: type[BaseModel]) -> list[str]:
    field = model.model_fields.get("design")
    return list(get_args(field.annotation)) if field is not None else []


def _models_in(annotation: Any) -> set[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    found: set[type[BaseModel]] = set()
    for part in get_args(annotation):
        found |= _models_in(part)
    return found
