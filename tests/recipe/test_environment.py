"""`${ENV:NAME}`: where it may stand, and what is said where it may not, or is written wrongly."""

from pathlib import Path

import pytest

from doitkit.core.errors import UsageError
from doitkit.recipe import ProblemsError, load_recipe
from doitkit.recipe.environment import from_environment
from tests.project import RECIPE, write_project

GENERATOR = "generators: {g: {provider: openai, model: m, base_url: '%s'}}\n"


@pytest.fixture(autouse=True)
def _variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOITKIT_HERE", "/here")
    monkeypatch.delenv("DOITKIT_NOWHERE", raising=False)


def _codes(folder: Path, more: str, data: str | None = None) -> list[str]:
    try:
        load_recipe(write_project(folder, more), data_root=data)
    except ProblemsError as error:
        return [problem.code for problem in error.problems]
    return []


@pytest.mark.parametrize(
    "more",
    [
        "data_root: ${ENV:DOITKIT_HERE}/rows\n",
        "data_root: ${ENV:DOITKIT_HERE}${ENV:DOITKIT_HERE}\n",
        GENERATOR % "http://${ENV:DOITKIT_HERE}:8000/v1",
        "tracking: {to: mlflow, project: p, uri: 'http://${ENV:DOITKIT_HERE}'}\n",
    ],
)
def test_a_variable_may_stand_where_no_row_depends_on_it(more: str, tmp_path: Path) -> None:
    assert _codes(tmp_path, more) == []


def test_the_recipe_keeps_the_words_and_uses_the_value(tmp_path: Path) -> None:
    recipe = load_recipe(write_project(tmp_path, "data_root: ${ENV:DOITKIT_HERE}/rows\n"))
    assert recipe.data_root == "${ENV:DOITKIT_HERE}/rows"
    assert recipe.data_folder == Path("/here/rows")
    assert "/here" not in recipe.model_dump_json()


@pytest.mark.parametrize(
    "more",
    [
        "description: by ${ENV:DOITKIT_HERE}\n",
        "train: {base_model: '${ENV:DOITKIT_HERE}/model'}\n",
        "generators: {g: {provider: openai, model: '${ENV:DOITKIT_HERE}'}}\n",
        "generators: {g: {provider: openai, model: m, api_key_env: '${ENV:DOITKIT_HERE}'}}\n",
        "ladder: {sizes: [1], designs: [], models: {m: '${ENV:DOITKIT_HERE}'}}\n",
        "tracking: {to: mlflow, project: '${ENV:DOITKIT_HERE}'}\n",
        "extends: ${ENV:DOITKIT_HERE}.yaml\n",
    ],
)  # fmt: skip
def test_a_variable_may_stand_nowhere_else(more: str, tmp_path: Path) -> None:
    codes = _codes(tmp_path, more)
    assert ("E113" if more.startswith("extends") else "E115") in codes
    assert len(codes) == 1 + ("designs: []" in more) + ("project" in more)


def test_a_variable_may_not_stand_in_paths_and_expressions_of_rows(tmp_path: Path) -> None:
    recipe = RECIPE.replace("path: sums-human.jsonl", "path: [x, '${ENV:DOITKIT_HERE}/a.jsonl']")
    recipe = recipe.replace("origin: synthetic", "origin: synthetic\n    where: x = '${ENV:HOME}'")
    with pytest.raises(ProblemsError) as caught:
        load_recipe(write_project(tmp_path, recipe=recipe))
    assert [p.code for p in caught.value.problems] == ["E115", "E115"]
    assert [p.position.line for p in caught.value.problems] == [6, 14]


def test_an_unset_variable_is_told_where_it_is_used(tmp_path: Path) -> None:
    assert _codes(tmp_path, "data_root: ${ENV:DOITKIT_NOWHERE}/x\n") == ["E116"]
    assert _codes(tmp_path, "data_root: ${ENV:DOITKIT_NOWHERE}/x\n", data="/data") == []
    assert _codes(tmp_path, GENERATOR % "http://${ENV:DOITKIT_NOWHERE}") == ["E116"]
    assert _codes(tmp_path, GENERATOR % "http://${ENV:DOITKIT_NOWHERE}", data="/data") == ["E116"]


