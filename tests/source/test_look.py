"""Looking at files as they lie in folders."""

import errno
import gzip
import json
import os
from pathlib import Path

import polars as pl
import pytest

from doitkit.core.errors import SourceError
from doitkit.source import sample as sample_module
from doitkit.source.look import files_below, look_at


def rows(count: int, **more: object) -> list[dict[str, object]]:
    return [{"question": f"What is {i}?", "answer": f"It is {i}." * 4} | more for i in range(count)]


def write(path: Path, values: list[dict[str, object]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(value) + "\n" for value in values))
    return path


def test_what_a_look_shows(tmp_path: Path) -> None:
    path = write(tmp_path / "math" / "train.jsonl", rows(300, model="some-model"))
    look = look_at(path, tmp_path)
    assert (look.name, look.kind, look.rows, look.exact, look.seen) == (
        "math/train.jsonl",
        "jsonl",
        300,
        True,
        200,
    )
    assert look.size == path.stat().st_size
    assert look.columns == ("question", "answer", "model")
    assert look.generators == ("some-model",)
    assert look.usable
    assert look.records == 300
    assert not look.seen_whole
    sizes = sorted(len(f"What is {i}?") + 4 * len(f"It is {i}.") for i in range(200))
    assert sizes[99] <= look.median_chars <= sizes[100]
    assert look.long_chars == sizes[180]
    assert json.loads(json.dumps(look.as_json()))["format"] == "prompt_completion"


def test_every_kind_of_file(tmp_path: Path) -> None:
    values = rows(20)
    write(tmp_path / "a.jsonl", values)
    (tmp_path / "b.json").write_text(json.dumps(values))
    pl.DataFrame(values).write_csv(tmp_path / "c.csv")
    pl.DataFrame(values).write_parquet(tmp_path / "d.parquet")
    (tmp_path / "e.JSONL.GZ").write_bytes(gzip.compress((tmp_path / "a.jsonl").read_bytes()))
    looks = [look_at(path, tmp_path) for path in files_below(tmp_path)]
    assert [look.kind for look in looks] == ["jsonl", "json", "csv", "parquet", "jsonl"]
    assert {(look.rows, look.records, look.seen_whole) for look in looks} == {(20, 20, True)}
    assert all(look.chats == looks[0].chats for look in looks)


def test_hidden_files_are_not_seen_and_links_are_followed_once(tmp_path: Path) -> None:
    data, other = tmp_path / "data", tmp_path / "other"
    write(data / "a.jsonl", rows(1))
    write(data / ".hidden.jsonl", rows(1))
    write(data / ".git" / "b.jsonl", rows(1))
    write(other / "c.jsonl", rows(1))
    (data / "linked").symlink_to(other)
    (other / "back").symlink_to(data)
    (data / "itself").symlink_to(data)
    assert [path.relative_to(data).as_posix() for path in files_below(data)] == [
        "a.jsonl",
        "linked/c.jsonl",
    ]


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", rows(1))
    with pytest.raises(SourceError, match="not a folder of data") as caught:
        files_below(tmp_path / "a.jsonl")
    assert caught.value.why == "it is a file"
    with pytest.raises(SourceError, match="not a folder of data"):
        files_below(tmp_path / "none")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("README.md", b"# Read me", "not of the kinds jsonl,"),
        ("LICENSE", b"All rights", "not of the kinds jsonl,"),
        ("empty.jsonl", b"", "there is no row in it"),
        ("broken.jsonl", b"{not json\n", "not JSON"),
        ("broken.json", b'{"a": 1, "b"', "not JSON"),
        ("object.json", b'{"a": 1}', "not a list of rows: it holds an object with the keys: a"),
        ("list.json", b"[1, 2]", "a row must be an object, not a number"),
        ("latin.jsonl", b'{"prompt": "\xe9"}\n', "not UTF-8 text"),
        ("binary.parquet", b"\x00\x01", "not a readable parquet file"),
        (
            "cut.jsonl.gz",
            gzip.compress(b'{"prompt": "x"}\n' * 99, mtime=0)[:20],
            "compressed data is damaged",
        ),
        ("twice.csv", b"answer,answer\nx,y\n", "two columns are named `answer`"),
        ("semicolons.csv", b"frage;antwort\nx;y\n", "not separated by commas"),
        ("notes.txt", b"a line\nanother\n", "no prompt with its answer"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(
    tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    (tmp_path / name).write_bytes(content)
    look = look_at(tmp_path / name, tmp_path)
    assert not look.usable
    assert look.why is not None
    assert why in look.why


def test_a_link_to_nothing_a_pipe_and_a_name_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "gone.jsonl").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / os.fsdecode(b"caf\xe9.jsonl")).write_text("{}")
    whys = [look_at(path, tmp_path).why for path in files_below(tmp_path)]
    assert sorted(whys, key=str) == [
        "a link to nothing, or no plain file",
        "a link to nothing, or no plain file",
        "its name is not UTF-8 text",
    ]


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> object:
        raise PermissionError(errno.EACCES, "Permission denied")

    path = write(tmp_path / "a.jsonl", rows(3))
    monkeypatch.setattr(sample_module, "_beginning", denied)
    assert look_at(path, tmp_path).why == "a data file cannot be read: Permission denied"


def test_lines_that_are_no_rows_beside_rows_that_are(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", rows(3))
    path.write_text(path.read_text() + "garbage\n")
    look = look_at(path, tmp_path)
    assert (look.usable, look.rows, look.unreadable) == (True, 3, 1)
    assert look.why is not None
    assert look.why.startswith("not JSON")
