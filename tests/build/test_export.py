"""A dataset opens as others open theirs: from the build's folder, and as Parquet."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from doitkit.build import Dataset, build
from doitkit.build.seal import broken_seals
from doitkit.core import saved
from doitkit.core.errors import UsageError
from doitkit.core.workspace import Workspace
from doitkit.recipe import load_recipe
from tests.build.rich import load_without_items, write_rich
from tests.project import load_project


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("rich")
    return build(load_recipe(write_rich(folder)), Workspace(folder / "ws"))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A dataset of several shards."""
    folder = tmp_path_factory.mktemp("large")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(saved, "_BYTES_OF_A_SHARD", 1)
        return build(load_project(folder, rows=7000), Workspace(folder / "ws"))


def _opened(dataset: Dataset) -> None:
    datasets = pytest.importorskip("datasets", reason="the extra `eval` is not installed")
    found = datasets.load_from_disk(str(dataset.folder))
    assert isinstance(found, datasets.DatasetDict)
    for split, frame in (("train", dataset.pool()), ("evaluation", dataset.items())):
        assert found[split].column_names == frame.columns
        assert list(found[split]["id"]) == frame["id"].to_list()
        if frame.height:
            assert found[split][0] == frame.row(0, named=True)


def test_the_datasets_library_opens_what_a_build_writes(rich: Dataset) -> None:
    _opened(rich)


def test_it_opens_several_shards(large: Dataset) -> None:
    assert len(list((large.folder / "train").glob("*.arrow"))) == 3
    _opened(large)


def test_it_opens_a_dataset_without_items(tmp_path: Path) -> None:
    dataset = build(load_without_items(tmp_path), Workspace(tmp_path / "ws"))
    assert dataset.items().height == 0
    _opened(dataset)
    dataset.write_parquet(tmp_path / "out")
    assert pl.read_parquet(tmp_path / "out" / "evaluation-00000-of-00001.parquet").height == 0


def test_the_configurations_of_the_card_load(
    rich: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = pytest.importorskip("datasets", reason="the extra `eval` is not installed")
    rich.write_parquet(tmp_path / "parquet")
    shutil.copytree(rich.folder, tmp_path / "arrow")
    for form in ("parquet", "arrow"):
        for split, rows in (("train", rich.pool().height), ("evaluation", rich.items().height)):
            found = datasets.load_dataset(
                str(tmp_path / form), split, cache_dir=str(tmp_path / "cache")
            )
            assert {name: len(part) for name, part in found.items()} == {split: rows}


def test_parquet_holds_the_same_rows_in_the_same_order(large: Dataset, tmp_path: Path) -> None:
    large.write_parquet(tmp_path / "out")
    names = sorted(file.name for file in (tmp_path / "out").glob("*.parquet"))
    assert names == [
        "evaluation-00000-of-00001.parquet",
        *(f"train-0000{n}-of-00003.parquet" for n in range(3)),
    ]
    found = pl.concat([pl.read_parquet(tmp_path / "out" / name) for name in names[1:]])
    assert found.equals(large.pool())
    assert pl.read_parquet(tmp_path / "out" / names[0]).equals(large.items())
    assert list(broken_seals(tmp_path / "out")) == []


def test_an_export_tells_what_it_is_and_not_what_was_left_out(
    rich: Dataset, tmp_path: Path
) -> None:
    rich.write_parquet(tmp_path / "out")
    rest = {file.name for file in (tmp_path / "out").iterdir() if file.suffix != ".parquet"}
    assert rest == {"README.md", "croissant.json", "manifest.json", "recipe.yaml"}
    card = (tmp_path / "out" / "README.md").read_text()
    assert "path: train-*.parquet" in card
    assert "rejects.parquet" not in card


def test_an_export_overwrites_nothing(rich: Dataset, large: Dataset, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    rich.write_parquet(target)
    written = {file.name: file.stat().st_mtime_ns for file in target.iterdir()}
    rich.write_parquet(target)
    assert {file.name: file.stat().st_mtime_ns for file in target.iterdir()} == written
    with pytest.raises(UsageError, match="there is something already"):
        large.write_parquet(target)
    (tmp_path / "file").write_text("mine")
    for taken in (tmp_path, tmp_path / "file"):
        with pytest.raises(UsageError, match="there is something already"):
            rich.write_parquet(taken)
    assert (tmp_path / "file").read_text() == "mine"