def test_every_unset_variable_is_told_once(tmp_path: Path) -> None:
    text = "data_root: ${ENV:DOITKIT_NOWHERE}/${ENV:DOITKIT_NOWHERE}/${ENV:DOITKIT_NEVER}\n"
    assert _codes(tmp_path, text) == ["E116", "E116"]


def test_a_variable_that_went_away_is_told_when_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = load_recipe(write_project(tmp_path, "data_root: ${ENV:DOITKIT_HERE}/rows\n"))
    monkeypatch.delenv("DOITKIT_HERE")
    with pytest.raises(UsageError, match="the environment variable DOITKIT_HERE is not set"):
        _ = recipe.data_folder
    with pytest.raises(UsageError) as caught:
        from_environment("${ENV:DOITKIT_HERE}")
    assert (caught.value.code, caught.value.next_step) == ("E116", "export DOITKIT_HERE=...")


@pytest.mark.parametrize(
    ("written", "step"),
    [
        ("$DOITKIT_HERE/rows", "write `${ENV:DOITKIT_HERE}`"),
        ("${DOITKIT_HERE}/rows", "write `${ENV:DOITKIT_HERE}`"),
        ("%DOITKIT_HERE%/rows", "write `${ENV:DOITKIT_HERE}`"),
        ("~/rows", "write `${ENV:HOME}`"),
        ("~", "write `${ENV:HOME}`"),
        ("~someone/rows", "write `${ENV:HOME}`"),
        ("${env:DOITKIT_HERE}", "write `${ENV:NAME}`, in capitals and without spaces"),
        ("${ENV: DOITKIT_HERE}", "write `${ENV:NAME}`, in capitals and without spaces"),
        ("${ENV:DOITKIT-HERE}", "write `${ENV:NAME}`, in capitals and without spaces"),
        ("${ENV:DOITKIT_HERE", "write `${ENV:NAME}`, in capitals and without spaces"),
        ("${ENV}", "write `${ENV:NAME}`, in capitals and without spaces"),
    ],
)
def test_other_ways_of_writing_a_variable_are_not_taken_for_folders(
    written: str, step: str, tmp_path: Path
) -> None:
    with pytest.raises(ProblemsError) as caught:
        load_recipe(write_project(tmp_path, f"data_root: '{written}'\n"))
    (problem,) = caught.value.problems
    assert (problem.code, problem.next_step) == ("E117", step)


@pytest.mark.parametrize("written", ["~/models/base", "$MODELS/base", "${MODELS}/base"])
def test_models_are_no_place_for_a_variable_in_any_spelling(written: str, tmp_path: Path) -> None:
    with pytest.raises(ProblemsError) as caught:
        load_recipe(write_project(tmp_path, f"train: {{base_model: '{written}'}}\n"))
    (problem,) = caught.value.problems
    assert problem.code == "E117"
    assert problem.what == f"`{written.partition('/')[0]}` is not replaced"
    assert problem.next_step == "write the path out, relative to the recipe"


@pytest.mark.parametrize(
    "more",
    [
        "description: it costs $5, or ${x}, or 50%\n",
        "data_root: a$b/c~d/100%\n",
        "curate: {max_chars: 5}\n",
    ],
)
def test_signs_that_mean_themselves_are_left_alone(more: str, tmp_path: Path) -> None:
    assert _codes(tmp_path, more) == []


def test_dollars_in_expressions_and_patterns_mean_themselves(tmp_path: Path) -> None:
    recipe = RECIPE.replace(
        "metric: bits_per_byte}",
        "metric: exact_match, extract: '\\$([0-9]+)$', where: \"x <> '$A'\"}",
    )
    assert load_recipe(write_project(tmp_path, recipe=recipe)).name == "small"
