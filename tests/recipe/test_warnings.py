"""Warnings: each fires where something is probably wrong, and none of them refuses a recipe."""

from pathlib import Path

import pytest

from doitkit.recipe import Problem, Recipe
from doitkit.recipe.warn import power_warning
from tests.project import GENERATED, RECIPE, load_project, with_answers

PRICES = "prices: {human: {per_row: 2}, synthetic: {per_row: 0.1}}\n"
ADVISE = PRICES + "advise: {budget: 300, min_gain: 0.5%s}\n"
LADDER = "ladder: {sizes: [2, 4], seeds: [1, 2], designs: [%s]}\n"
BALANCED = "{design: balanced, origins: {human: 1}}"
UNBALANCED = "{design: unbalanced, runs: 3}"


def _warnings(folder: Path, more: str = "", recipe: str = RECIPE) -> list[Problem]:
    loaded = load_project(folder, more, recipe=recipe)
    assert isinstance(loaded, Recipe)
    for warning in loaded.warnings:
        assert warning.code.startswith("W")
        assert warning.next_step
        assert Path(warning.position.file).name == "recipe.yaml"
    return list(loaded.warnings)


def _codes(folder: Path, more: str = "", recipe: str = RECIPE) -> list[str]:
    return [warning.code for warning in _warnings(folder, more, recipe)]


def test_a_recipe_with_nothing_unusual_is_not_warned_of(tmp_path: Path) -> None:
    assert _codes(tmp_path) == []
    assert _codes(tmp_path, ADVISE % "" + LADDER % UNBALANCED) == []


def test_a_warning_stands_at_its_line_and_says_what_to_do(tmp_path: Path) -> None:
    recipe = RECIPE.replace("{path: sums-test.jsonl", "{path: sums-human.jsonl")
    (warning,) = _warnings(tmp_path, recipe=recipe)
    assert (warning.code, warning.position.line, warning.position.column) == ("W201", 22, 16)
    assert (
        warning.what == "the evaluation set is also the source `sums-by-people`: sums-human.jsonl"
    )
    assert warning.as_json()["code"] == "W201"


@pytest.mark.parametrize(
    ("path", "codes"),
    [
        ("sums-human.jsonl", ["W201"]),
        ("./sums-human.jsonl", ["W201"]),
        ("x/../sums-human.jsonl", ["W201"]),
        ("[sums-test.jsonl, words-human.jsonl]", ["W201"]),
        ("sums-test.jsonl", []),
        ("SUMS-HUMAN.jsonl", []),
    ],
)
def test_an_evaluation_set_that_is_also_a_source(
    path: str, codes: list[str], tmp_path: Path
) -> None:
    recipe = RECIPE.replace("{path: sums-test.jsonl", f"{{path: {path}")
    assert _codes(tmp_path, recipe=recipe) == codes


def test_an_evaluation_set_that_a_source_covers_by_a_glob(tmp_path: Path) -> None:
    recipe = RECIPE.replace("path: sums-human.jsonl", "path: 'sums-*.jsonl'")
    assert _codes(tmp_path, recipe=recipe) == ["W201"]
    other = RECIPE.replace("path: sums-human.jsonl", "path: 'train-*.jsonl'")
    assert _codes(tmp_path, recipe=other) == []


def test_one_file_may_be_divided_by_where(tmp_path: Path) -> None:
    shared = RECIPE.replace("{path: sums-test.jsonl", "{path: sums-human.jsonl, where: x = 1")
    assert _codes(tmp_path, recipe=shared) == []


@pytest.mark.parametrize(
    "licence",
    ["CC-BY-NC-4.0", "CC BY-NC-SA 4.0", "for non-commercial use", "noncommercial", "Research-only"],
)
def test_a_licence_that_forbids_commercial_use(licence: str, tmp_path: Path) -> None:
    recipe = RECIPE.replace("license: CC0-1.0", f"license: {licence}")
    recipe = recipe.replace("generator: some-model", "generator: some-model\n    license: MIT")
    recipe = recipe.replace("words-human.jsonl", "words-human.jsonl\n    license: MIT")
    assert _codes(tmp_path, "use: commercial\n", recipe) == ["W206"]
    assert _codes(tmp_path, "use: research\n", recipe) == []
    assert _codes(tmp_path, "", recipe) == []


@pytest.mark.parametrize("licence", ["MIT", "CC-BY-4.0", "Apache-2.0", "CC0-1.0", "Unlicence"])
def test_licences_that_allow_it_are_not_warned_of(licence: str, tmp_path: Path) -> None:
    recipe = RECIPE.replace("license: CC0-1.0", f"license: {licence}")
    codes = _codes(tmp_path, "use: commercial\n", recipe)
    # The two sources that state none are.
    assert codes == ["W207", "W207"]


