"""Two datasets side by side: every row is in both, in one of them, or from another source."""

import json
from pathlib import Path

import polars as pl
import pytest

from doitkit.build import Dataset, build, compare_datasets
from doitkit.core.workspace import Workspace
from doitkit.recipe import load_recipe
from tests.project import RECIPE, load_project, write_project, write_rows


def _built(folder: Path, more: str = "", recipe: str = RECIPE) -> Dataset:
    return build(load_project(folder, more, recipe=recipe), Workspace(folder / "ws"))


def _accounted(first: Dataset, second: Dataset) -> None:
    """Assert that the counts of a comparison are those of both pools."""
    found = compare_datasets(first, second)
    cell = ("ability", "origin", "source")
    pools = first.pool(), second.pool()
    for row in found.rows:
        one, two = (
            pool.filter(**{name: getattr(row, name) for name in cell}).height for pool in pools
        )
        assert (row.first, row.second) == (one, two)
        assert row.first == row.both + row.only_first + row.other_source
        assert row.moved <= row.both
    assert sum(row.first for row in found.rows) == pools[0].height
    ids = [set(pool.select("ability", "origin", "id").rows()) for pool in pools]
    only = sum(row.only_first for row in found.rows), sum(row.only_second for row in found.rows)
    assert only == (len(ids[0] - ids[1]), len(ids[1] - ids[0]))


def test_a_dataset_is_the_same_as_itself(tmp_path: Path) -> None:
    dataset = _built(tmp_path)
    found = compare_datasets(dataset, dataset)
    assert found.same
    assert (found.settings, found.steps) == ([], [])
    _accounted(dataset, dataset)


def test_another_seed_moves_rows_and_takes_none(tmp_path: Path) -> None:
    first = _built(tmp_path)
    second = _built(tmp_path, recipe=RECIPE.replace("seed: 7", "seed: 8"))
    found = compare_datasets(first, second)
    assert [(s.key, s.first, s.second) for s in found.settings] == [("seed", 7, 8)]
    assert not found.same
    assert found.steps == []
    assert all(row.both == 40 and row.moved > 20 for row in found.rows)
    # Of the items, a seed picks others.
    assert {item.ability: item.both for item in found.items}["sums"] == 10
    _accounted(first, second)


def test_a_filter_shows_as_a_setting_a_step_and_rows(tmp_path: Path) -> None:
    first = _built(tmp_path)
    second = _built(tmp_path, "curate: {max_chars: 40}\n")
    found = compare_datasets(first, second)
    assert [(s.key, s.first, s.second) for s in found.settings] == [("curate.max_chars", None, 40)]
    assert [(s.step, s.source, s.first, s.second) for s in found.steps] == [
        ("filter", "words-by-people", 0, 12)
    ]
    (row,) = (row for row in found.rows if row.source == "words-by-people")
    assert (row.only_first, row.only_second, row.both) == (12, 0, 28)
    assert len(row.examples_first) == 3
    assert all(text.startswith("Count to ") for text in row.examples_first)
    _accounted(first, second)
    _accounted(second, first)


def test_a_row_of_another_source_is_no_new_row(tmp_path: Path) -> None:
    twice = RECIPE.replace(
        "abilities:\n",
        "  sums-again:\n    path: sums-again.jsonl\n    format: prompt_completion\n"
        "    origin: human\nabilities:\n",
    ).replace("[sums-by-people,", "[sums-by-people, sums-again,")
    recipe = write_project(tmp_path, recipe=twice)
    write_rows(
        tmp_path / "sums-again.jsonl",
        [
            {"prompt": "0 + 0?", "completion": "It is 0."},
            {"prompt": "9 + 9?", "completion": "Eighteen."},
        ],
    )
    first = build(load_recipe(recipe), Workspace(tmp_path / "ws"))
    recipe.write_text(
        recipe.read_text().replace(
            "path: sums-human.jsonl", "path: sums-human.jsonl\n    where: __line > 1"
        )
    )
    second = build(load_recipe(recipe), Workspace(tmp_path / "ws"))
    rows = {row.source: row for row in compare_datasets(first, second).rows}
    people, again = rows["sums-by-people"], rows["sums-again"]
    assert (people.first, people.second, people.other_source, people.only_first) == (40, 39, 1, 0)
    assert (again.first, again.second, again.only_second) == (1, 2, 0)
    _accounted(first, second)


def test_rows_that_stand_there_twice_are_counted_twice(tmp_path: Path) -> None:
    recipe = load_project(tmp_path, "curate: {dedup: none}\n")
    first = build(recipe, Workspace(tmp_path / "ws"))
    with (tmp_path / "sums-human.jsonl").open("a") as file:
        file.write('{"prompt": "0 + 0?", "completion": "It is 0."}\n')
    second = build(recipe, Workspace(tmp_path / "ws"))
    (row,) = (r for r in compare_datasets(first, second).rows if r.source == "sums-by-people")
    assert (row.first, row.second, row.both, row.only_first, row.only_second) == (40, 41, 40, 0, 1)


def test_an_ability_that_one_of_them_lacks(tmp_path: Path) -> None:
    first = _built(tmp_path)
    text = RECIPE[: RECIPE.index("  words:\n")].replace(
        RECIPE[RECIPE.index("  words-by-people:\n") : RECIPE.index("abilities:\n")], ""
    )
    second = _built(tmp_path, recipe=text)
    found = compare_datasets(first, second)
    (row,) = (row for row in found.rows if row.ability == "words")
    assert (row.first, row.second, row.only_first) == (40, 0, 40)
    steps = {(s.step, s.second) for s in found.steps if s.source == "words-by-people"}
    assert ("files", None) in steps
    assert {item.ability: item.only_first for item in found.items} == {"sums": 0, "words": 5}
    assert json.loads(json.dumps(found.as_json()))["same"] is False


@pytest.mark.parametrize("rows", [9000])
def test_cells_that_begin_within_a_batch(tmp_path: Path, rows: int) -> None:
    first = build(load_project(tmp_path, rows=rows), Workspace(tmp_path / "ws"))
    second = build(
        load_project(tmp_path, "curate: {max_chars: 40}\n", rows=rows), Workspace(tmp_path / "ws")
    )
    _accounted(first, second)
    moved = sum(row.moved for row in compare_datasets(first, second).rows)
    joined = first.pool().join(second.pool(), on=["id", "ability", "origin"])
    assert moved == joined.filter(pl.col("position") != pl.col("position_right")).height
