"""Hostile files give rejects or a clear error: nothing is lost, and memory and time are bounded."""

import gzip
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from pyarrow import ipc, parquet

from doitkit.core.engine import ThisProcess
from doitkit.core.errors import SourceError
from doitkit.core.store import Store
from doitkit.recipe.curation import Curation
from doitkit.recipe.data import FileSource
from doitkit.source import ChatReader
from doitkit.source.stretch import Stretch
from doitkit.survey.read import read_source

GOOD = b'{"prompt": "p", "completion": "c"}\n'


@dataclass(frozen=True)
class Found:
    """What a reading step has left: the lines of the rows, and the reasons of the rejects."""

    lines: list[int]
    texts: list[str]
    reasons: dict[int, str]


def _read(
    folder: Path, path: str | Sequence[str], form: Any = "prompt_completion", **declared: Any
) -> Found:
    source = FileSource(path=path, format=form, origin="human", **declared)
    reader = ChatReader("s", source, folder)
    store = Store(folder / "store")
    rows = read_source(
        store, reader, "contents", Curation(), ability="a", origin="human", generator=None,
        engine=ThisProcess(),
    )  # fmt: skip
    held = [frame for frame in rows.batches() if frame.height]
    frame = pl.concat(held) if held else pl.DataFrame({"line": [], "messages": []})
    rejects = rows.reject_frame()
    assert rows.rows_in == frame.height + rejects.height
    texts = [chat[-1]["content"] for chat in frame["messages"].to_list()]
    reasons = dict(zip(rejects["line"].to_list(), rejects["reason"].to_list(), strict=True))
    return Found(frame["line"].to_list(), texts, reasons)