def test_a_synthetic_source_without_a_generator(tmp_path: Path) -> None:
    recipe = RECIPE.replace("    generator: some-model\n", "")
    assert _codes(tmp_path, recipe=recipe) == ["W205"]
    programmatic = recipe.replace("origin: synthetic", "origin: programmatic")
    assert _codes(tmp_path, recipe=programmatic) == []
    assert _codes(tmp_path, GENERATED, with_answers(5)) == []


def test_transfer_that_no_run_can_show(tmp_path: Path) -> None:
    advise = ADVISE % ""
    assert _codes(tmp_path, advise + LADDER % BALANCED) == ["W203"]
    assert _codes(tmp_path, advise + LADDER % f"{BALANCED}, {BALANCED}") == ["W203"]
    assert _codes(tmp_path, ADVISE % ", transfer: false" + LADDER % BALANCED) == []
    assert _codes(tmp_path, LADDER % BALANCED) == []
    one_at_a_time = "{design: one-at-a-time, origins: {human: 1}}"
    narrowed = "{design: balanced, origins: {human: 1}, abilities: [sums]}"
    explicit = "{design: explicit, mixtures: {m: {counts: {sums: {human: 5}}}}}"
    for design in (UNBALANCED, one_at_a_time, narrowed, explicit):
        assert _codes(tmp_path, advise + LADDER % f"{BALANCED}, {design}") == []


def test_transfer_between_one_ability_and_itself_is_not_asked_for(tmp_path: Path) -> None:
    recipe = RECIPE[: RECIPE.index("  words:\n")]
    recipe = recipe.replace("[sums-by-people, sums-by-model]", "[sums-by-people, sums-by-model, w]")
    recipe = recipe.replace("words-by-people:", "w:")
    assert _codes(tmp_path, ADVISE % "" + LADDER % BALANCED, recipe) == []


def test_fewer_items_than_would_show_the_gain(tmp_path: Path) -> None:
    advise = ADVISE.replace("0.5", "0.02") % ""
    (warning,) = _warnings(tmp_path, advise)
    assert warning.code == "W204"
    assert "5 items leave a score of `words` uncertain by 0.224" in warning.what
    assert "it takes 625 items, or more" in warning.what
    assert _codes(tmp_path, advise, RECIPE.replace("items: 5", "items: 625")) == []
    assert _codes(tmp_path, advise, RECIPE.replace("      items: 5\n", "")) == []


@pytest.mark.parametrize(
    ("items", "metric", "gain", "warned"),
    [
        (624, "exact_match", 0.02, True),
        (625, "exact_match", 0.02, False),
        (1, "multiple_choice", 0.5, False),
        (1, "choice_likelihood", 0.49, True),
        (1, "bits_per_byte", 0.001, False),
        (10, "exact_match", 5e-324, True),
    ],
)
def test_power_is_that_of_a_share(items: int, metric: str, gain: float, warned: bool) -> None:
    assert (power_warning("a", items, metric, gain) is not None) == warned


def test_one_seed_only(tmp_path: Path) -> None:
    once = LADDER.replace("seeds: [1, 2]", "seeds: [1]")
    assert _codes(tmp_path, ADVISE % "" + once % UNBALANCED) == ["W208"]
    assert _codes(tmp_path, once % UNBALANCED) == []
    again = "{design: balanced, origins: {human: 1}, seeds: [1, 2]}"
    assert _codes(tmp_path, ADVISE % "" + once % f"{UNBALANCED}, {again}") == []
    narrowed = "{design: unbalanced, runs: 3, seeds: [7]}"
    assert _codes(tmp_path, ADVISE % "" + LADDER % narrowed) == ["W208"]


def test_warnings_of_many_kinds_come_together_and_refuse_nothing(tmp_path: Path) -> None:
    recipe = RECIPE.replace("{path: sums-test.jsonl", "{path: sums-human.jsonl")
    recipe = recipe.replace("    generator: some-model\n", "").replace("CC0-1.0", "CC-BY-NC-4.0")
    more = "use: commercial\n" + ADVISE.replace("0.5", "0.01") % ""
    codes = _codes(tmp_path, more + LADDER.replace(", 2]", "]", 1) % BALANCED, recipe)
    assert set(codes) == {"W201", "W203", "W204", "W205", "W206", "W207", "W208"}
