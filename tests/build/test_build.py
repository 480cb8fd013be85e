"""A built dataset: named by its content, and complete before its name appears."""

import os
from pathlib import Path

import polars as pl
import pytest

from doitkit.build import build, compositions, dataset_id
from doitkit.build.build import build_key
from doitkit.core.arrow import read_arrow
from doitkit.core.errors import PlanError
from doitkit.core.hashing import digest_files
from doitkit.core.origins import Cell
from doitkit.core.tables import EVALUATION, POOL, RECORD, REJECT
from doitkit.core.workspace import Workspace
from doitkit.mix import Mixture
from doitkit.recipe import load_recipe
from doitkit.survey import contents_of
from tests.project import (
    GENERATED,
    RECIPE,
    load_project,
    with_answers,
    write_project,
    write_rows,
)

SUMS, SUMS_MODEL = Cell("sums", "human"), Cell("sums", "synthetic")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def test_the_files_of_a_dataset_have_the_columns_of_their_tables(
    tmp_path: Path, workspace: Workspace
) -> None:
    dataset = build(load_project(tmp_path), workspace)
    assert dataset.pool().columns == POOL.names
    assert dataset.items().columns == EVALUATION.names
    assert dataset.rejects().columns == REJECT.names
    assert dataset.supply == {SUMS: 40, SUMS_MODEL: 40, Cell("words", "human"): 40}
    item = dataset.items().filter(pl.col("task") == "words").to_dicts()[0]
    assert (item["metric"], item["choices"]) == ("multiple_choice", ["yes", "no"])
    assert item["answer"] in item["choices"]


def test_the_manifest_accounts_for_every_row(tmp_path: Path, workspace: Workspace) -> None:
    recipe = load_project(tmp_path, "curate: {max_chars: 40}\n")
    with (tmp_path / "sums-human.jsonl").open("a") as file:
        file.write("broken\n")
    dataset = build(recipe, workspace)
    manifest = dataset.manifest
    assert manifest["rejects"] == {
        "sums-by-people": {"read": 1},
        "words-by-people": {"filter": 12},
    }
    for source, rows in manifest["rows_in"].items():
        rejected = sum(manifest["rejects"].get(source, {}).values())
        assert rows == manifest["rows_after"][-1]["rows"][source] + rejected
        kept = dataset.pool().filter(pl.col("source") == source).height
        assert kept == rows - rejected
    assert manifest["licenses"]["sums-by-people"] == "CC0-1.0"
    assert manifest["files"] == {
        name: digest_files([dataset.folder / name]) for name in manifest["files"]
    }
    assert str(tmp_path) not in (dataset.folder / "manifest.json").read_text()


def test_mixtures_are_nested_views_of_the_pool(tmp_path: Path, workspace: Workspace) -> None:
    dataset = build(load_project(tmp_path), workspace)
    small = dataset.rows_of(Mixture.of("small", {SUMS: 5, SUMS_MODEL: 3}))
    large = dataset.rows_of(Mixture.of("large", {SUMS: 20, SUMS_MODEL: 3}))
    assert small.columns == RECORD.names
    assert small["id"].to_list() == [*large["id"][:5], *large["id"][20:]]
    assert dataset.rows_of(Mixture.of("none", {})).height == 0
    with pytest.raises(PlanError, match="asks for more rows than were built") as caught:
        dataset.rows_of(Mixture.of("too large", {SUMS: 41}))
    assert "what is advised may not be there yet" in str(caught.value)


def test_a_mixture_on_disk_is_named_by_its_rows(tmp_path: Path, workspace: Workspace) -> None:
    dataset = build(load_project(tmp_path), workspace)
    mixture = Mixture.of("m", {SUMS: 5, Cell("words", "human"): 2})
    identity = dataset.write_mixture(mixture, tmp_path / "m.arrow")
    rows = read_arrow(tmp_path / "m.arrow")
    assert dataset_id(rows) == identity
    assert dataset_id(rows.reverse()) != identity
    tokens = dict.fromkeys(rows["id"], 10)
    held = [
        (row["ability"], row["source"], row["n_instances"], row["n_tokens"], row["epochs"])
        for row in compositions(rows, tokens, 2.0)
    ]
    assert held == [
        ("sums", "sums-by-people", 5, 50, 2.0),
        ("words", "words-by-people", 2, 20, 2.0),
    ]
    assert {row["n_tokens"] for row in compositions(rows, None, None)} == {None}