def _write(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    return name


def _line(**row: Any) -> bytes:
    return json.dumps(row).encode() + b"\n"


LINES: dict[str, tuple[bytes, list[int], dict[int, str]]] = {
    "NUL bytes": (
        GOOD + b"\0" * 1_000 + b"\n" + b'{"prompt": "a\0", "completion": "c"}\n' + GOOD,
        [1, 4],
        {2: "not JSON", 3: "Invalid control character"},
    ),
    "NUL in a text": (GOOD + _line(prompt="a\0b", completion="c"), [1, 2], {}),
    "mixed encodings": (
        GOOD
        + '{"prompt": "Grüße", "completion": "c"}\n'.encode("latin-1")
        + '{"prompt": "Grüße", "completion": "c"}\n'.encode("utf-16-le")
        + GOOD,
        [1],
        {2: "not UTF-8", 3: "not UTF-8", 4: "not JSON"},
    ),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD, [1], {}),
    "a byte order mark further down": (GOOD + b"\xef\xbb\xbf" + GOOD, [1], {2: "BOM"}),
    "half of a surrogate pair": (
        GOOD + b'{"prompt": "\\ud83d", "completion": "c"}\n' + GOOD,
        [1, 3],
        {2: "not Unicode text"},
    ),
    "a key twice": (GOOD + b'{"prompt": "a", "completion": "b", "completion": "c"}\n', [1, 2], {}),
    "nulls": (
        GOOD + b'null\n{"prompt": null, "completion": null}\n{"completion": "c"}\n',
        [1],
        {2: "not null", 3: "`completion` is empty", 4: "`prompt` is empty"},
    ),
    "blank lines": (b"\n \r\n" + GOOD + b"\t\n\n" + GOOD, [3, 6], {}),
    "no line end": (GOOD + GOOD[:-1], [1, 2], {}),
    "the end of a file in the middle": (GOOD + GOOD[:10], [1], {2: "not JSON"}),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("case", LINES)
def test_odd_lines(tmp_path: Path, case: str, packed: bool) -> None:
    content, lines, reasons = LINES[case]
    name = "rows.jsonl.gz" if packed else "rows.jsonl"
    found = _read(tmp_path, _write(tmp_path, name, gzip.compress(content) if packed else content))
    assert found.lines == lines
    assert found.reasons.keys() == reasons.keys()
    for line, reason in reasons.items():
        assert reason in found.reasons[line]


def test_of_a_key_that_comes_twice_the_last_counts(tmp_path: Path) -> None:
    content = LINES["a key twice"][0]
    assert _read(tmp_path, _write(tmp_path, "rows.jsonl", content)).texts == ["c", "c"]


def test_roles_and_nulls_inside_chats(tmp_path: Path) -> None:
    user, answer = {"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}
    chats: list[Any] = [
        [user, answer],
        [answer, user],
        [None, None],
        [{"role": None, "content": None}],
        None,
        [{"role": "user", "content": None}, answer],
        [],
        {"role": "user"},
        "text",
    ]
    content = b"".join(_line(messages=chat) for chat in chats)
    found = _read(tmp_path, _write(tmp_path, "rows.jsonl", content), "messages")
    assert found.lines == [1]
    assert sorted(found.reasons) == list(range(2, 10))


def test_a_truncated_archive_keeps_what_could_be_read(tmp_path: Path) -> None:
    packed = gzip.compress(b"".join(_line(prompt=f"p{n}", completion="c") for n in range(20_000)))
    found = _read(tmp_path, _write(tmp_path, "rows.jsonl.gz", packed[: len(packed) // 2]))
    assert found.lines == list(range(1, len(found.lines) + 1))
    assert len(found.lines) > 5_000
    assert list(found.reasons) == [len(found.lines) + 1]
    assert "damaged from here on" in found.reasons[len(found.lines) + 1]


def _parquet(rows: Sequence[dict[str, Any]]) -> bytes:
    out = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(list(rows)), out)
    return out.getvalue()


def _stream(rows: Sequence[dict[str, Any]]) -> bytes:
    out = io.BytesIO()
    table = pa.Table.from_pylist(list(rows))
    with ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


@pytest.mark.parametrize(("suffix", "write"), [("parquet", _parquet), ("arrow", _stream)])
def test_another_schema_in_the_third_shard(
    tmp_path: Path, suffix: str, write: Callable[[Sequence[dict[str, Any]]], bytes]
) -> None:
    shards: list[list[dict[str, Any]]] = [
        [{"prompt": "one", "completion": "1", "n": 1}],
        [{"completion": "2", "prompt": "two"}],
        [{"prompt": 3, "completion": 3.0, "n": "x", "more": [1]}, {"prompt": None}],
        [{"question": "four", "answer": "4"}],
    ]
    for number, rows in enumerate(shards):
        _write(tmp_path, f"{number}.{suffix}", write(rows))
    found = _read(tmp_path, f"*.{suffix}")
    assert found.texts == ["1", "2", "3"]
    assert sorted(found.reasons.values()) == ["`completion` is empty"] * 2


def test_objects_of_another_shape_in_the_third_shard(tmp_path: Path) -> None:
    user, answer = {"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}
    shards: list[list[Any]] = [
        [[user, answer]],
        [[{"content": "u", "role": "user", "name": "x"}, answer]],
        [json.dumps([user, answer])],
        [[["u", "a"]]],
    ]
    for number, chats in enumerate(shards):
        _write(tmp_path, f"{number}.parquet", _parquet([{"messages": chat} for chat in chats]))
    found = _read(tmp_path, "*.parquet", "messages")
    assert found.texts == ["a", "a", "a"]
    assert list(found.reasons.values()) == ["message 1 is not an object"]


def test_a_shard_that_is_no_parquet_is_an_error_that_names_it(tmp_path: Path) -> None:
    _write(tmp_path, "0.parquet", _parquet([{"prompt": "p", "completion": "c"}]))
    _write(tmp_path, "1.parquet", _parquet([{"prompt": "p", "completion": "c"}])[:-20])
    with pytest.raises(SourceError, match="not a readable parquet file") as caught:
        _read(tmp_path, "*.parquet")
    assert str(caught.value.where).endswith("1.parquet")


def test_a_name_that_holds_nul_is_an_error(tmp_path: Path) -> None:
    content = GOOD + b'{"prompt": "p", "completion": "c", "a\\u0000b": 1}\n'
    with pytest.raises(SourceError, match="whose name holds NUL") as caught:
        _read(tmp_path, _write(tmp_path, "rows.jsonl", content))
    assert str(caught.value.where).endswith("rows.jsonl:2")
    inside = GOOD + b'{"prompt": "p", "completion": "c", "x": {"a\\u0000b": 1, "a": 2}}\n'
    assert _read(tmp_path, _write(tmp_path, "more.jsonl", inside)).lines == [1, 2]


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    for name in ("rows.jsonl", "rows.json", "rows.csv", "rows.parquet", "rows.arrow", "rows.txt"):
        # Opens well, but the system refuses to read from it.
        (tmp_path / name).symlink_to("/proc/self/mem")
        with pytest.raises(
            SourceError, match=r"a data file cannot be read|not a readable"
        ) as caught:
            _read(tmp_path, name)
        assert caught.value.where == str(tmp_path / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_an_error(tmp_path: Path) -> None:
    _write(tmp_path, "rows.jsonl", GOOD)
    (tmp_path / "rows.jsonl").chmod(0)
    with pytest.raises(SourceError, match="a data file cannot be read"):
        _read(tmp_path, "rows.jsonl")


def test_a_file_that_changes_while_it_is_read_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, "rows.jsonl", GOOD * 10)
    pieces = ChatReader.pieces

    def changing(self: ChatReader, group: Sequence[Stretch], aside: Path | None = None) -> Any:
        found = pieces(self, group, aside)
        with (tmp_path / "rows.jsonl").open("ab") as stream:
            stream.write(GOOD)
        return found

    monkeypatch.setattr(ChatReader, "pieces", changing)
    with pytest.raises(SourceError, match="a file changed while it was read"):
        _read(tmp_path, "rows.jsonl")
    assert not list((tmp_path / "store").rglob("rows-*.arrow"))


def test_a_file_that_is_gone_while_it_is_read_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, "0.jsonl", GOOD)
    _write(tmp_path, "1.jsonl", GOOD)
    groups = ChatReader.groups

    def going(self: ChatReader) -> Any:
        found = groups(self)
        (tmp_path / "1.jsonl").unlink()
        return found

    monkeypatch.setattr(ChatReader, "groups", going)
    with pytest.raises(SourceError, match="cannot be read"):
        _read(tmp_path, "*.jsonl")


_COUNT = """
import json, resource, sys
from pathlib import Path
from doitkit.core.engine import ThisProcess
from doitkit.core.store import Store
from doitkit.recipe.curation import Curation
from doitkit.recipe.data import FileSource
from doitkit.source import ChatReader
from doitkit.survey.read import read_source

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10

folder, name, form = sys.argv[1:]
reader = ChatReader("s", FileSource(path=name, format=form, origin="human"), Path(folder))
before = peak()
rows = read_source(Store(Path(folder) / "store"), reader, "", Curation(), ability="a",
                   origin="human", generator=None, engine=ThisProcess())
after = peak()
reasons = rows.reject_frame()["reason"].value_counts().rows()
print(json.dumps([rows.height, dict(reasons), after - before]))
"""


def _counted(folder: Path, name: str, form: str = "prompt_completion") -> tuple[int, Any, int]:
    """Read a file in a process of its own; return rows, reasons, and megabytes that it took."""
    ran = subprocess.run(
        [sys.executable, "-c", _COUNT, str(folder), name, form],
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    rows, reasons, megabytes = json.loads(ran.stdout)
    return rows, reasons, megabytes


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz", "rows.csv", "rows.txt"])
def test_a_line_of_100_megabytes_is_not_held(tmp_path: Path, name: str) -> None:
    head = {"rows.csv": b"prompt,completion\n", "rows.txt": b""}.get(name, b"")
    good = {"rows.csv": b"p,c\n", "rows.txt": b"x\n"}.get(name, GOOD)
    opened = gzip.open if name.endswith(".gz") else open
    with opened(tmp_path / name, "wb") as stream:
        stream.write(head + good + b'{"prompt": "')
        for _ in range(100):
            stream.write(b"x" * (1 << 20))
        stream.write(b'", "completion": "c"}\n' + good)
    columns = {"prompt": "text", "completion": "text"} if name == "rows.txt" else {}
    if columns:
        found = _read(tmp_path, name, columns=columns)
        assert (found.lines, found.reasons) == ([1, 3], {2: "the line is longer than 64 MB"})
        return
    rows, reasons, megabytes = _counted(tmp_path, name)
    assert rows == 2
    assert reasons == {"the line is longer than 64 MB": 1}
    assert megabytes < 400


def test_a_million_empty_rows_are_a_million_rejects(tmp_path: Path) -> None:
    with (tmp_path / "rows.jsonl").open("wb") as stream:
        stream.write(GOOD)
        for _ in range(1_000):
            stream.write(b'{"prompt": "", "completion": ""}\n' * 1_000)
    rows, reasons, megabytes = _counted(tmp_path, "rows.jsonl")
    assert rows == 1
    assert sum(reasons.values()) == 1_000_000
    assert megabytes < 600


def test_a_million_lines_that_are_no_rows(tmp_path: Path) -> None:
    with (tmp_path / "rows.jsonl").open("wb") as stream:
        stream.write(GOOD + b"\n" * 1_000_000 + b"1\n" * 1_000_000 + GOOD)
    rows, reasons, megabytes = _counted(tmp_path, "rows.jsonl")
    assert rows == 2
    assert reasons == {"a row must be an object, not a number": 1_000_000}
    assert megabytes < 600


def test_a_long_document_is_not_held(tmp_path: Path) -> None:
    with (tmp_path / "rows.json").open("wb") as stream:
        row = _line(prompt="p" * 5_000, completion="c" * 5_000)
        stream.write(b"[" + row)
        for _ in range(15_000):
            stream.write(b"," + row)
        stream.write(b"]")
    rows, reasons, megabytes = _counted(tmp_path, "rows.json")
    assert (rows, reasons) == (15_001, {})
    assert megabytes < 450
