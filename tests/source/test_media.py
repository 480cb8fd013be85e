"""Rows that hold images or sounds are left out with a reason, and text beside them is kept."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from doitkit.recipe.data import FileSource
from doitkit.source import Reading, read_records

CHAT = [{"from": "human", "value": "<image>\nWhat is it?"}, {"from": "gpt", "value": "A cat."}]
TEXT = [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "Because."}]
PICTURE = {"bytes": b"\x89PNG" + bytes(1_000), "path": None}
PAIR = {"prompt": "What is it?", "completion": "A cat."}


def _read(folder: Path, name: str, form: Any) -> Reading:
    source = FileSource(path=name, format=form, origin="human")
    return read_records("s", source, folder, ability="a", origin="human")


def _lines(folder: Path, *rows: Any) -> str:
    (folder / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return "a.jsonl"


def _reasons(reading: Reading) -> dict[int, str]:
    return {reject.line: reject.reason for reject in reading.rejects}


def test_a_chat_about_an_image_is_left_out(tmp_path: Path) -> None:
    rows = [
        {"image": "cat.jpg", "conversations": CHAT},
        {"image": None, "conversations": CHAT},
        {"image": "cat.jpg", "conversations": TEXT},
        {"conversations": TEXT},
    ]
    reading = _read(tmp_path, _lines(tmp_path, *rows), "sharegpt")
    assert _reasons(reading) == {1: "the row holds an image; only text is trained on"}
    assert [record.line for record in reading.records] == [2, 3, 4]


@pytest.mark.parametrize(("column", "held"), [("images", "an image"), ("videos", "a video")])
def test_several_of_them(tmp_path: Path, column: str, held: str) -> None:
    chat = [{"from": "human", "value": f"<{column[:-1]}>?"}, TEXT[1]]
    rows = [{column: names, "conversations": chat} for names in (["a", "b"], [], [None], None)]
    reading = _read(tmp_path, _lines(tmp_path, *rows), "sharegpt")
    assert _reasons(reading) == {1: f"the row holds {held}; only text is trained on"}
    assert [record.line for record in reading.records] == [2, 3, 4]


def test_bytes_of_an_image_are_left_out_whatever_their_column_is_called(tmp_path: Path) -> None:
    rows = [
        PAIR | {"picture": PICTURE, "image": None},
        PAIR | {"picture": {"bytes": None, "path": None}, "image": None},
        PAIR | {"picture": None, "image": PICTURE},
        PAIR | {"picture": {"bytes": None, "path": "x.png"}, "image": None},
        PAIR | {"picture": None, "image": None},
    ]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    reading = _read(tmp_path, "a.parquet", "prompt_completion")
    assert _reasons(reading) == {
        1: "the row holds an image or a sound; only text is trained on",
        3: "the row holds an image; only text is trained on",
        4: "the row holds an image or a sound; only text is trained on",
    }
    assert [record.line for record in reading.records] == [2, 5]


def test_lists_of_images_and_sounds(tmp_path: Path) -> None:
    rows = [PAIR | {"images": held} for held in ([PICTURE], [], None)]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    reading = _read(tmp_path, "a.parquet", "prompt_completion")
    assert list(_reasons(reading)) == [1]
    parquet.write_table(pa.Table.from_pylist([PAIR | {"audio": PICTURE}]), tmp_path / "b.parquet")
    reading = _read(tmp_path, "b.parquet", "prompt_completion")
    assert _reasons(reading) == {1: "the row holds audio; only text is trained on"}


def test_images_inside_messages(tmp_path: Path) -> None:
    look = [{"type": "text", "text": "Look:"}, {"type": "image", "image": PICTURE}]
    messages = [{"role": "user", "content": look}]
    messages.append({"role": "assistant", "content": [{"type": "text", "text": "A cat."}]})
    parquet.write_table(pa.Table.from_pylist([{"messages": messages}]), tmp_path / "a.parquet")
    reading = _read(tmp_path, "a.parquet", "messages")
    assert _reasons(reading) == {1: "message 1 holds an image; only text is trained on"}


def test_a_row_that_was_not_asked_for_is_not_rejected(tmp_path: Path) -> None:
    rows = [{"image": "a", "conversations": CHAT, "n": n} for n in range(2)]
    source = FileSource(
        path=_lines(tmp_path, *rows), format="sharegpt", origin="human", where="n = 1"
    )
    reading = read_records("s", source, tmp_path, ability="a", origin="human")
    assert (len(reading.rejects), reading.filtered) == (1, 1)