def _key(folder: Path, more: str = "", recipe: str = RECIPE) -> str:
    (folder / "recipe.yaml").write_text(recipe + more)
    recipe_now = load_recipe(folder / "recipe.yaml")
    return build_key(recipe_now, contents_of(recipe_now, {}))


def test_the_name_covers_what_decides_about_rows_and_nothing_else(tmp_path: Path) -> None:
    write_project(tmp_path)
    before = _key(tmp_path)
    for harmless in (
        "mixture: {counts: {sums: {human: 1}}}\n",
        "ladder: {sizes: [4], designs: [{design: balanced, origins: {human: 1}}]}\n",
        "prices: {human: {per_row: 1}}\n",
        "description: another\n",
        "train: {base_model: m}\n",
    ):
        assert _key(tmp_path, harmless) == before
    for telling in (
        RECIPE.replace("seed: 7", "seed: 8"),
        RECIPE + "curate: {max_chars: 100}\n",
        RECIPE + "paired: true\n",
        RECIPE.replace("items: 5", "items: 6"),
        RECIPE.replace("generator: some-model", "generator: other-model"),
    ):
        assert _key(tmp_path, recipe=telling) != before
    os.utime(tmp_path / "sums-human.jsonl", (0, 0))
    assert _key(tmp_path) == before
    with (tmp_path / "sums-human.jsonl").open("a") as file:
        file.write("\n")
    assert _key(tmp_path) != before


def test_an_edited_file_is_never_silently_not_used(tmp_path: Path, workspace: Workspace) -> None:
    first = build(load_project(tmp_path), workspace)
    write_rows(tmp_path / "sums-human.jsonl", [{"prompt": "new", "completion": "row"}])
    second = build(load_recipe(tmp_path / "recipe.yaml"), workspace)
    assert second.pool_id != first.pool_id
    assert (first.supply[SUMS], second.supply[SUMS]) == (40, 1)


def test_a_dataset_that_exists_is_not_built_again(tmp_path: Path, workspace: Workspace) -> None:
    recipe = load_project(tmp_path)
    first = build(recipe, workspace)
    stamps = {path.name: path.stat().st_mtime_ns for path in first.folder.iterdir()}
    again = build(recipe, workspace)
    assert again == first
    assert {path.name: path.stat().st_mtime_ns for path in again.folder.iterdir()} == stamps


LADDER = "ladder: {sizes: [4, %d], designs: [{design: balanced, origins: {human: 1}}]}\n"


def test_new_mixtures_over_an_old_dataset_are_checked_too(
    tmp_path: Path, workspace: Workspace
) -> None:
    build(load_project(tmp_path, LADDER % 40), workspace)
    with pytest.raises(PlanError, match="the mixture `human-41` asks for more rows"):
        build(load_project(tmp_path, LADDER % 41), workspace)


def test_a_recipe_that_cannot_be_planned_leaves_no_dataset(
    tmp_path: Path, workspace: Workspace
) -> None:
    with pytest.raises(PlanError, match="asks for more rows"):
        build(load_project(tmp_path, LADDER % 41), workspace)
    assert not workspace.datasets.exists()


def test_a_source_that_is_not_generated_yet_is_not_left_out_in_silence(
    tmp_path: Path, workspace: Workspace
) -> None:
    recipe = load_project(tmp_path, GENERATED, recipe=with_answers(2))
    with pytest.raises(PlanError, match="the source `answers` is not generated yet"):
        build(recipe, workspace)
    answers = tmp_path / "answers.jsonl"
    turns = [{"role": "user", "content": "1 + 1?"}, {"role": "assistant", "content": "Two."}]
    write_rows(answers, [{"messages": turns}])
    dataset = build(recipe, workspace, generated={"answers": answers})
    (row,) = dataset.rows_of(Mixture.of("m", {Cell("words", "synthetic"): 1})).to_dicts()
    assert row["generator"] == "teacher"


def test_a_workspace_with_brackets_in_its_name(tmp_path: Path) -> None:
    dataset = build(load_project(tmp_path), Workspace(tmp_path / "w[x]"))
    mixture = Mixture.of("m", {SUMS: 5})
    assert dataset.id_of(mixture) == dataset_id(dataset.rows_of(mixture))


def test_the_name_covers_the_order_of_sources(tmp_path: Path) -> None:
    write_project(tmp_path)
    first, second = RECIPE.index("  sums-by-people:\n"), RECIPE.index("  sums-by-model:\n")
    third = RECIPE.index("  words-by-people:\n")
    swapped = RECIPE[:first] + RECIPE[second:third] + RECIPE[first:second] + RECIPE[third:]
    assert _key(tmp_path, recipe=swapped) != _key(tmp_path)
