"""The Croissant metadata, checked by the library of the format, which also reads the rows."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from doitkit.build import Dataset, build
from doitkit.build.layout import CROISSANT_FILE
from doitkit.core.workspace import Workspace
from doitkit.recipe import load_recipe
from tests.build.rich import load_without_items, write_rich

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the library's own
mlcroissant = pytest.importorskip("mlcroissant", reason="mlcroissant (extra `dev`) is missing")


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("rich")
    return build(load_recipe(write_rich(folder)), Workspace(folder / "ws"))


def _checked(folder: Path) -> Any:
    found = mlcroissant.Dataset(str(folder / CROISSANT_FILE))
    issues = found.metadata.ctx.issues
    assert not issues.errors
    # A date would differ from build to build, and nobody said how to cite the rows.
    assert {warning.split('"')[1].rpartition("/")[2] for warning in issues.warnings} == {
        "datePublished",
        "citeAs",
    }
    return found


def test_the_metadata_of_a_build_are_valid(rich: Dataset) -> None:
    metadata = _checked(rich.folder).metadata
    assert metadata.name == "small"
    fields = {record.uuid: len(record.fields) for record in metadata.record_sets}
    assert fields == {"train": len(rich.pool().columns), "evaluation": len(rich.items().columns)}
    assert {file.content_url for file in metadata.file_objects} == {
        f"{split}/data-00000-of-00001.arrow" for split in ("train", "evaluation")
    }
    assert metadata.license == ["https://spdx.org/licenses/CC0-1.0.html", "unknown"]


def test_the_rows_of_an_export_are_read(rich: Dataset, tmp_path: Path) -> None:
    rich.write_parquet(tmp_path / "out")
    found = _checked(tmp_path / "out")
    rows = list(found.records("train"))
    pool = rich.pool().to_dicts()
    assert [row["train/id"].decode() for row in rows] == [row["id"] for row in pool]
    assert [row["train/position"] for row in rows] == [row["position"] for row in pool]
    assert [
        [message["train/messages/content"].decode() for message in row["train/messages"]]
        for row in rows
    ] == [[message["content"] for message in row["messages"]] for row in pool]
    items = list(found.records("evaluation"))
    choices = [[choice.decode() for choice in item["evaluation/choices"]] for item in items]
    assert choices == rich.items()["choices"].to_list()


def test_the_hashes_are_those_of_the_files(rich: Dataset, tmp_path: Path) -> None:
    rich.write_parquet(tmp_path / "out")
    stated = json.loads((tmp_path / "out" / CROISSANT_FILE).read_text())["distribution"]
    for file in (part for part in stated if part["@type"] == "cr:FileObject"):
        content = (tmp_path / "out" / file["contentUrl"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
        assert file["contentSize"] == f"{len(content)} B"


def test_without_items_there_is_one_record_set(tmp_path: Path) -> None:
    dataset = build(load_without_items(tmp_path), Workspace(tmp_path / "ws"))
    assert [record.uuid for record in _checked(dataset.folder).metadata.record_sets] == ["train"]
    dataset.write_parquet(tmp_path / "out")
    assert [record.uuid for record in _checked(tmp_path / "out").metadata.record_sets] == ["train"]
