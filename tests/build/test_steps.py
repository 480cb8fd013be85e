"""What was done is not done again: a change re-runs what depends on it, and nothing else."""

from pathlib import Path

import pytest

from doitkit.core.store import Store
from doitkit.recipe import Recipe
from doitkit.survey import survey
from tests.project import RECIPE, load_project

NEAR = "curate: {near: {similarity: 0.8}, filters: {length: {answer_chars: {min: 2}}}}\n"


def _executed(recipe: Recipe, folder: Path) -> list[str]:
    store = Store(folder)
    survey(recipe, store=store)
    return store.executed


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    """A store in which everything was carried out once."""
    executed = _executed(load_project(tmp_path, NEAR), tmp_path / "steps")
    assert executed.count("read") == 3
    assert executed.count("filter") == 3
    return tmp_path / "steps"


def test_nothing_is_done_twice(tmp_path: Path, steps: Path) -> None:
    assert _executed(load_project(tmp_path, NEAR), steps) == []


@pytest.mark.parametrize(
    ("more", "recipe", "again"),
    [
        (NEAR.replace("min: 2", "min: 3"), RECIPE, {"filter": 3, "dedup": 1, "decontaminate": 1}),
        (NEAR.replace("0.8", "0.9"), RECIPE, {"dedup": 1, "decontaminate": 1}),
        (NEAR.replace("near", "overlap: {share: 0.9}, near"), RECIPE, {"decontaminate": 1}),
        (NEAR, RECIPE.replace("items: 5", "items: 4"), {"decontaminate": 1}),
        (NEAR, RECIPE.replace("seed: 7", "seed: 8"), {"decontaminate": 1}),
        (NEAR, RECIPE.replace("license: CC0-1.0", "license: MIT"), {}),
        (NEAR, RECIPE.replace("name: small", "name: other"), {}),
        (
            NEAR,
            RECIPE.replace("format: prompt_completion\n    origin: synthetic",
                           "format: prompt_completion\n    where: length(prompt) > 1\n"
                           "    origin: synthetic"),
            {"read": 1, "filter": 1, "dedup": 1, "decontaminate": 1},
        ),
    ],
    ids=["filter", "similarity", "overlap", "items", "seed", "license", "name", "where"],
)  # fmt: skip
def test_a_change_re_runs_what_depends_on_it(
    tmp_path: Path, steps: Path, more: str, recipe: str, again: dict[str, int]
) -> None:
    executed = _executed(load_project(tmp_path, more, recipe=recipe), steps)
    assert {kind: executed.count(kind) for kind in executed} == again


def test_an_edited_source_is_read_again_and_the_others_are_not(tmp_path: Path, steps: Path) -> None:
    recipe = load_project(tmp_path, NEAR)
    with (tmp_path / "sums-human.jsonl").open("a") as file:
        file.write('{"prompt": "another", "completion": "answer"}\n')
    executed = _executed(recipe, steps)
    assert (executed.count("read"), executed.count("filter")) == (1, 1)
