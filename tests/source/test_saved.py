"""Folders that `save_to_disk` has written are read as the files in them are."""

import json
from pathlib import Path

import pytest

from doitkit.core.errors import SourceError
from doitkit.recipe.data import Rows
from doitkit.source import read_records
from doitkit.source.files import resolve

datasets = pytest.importorskip("datasets")

ROWS = {"prompt": [f"p{n}" for n in range(7)], "completion": [f"c{n}" for n in range(7)]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    datasets.Dataset.from_dict(ROWS).save_to_disk(tmp_path / "saved", num_shards=3)
    return tmp_path


def test_a_saved_data_set_is_read_in_its_order(folder: Path) -> None:
    rows = Rows(path="saved", format="prompt_completion")
    reading = read_records("s", rows, folder, ability="a", origin="human")
    assert [r.prompt[-1]["content"] for r in reading.records] == ROWS["prompt"]
    assert [(r.file, r.line) for r in reading.records][2:4] == [
        ("saved/data-00000-of-00003.arrow", 3),
        ("saved/data-00001-of-00003.arrow", 1),
    ]
    assert reading.rejects == []


def test_a_saved_data_set_may_be_one_of_several_paths(folder: Path) -> None:
    (folder / "a.jsonl").write_text("")
    names = [path.name for path in resolve("s", ["saved", "a.jsonl"], folder)]
    assert names == [f"data-0000{n}-of-00003.arrow" for n in range(3)] + ["a.jsonl"]


def test_several_splits_are_an_error_that_names_them(tmp_path: Path) -> None:
    one = datasets.Dataset.from_dict(ROWS)
    datasets.DatasetDict({"train": one, "test": one}).save_to_disk(tmp_path / "both")
    with pytest.raises(SourceError, match="several splits") as caught:
        resolve("s", "both", tmp_path)
    assert caught.value.why == "they are: train, test"
    assert caught.value.next_step == "name the folder of one, such as both/train"
    assert len(resolve("s", "both/test", tmp_path)) == 1


def test_a_saved_data_set_that_is_not_whole_is_an_error(folder: Path) -> None:
    (folder / "saved" / "data-00001-of-00003.arrow").unlink()
    with pytest.raises(SourceError, match="not whole") as caught:
        resolve("s", "saved", folder)
    assert caught.value.why == "it lacks data-00001-of-00003.arrow"


@pytest.mark.parametrize(
    "state",
    [
        "",
        "[]",
        "{",
        "\xff",
        "null",
        '{"_data_files": null}',
        '{"_data_files": []}',
        '{"_data_files": [1]}',
        '{"_data_files": [{"file": "x"}]}',
        '{"_data_files": [{"filename": 3}]}',
        '{"_data_files": [{"filename": ""}]}',
        "[" * 100_000,
    ],
)
def test_a_state_that_makes_no_sense_is_an_error(folder: Path, state: str) -> None:
    (folder / "saved" / "state.json").write_bytes(state.encode("latin-1"))
    with pytest.raises(SourceError, match="not whole"):
        resolve("s", "saved", folder)


def test_a_name_that_leads_out_of_the_folder_is_not_followed(folder: Path) -> None:
    outside = folder / "outside.arrow"
    outside.write_bytes((folder / "saved" / "data-00000-of-00003.arrow").read_bytes())
    state = json.dumps({"_data_files": [{"filename": "../outside.arrow"}]})
    (folder / "saved" / "state.json").write_text(state)
    with pytest.raises(SourceError, match="not whole") as caught:
        resolve("s", "saved", folder)
    assert caught.value.why == "it lacks outside.arrow"


def test_a_list_of_splits_that_makes_no_sense_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "both").mkdir()
    for text in ("", "[1]", '{"splits": 3}'):
        (tmp_path / "both" / "dataset_dict.json").write_text(text)
        with pytest.raises(SourceError, match="several splits"):
            resolve("s", "both", tmp_path)


def test_a_selection_beside_the_rows_is_an_error(folder: Path) -> None:
    file = folder / "saved" / "state.json"
    state = json.loads(file.read_text()) | {"_indices_data_files": [{"filename": "i.arrow"}]}
    file.write_text(json.dumps(state))
    with pytest.raises(SourceError, match="a selection of the rows"):
        resolve("s", "saved", folder)
