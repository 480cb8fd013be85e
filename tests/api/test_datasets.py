"""Datasets from Python: opened by recipe or by folder, and looked at."""

from pathlib import Path

import pytest

import doitkit
from doitkit.core.errors import UsageError
from tests.project import load_project


def test_a_dataset_is_opened_by_its_recipe_and_by_its_folder(tmp_path: Path) -> None:
    recipe = load_project(tmp_path)
    with pytest.raises(UsageError, match="is not built"):
        doitkit.open_dataset(recipe, tmp_path / "ws")
    built = doitkit.build(recipe, tmp_path / "ws")
    for what in (recipe, recipe.file, str(recipe.file), built.folder, str(built.folder)):
        assert doitkit.open_dataset(what, tmp_path / "ws") == built
        assert doitkit.inspect(what, tmp_path / "ws", rows=1).rows == 120


def test_a_dataset_of_other_files_is_not_that_of_the_recipe(tmp_path: Path) -> None:
    recipe = load_project(tmp_path)
    doitkit.build(recipe, tmp_path / "ws")
    with (tmp_path / "sums-human.jsonl").open("a") as file:
        file.write('{"prompt": "1 + 1?", "completion": "2"}\n')
    with pytest.raises(UsageError, match="is not built"):
        doitkit.open_dataset(recipe, tmp_path / "ws")


def test_an_export_takes_a_folder_in_any_form(tmp_path: Path) -> None:
    built = doitkit.build(load_project(tmp_path), tmp_path / "ws")
    for name in ("one", "two"):
        built.write_parquet(str(tmp_path / name) if name == "one" else tmp_path / name)
    one, two = (
        {file.name: file.read_bytes() for file in (tmp_path / name).iterdir()}
        for name in ("one", "two")
    )
    assert one == two
