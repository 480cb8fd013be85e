"""`--set`: values laid over a recipe, one at a time, and known by their place."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.recipe import ProblemsError, Recipe, load_recipe
from doitkit.recipe.document import Path as Place
from doitkit.recipe.document import parse
from doitkit.recipe.edit import as_yaml
from doitkit.recipe.settings import with_settings
from tests.project import RECIPE, write_project

MORE = """
train: {base_model: m, epochs: 3}
ladder:
  sizes: [2, 4]
  designs:
    - {design: unbalanced, runs: 3}
    - {design: balanced, origins: {human: 1}}
"""


def _with(folder: Path, *settings: str, more: str = MORE) -> Recipe:
    return load_recipe(write_project(folder, more), settings=settings)


def _problems(folder: Path, *settings: str, more: str = MORE) -> list[tuple[str, str, int, int]]:
    with pytest.raises(ProblemsError) as caught:
        _with(folder, *settings, more=more)
    return [
        (p.code, Path(p.position.file).name, p.position.line, p.position.column)
        for p in caught.value.problems
    ]


def test_values_are_yaml_and_later_settings_win(tmp_path: Path) -> None:
    recipe = _with(
        tmp_path,
        "train.epochs=9",
        "train.epochs=1.5",
        "name='other'",
        "ladder.sizes=[8, 16, 32]",
        "curate={dedup: none}",
        "description=what = what",
    )
    assert recipe.train is not None
    assert recipe.ladder is not None
    assert (recipe.train.epochs, recipe.train.base_model) == (1.5, "m")
    assert recipe.name == "other"
    assert recipe.ladder.sizes == [8, 16, 32]
    assert recipe.curate.dedup == "none"
    assert recipe.description == "what = what"


def test_a_recipe_remembers_its_settings_and_its_text(tmp_path: Path) -> None:
    recipe = _with(tmp_path, "seed=3")
    assert recipe.settings == ("seed=3",)
    assert recipe.text == RECIPE + MORE
    assert recipe.texts == {str(tmp_path / "recipe.yaml"): recipe.text, "--set seed=3": "seed=3"}
    assert recipe.place("seed") == "--set seed=3:1:1"


def test_blocks_that_are_not_there_are_made(tmp_path: Path) -> None:
    recipe = _with(tmp_path, "prices.human.per_row=2", "prices.human.abilities.sums.per_row=4")
    assert recipe.prices.human is not None
    assert recipe.prices.human.per_row == 2
    assert recipe.prices.human.abilities["sums"].per_row == 4


def test_a_name_with_a_dot_stands_in_quotes(tmp_path: Path) -> None:
    more = """
generators:
  gpt4.1: {provider: openai, model: gpt-4.1}
  plain: {provider: local, model: m}
