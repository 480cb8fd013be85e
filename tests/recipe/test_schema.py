"""The JSON Schema of recipes, as an editor uses it: it accepts what loads, and explains itself."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from doitkit.core.resources import shipped_folder, shipped_names
from doitkit.recipe.document import parse
from doitkit.recipe.schema import schema_of
from tests.project import RECIPE

SCHEMA = schema_of("recipe")
DEFINITIONS: dict[str, Any] = SCHEMA["$defs"]
WHOLE = {name: part for name, part in DEFINITIONS.items() if not name.startswith("Layer")}


def _wrong(value: Any) -> list[str]:
    found = list(Draft202012Validator(SCHEMA).iter_errors(value))
    for error in found:
        found += error.context or []
    return [".".join(map(str, error.absolute_path)) for error in found]


def _value(text: str) -> dict[str, Any]:
    value = parse(text, "f").value
    assert isinstance(value, dict)
    return value


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_every_key_is_explained() -> None:
    for name, definition in WHOLE.items():
        for key, part in definition.get("properties", {}).items():
            target = WHOLE[part["$ref"].rsplit("/", 1)[1]] if "$ref" in part else {}
            assert part.get("description") or target.get("description"), f"{name}.{key}"


def test_words_and_defaults_are_told() -> None:
    training = WHOLE["Training"]["properties"]
    assert training["schedule"]["enum"] == ["linear", "cosine", "constant"]
    assert training["schedule"]["default"] == "linear"
    assert WHOLE["FileSource"]["properties"]["path"]["examples"]
    designs = WHOLE["Ladder"]["properties"]["designs"]["items"]["discriminator"]["mapping"]
    assert set(designs) == {"balanced", "one-at-a-time", "unbalanced", "explicit"}


@pytest.mark.parametrize("name", shipped_names("recipes", ".yaml"))
def test_every_shipped_recipe_is_valid_and_leads_editors_here(name: str) -> None:
    file = shipped_folder("recipes") / f"{name}.yaml"
    text = file.read_text(encoding="utf-8")
    assert _wrong(_value(text)) == []
    first = text.splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    leads_to = (file.parent / first.split("=", 1)[1]).resolve()
    assert leads_to == (shipped_folder("schemas") / "recipe.schema.json").resolve()


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ("tarin: {}", ""),
        ("ladder: {sizes: [0], designs: [{design: unbalanced, runs: 1}]}", "ladder.sizes.0"),
        ("ladder: {sizes: [1], designs: [{design: unbalance, runs: 1}]}", "ladder.designs.0"),
        ("mixture: {counts: {sums: {human: -1}}}", "mixture.counts"),
        ("train: {epochs: 3}", "train"),
        ("paired: 'yes'", "paired"),
    ],
)  # fmt: skip
def test_a_mistake_is_marked_where_it_stands(more: str, place: str) -> None:
    found = _wrong(_value(f"{RECIPE}{more}\n"))
    assert any(wrong.startswith(place) for wrong in found)


def test_a_recipe_that_extends_another_need_not_say_everything() -> None:
    assert _wrong(_value("doitkit: 1\nname: small")) != []
    layer = (
        "doitkit: 1\nextends: base.yaml\ntrain: {epochs: 3, lora: }\nsources: {a: {weight: 2}}\n"
    )
    assert _wrong(_value(layer)) == []
    assert _wrong(_value(layer + "tarin: 1\n"))[0] == ""
    assert "train.epochs" in _wrong(_value(layer.replace("3", "three")))


def test_the_files_in_the_repository_are_current(tmp_path: Path) -> None:
    from doitkit.recipe.schema import write_schemas

    write_schemas(tmp_path)
    kept = shipped_folder("schemas")
    for file in tmp_path.iterdir():
        assert file.read_text() == (kept / file.name).read_text(), "run `make schemas`"
