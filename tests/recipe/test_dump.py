"""A recipe that doitkit writes, doitkit loads: as the same recipe, with its comments."""

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.core.resources import shipped_folder, shipped_names
from doitkit.recipe import Recipe, dump_recipe, load_recipe, recipe_from_text
from doitkit.recipe.edit import as_yaml
from doitkit.recipe.prices import Advice
from tests.project import write_project

# What a key may say that YAML could take for something else.
tricky = st.sampled_from(
    ["plain", "no", "null", "~", "1e3", "0x1F", "12:30", "a: b", "# c", "- x", "é\u2028", " x ",
     "two\nlines", "'", '"', "%d", "{", "2024-01-01", "1_000", "<<", "=", "!t", "&a", "*a"]
)  # fmt: skip
weights = st.floats(0.001, 1e6) | st.integers(1, 10)
counts = st.integers(0, 10**9)


@st.composite
def recipes(draw: st.DrawFn) -> dict[str, Any]:
    """A recipe's value, with every block that may be there drawn at random."""
    names = draw(
        st.lists(st.sampled_from(["math", "code", "a.b", "talk_2"]), min_size=1, unique=True)
    )
    value: dict[str, Any] = {"doitkit": 1, "name": "drawn", "sources": {}, "abilities": {}}
    for name in names:
        value["sources"][f"{name}-human"] = {
            "path": draw(st.sampled_from(["a.jsonl", "b/*.csv", ["c.json", "d e.txt"]])),
            "format": "prompt_completion",
            "origin": "human",
            "columns": {"prompt": draw(st.sampled_from(["q", "a || ': ' || b"]))},
            "license": draw(tricky),
            "weight": draw(weights),
        }
        value["sources"][f"{name}-model"] = {
            "path": "m.jsonl",
            "format": "messages",
            "origin": "synthetic",
            "generator": draw(tricky),
        }
        value["abilities"][name] = {
            "sources": [f"{name}-human", f"{name}-model"],
            "weight": draw(weights),
            "evaluate": {"path": "e.jsonl", "format": "messages", "metric": "bits_per_byte"},
        }
    if draw(st.booleans()):
        value["description"] = draw(tricky)
    if draw(st.booleans()):
        value["seed"] = draw(st.integers(0, 2**32 - 1))
    if draw(st.booleans()):
        unit = draw(st.sampled_from(["counts", "fractions"]))
        amount = counts if unit == "counts" else st.floats(0, 1)
        value["mixture"] = {unit: {name: {"human": draw(amount)} for name in names}}
    if draw(st.booleans()):
        sizes = sorted(draw(st.sets(st.integers(1, 10**6), min_size=1, max_size=4)))
        value["ladder"] = {
            "sizes": sizes,
            "designs": [
                {"design": "balanced", "origins": {"human": draw(weights)}},
                {"design": "one-at-a-time", "origins": {"synthetic": 1}, "abilities": [names[0]]},
                {
                    "design": "explicit",
                    "mixtures": {"m": {"total": 7, "weights": {names[0]: {"human": 1}}}},
                },
            ],
        }  # fmt: skip
    if draw(st.booleans()):
        value["train"] = {
            "base_model": draw(tricky),
            "epochs": draw(weights),
            "learning_rate": 1e-5,
        }
    if draw(st.booleans()):
        value["prices"] = {"human": {"per_row": draw(weights)}, "synthetic": {"per_1k_tokens": 0.1}}
        value["advise"] = {"budget": draw(weights), "unit": draw(tricky)}
    return value


@given(recipes())
def test_a_drawn_recipe_is_the_same_after_a_round_trip(value: dict[str, Any]) -> None:
    text = as_yaml(copy.deepcopy(value))
    recipe = recipe_from_text(text, Path("drawn.yaml"))
    assert dump_recipe(recipe) == text
    again = recipe_from_text(dump_recipe(recipe, resolved=True), Path("drawn.yaml"))
    assert again.model_dump() == recipe.model_dump()
    made = Recipe.model_validate(value)
    assert recipe_from_text(dump_recipe(made), Path("drawn.yaml")).model_dump() == made.model_dump()


@pytest.mark.parametrize("name", shipped_names("recipes", ".yaml"))
def test_a_shipped_recipe_is_the_same_after_a_round_trip(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOITKIT_DATA", str(tmp_path))
    file = shipped_folder("recipes") / f"{name}.yaml"
    recipe = load_recipe(file)
    text = dump_recipe(recipe)
    assert text == file.read_text(encoding="utf-8")
    assert recipe_from_text(text, file) == recipe
    whole = recipe_from_text(dump_recipe(recipe, resolved=True), file)
    assert whole.model_dump(exclude={"extends"}) == recipe.model_dump(exclude={"extends"})


def test_what_was_changed_is_written_and_everything_else_stays(tmp_path: Path) -> None:
    more = "# The money.\nprices: {human: {per_row: 1.0}, synthetic: {per_row: 0.5}}  # guessed\n"
    recipe = load_recipe(write_project(tmp_path, more + "advise: {budget: 10}\n# The end.\n"))
    changed = recipe.model_copy(update={"advise": Advice(budget=20, lot=5)})
    text = dump_recipe(changed)
    assert (
        "# The money.\nprices: {human: {per_row: 1.0}, synthetic: {per_row: 0.5}}  # guessed\n"
        in text
    )
    assert text.endswith("# The end.\n")
    again = recipe_from_text(text, tmp_path / "recipe.yaml")
    assert again.advise == Advice(budget=20, lot=5)
    assert again.model_dump() == changed.model_dump()


def test_set_values_are_no_part_of_the_file_but_of_what_is_resolved(tmp_path: Path) -> None:
    file = write_project(tmp_path, "train: {base_model: m}\n")
    recipe = load_recipe(file, settings=["train.epochs=2", "seed=9"])
    assert dump_recipe(recipe) == file.read_text()
    again = recipe_from_text(dump_recipe(recipe, resolved=True), file)
    assert (again.seed, again.train and again.train.epochs) == (9, 2.0)
    assert again.model_dump() == recipe.model_dump()