"""
    settings = 'generators."gpt4.1".temperature=0.5', 'generators."plain".temperature=0.25'
    recipe = _with(tmp_path, *settings, more=more)
    assert [g.temperature for g in recipe.generators.values()] == [0.5, 0.25]


def test_elements_of_lists_are_numbered_and_the_others_keep_their_place(tmp_path: Path) -> None:
    recipe = _with(tmp_path, "ladder.designs.0.runs=5", "ladder.sizes.1=16")
    assert recipe.ladder is not None
    assert recipe.ladder.sizes == [2, 16]
    design = recipe.ladder.designs[0]
    assert design.design == "unbalanced"
    assert design.runs == 5
    broken = MORE.replace("human: 1}", "humans: 1}")
    line = (RECIPE + broken).split("\n").index("    - {design: balanced, origins: {humans: 1}}") + 1
    assert _problems(tmp_path, "ladder.designs.0.runs=5", more=broken) == [
        ("E123", "recipe.yaml", line, 36)
    ]


def test_nothing_takes_away_what_stands_there(tmp_path: Path) -> None:
    recipe = _with(tmp_path, "train=", "seed=null", "ladder.designs.1.seeds=", "prices=~")
    assert recipe.train is None
    assert recipe.seed == 0
    assert recipe.ladder is not None
    assert len(recipe.ladder.designs) == 2
    assert _problems(tmp_path, "train.base_model=")[0][:2] == ("E121", "recipe.yaml")


def test_problems_of_settings_and_of_the_file_are_told_at_once(tmp_path: Path) -> None:
    lines = (RECIPE + MORE).count("\n")
    assert _problems(
        tmp_path, "seed=x", "caps.usd=-1", "train.lora={r: 0}", more=MORE + "use: fun\n"
    ) == [
        ("E124", "--set caps.usd=-1", 1, 6),
        ("E122", "--set seed=x", 1, 1),
        ("E124", "--set train.lora={r: 0}", 1, 13),
        ("E123", "recipe.yaml", lines + 1, 1),
    ]


@pytest.mark.parametrize(
    "setting",
    ["", "=", "seed", "=1", ".=1", "a..b=1", '"a=1', '"a"b=1', "\x1b[2J=1", "\udc80=1", "a\n=1"],
)
def test_what_is_no_setting_is_refused(setting: str, tmp_path: Path) -> None:
    ((code, _, line, column),) = _problems(tmp_path, setting)
    assert (code, line, column) == ("E112", 1, 1)


@pytest.mark.parametrize("setting", ["seed=\x1b", "seed=\udc80", 'name="\\0"'])
def test_characters_that_cannot_stand_in_a_recipe_cannot_be_set(
    setting: str, tmp_path: Path
) -> None:
    assert [problem[0] for problem in _problems(tmp_path, setting)] == ["E107"]


def test_what_a_recipe_extends_cannot_be_set(tmp_path: Path) -> None:
    assert _problems(tmp_path, "extends=demo")[0][0] == "E112"
    assert _problems(tmp_path, "extends.0=demo")[0][0] == "E112"


def test_what_an_alias_repeats_stays_where_it_is_not_set() -> None:
    document = parse("a: &x {p: 1, q: [2, 3]}\nb: *x\n", "f")
    changed = with_settings(document, ["b.p=5", "b.q.0=6"])
    assert changed.value == {"a": {"p": 1, "q": [2, 3]}, "b": {"p": 5, "q": [6, 3]}}
    assert document.value["b"] == {"p": 1, "q": [2, 3]}
    assert changed.position_of(("a", "p")).file == "f"
    assert changed.position_of(("b", "p")).file == "--set b.p=5"
    assert changed.position_of(("b", "q", 1)).file == "f"


keys = st.sampled_from(["a", "b", "c d", "e.f", "g"])
leaves = st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "x", "y: z", "5"])
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(keys, inner, min_size=1, max_size=4)
    ),
    max_leaves=12,
)


def _places(value: Any, place: Place = ()) -> list[Place]:
    inner: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [*([place] if place else []), *(p for k, v in inner for p in _places(v, (*place, k)))]


def _set_by_hand(value: Any, place: Place, new: Any) -> Any:
    if not place:
        return new
    if isinstance(value, list):
        return [
            _set_by_hand(v, place[1:], new) if i == place[0] else v for i, v in enumerate(value)
        ]
    return {k: _set_by_hand(v, place[1:], new) if k == place[0] else v for k, v in value.items()}


@given(st.dictionaries(keys, values, min_size=1, max_size=4), leaves, st.data())
def test_a_setting_changes_one_place_and_no_other(
    value: dict[str, Any], new: Any, data: st.DataObject
) -> None:
    document = parse(as_yaml(value), "f")
    assert document.value == value
    place = data.draw(st.sampled_from(_places(value)))
    name = ".".join(f'"{part}"' if isinstance(part, str) else str(part) for part in place)
    written = as_yaml({"k": new}).removeprefix("k:").strip()
    changed = with_settings(document, [f"{name}={written}"])
    assert changed.flaws == []
    assert changed.value == _set_by_hand(value, place, new)
    for other in _places(changed.value):
        if other == place:
            assert changed.position_of(other).file.startswith("--set ")
        else:
            assert changed.position_of(other) == document.position_of(other)
