"""Which keys may stand where in a recipe, as its model says."""

from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from doitkit.recipe.document import Path
from doitkit.recipe.ladder import Design
from doitkit.recipe.model import Recipe


def fields_at(value: Any, path: Path) -> dict[str, FieldInfo]:
    """Return the keys that may stand at `path`: the union over the models possible there.

    Parameters
    ----------
    value
        The whole recipe: which models are possible follows from what stands there.
    """
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


def holds_keys(field: FieldInfo) -> bool:
    """Whether a block stands under a field, and not a value or a list."""
    parts = (field.annotation, *get_args(field.annotation))
    return any(
        get_origin(p) is dict or (isinstance(p, type) and issubclass(p, BaseModel)) for p in parts
    )


def words_of(field: FieldInfo | None) -> list[str]:
    """Return the words that may stand in a field in place of all else, such as `none`."""
    return [] if field is None else list(dict.fromkeys(_words_in(field.annotation)))


def design_names() -> list[str]:
    """Return what may stand in the `design` of a ladder's designs."""
    return sorted(name for model in _models_in(Design) for name in _tags_of(model))


def designs_with(key: str) -> list[str]:
    """Return the designs of a ladder that have a key."""
    models = [model for model in _models_in(Design) if key in model.model_fields]
    return sorted(name for model in models for name in _tags_of(model))


@cache
def home_of(key: str) -> str | None:
    """Return the block that `key` belongs into, if there is one such block and no other."""
    homes: set[str] = set()
    _collect(Recipe, key, "", homes)
    return homes.pop() if len(homes) == 1 else None


def _collect(model: type[BaseModel], key: str, block: str, homes: set[str]) -> None:
    for name, field in model.model_fields.items():
        if name == key and block:
            homes.add(block)
        for inner in _models_in(field.annotation):
            _collect(inner, key, name, homes)


def _words_in(annotation: Any) -> list[str]:
    if get_origin(annotation) is Literal:
        return [str(word) for word in get_args(annotation)]
    if get_origin(annotation) not in (Annotated, Union, UnionType):
        return []
    return [word for part in get_args(annotation) for word in _words_in(part)]


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
