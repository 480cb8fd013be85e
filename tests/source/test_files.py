"""Every kind of file, in every packing, gives the rows that were put into it."""

import csv
import gzip
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import zstandard

from doitkit.core.errors import SourceError
from doitkit.source.files import kind_of, read_raw, resolve
from doitkit.source.raw import RawRow, Unreadable

ROWS = [
    {"prompt": "Wie heißt du?", "completion": "Ich heiße Tübingen.\nUnd du?"},
    {"prompt": '"quoted", with comma', "completion": "二"},
    {"prompt": "last", "completion": "row"},
]


def _jsonl(rows: list[dict[str, str]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _json(rows: list[dict[str, str]]) -> bytes:
    return json.dumps(rows, indent=1).encode()


def _csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _parquet(rows: list[dict[str, str]]) -> bytes:
    target = io.BytesIO()
    pl.DataFrame(rows).write_parquet(target)
    return target.getvalue()


KINDS: dict[str, Callable[[list[dict[str, str]]], bytes]] = {
    "jsonl": _jsonl,
    "ndjson": _jsonl,
    "json": _json,
    "csv": _csv,
    "parquet": _parquet,
}
PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    ".gz": gzip.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}


def _rows(path: Path, **options: Any) -> list[dict[str, Any]]:
    found = list(read_raw(path, **options))
    assert all(isinstance(row, RawRow) for row in found), found
    return [row.value for row in found if isinstance(row, RawRow)]


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_in_every_packing_gives_its_rows(
    tmp_path: Path, kind: str, packing: str
) -> None:
    path = tmp_path / f"v1.0 rows.{kind}{packing}"
    path.write_bytes(PACKINGS[packing](KINDS[kind](ROWS)))
    assert _rows(path) == ROWS


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_text_file_gives_its_lines(tmp_path: Path, packing: str) -> None:
    path = tmp_path / f"lines.txt{packing}"
    path.write_bytes(PACKINGS[packing](b"one\r\n\r\nthree"))
    assert _rows(path) == [{"text": "one"}, {"text": ""}, {"text": "three"}]


@pytest.mark.parametrize("kind", ["jsonl", "json", "csv"])
def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path, kind: str) -> None:
    rows = [{"prompt": "a", "completion": "b"}, {"prompt": "c", "completion": "d"}]
    path = tmp_path / f"rows.{kind}"
    path.write_bytes(b"\xef\xbb\xbf" + KINDS[kind](rows).replace(b"\n", b"\r\n"))
    assert _rows(path) == rows


def test_all_members_of_a_concatenated_archive_are_read(tmp_path: Path) -> None:
    for suffix in (".gz", ".zst"):
        pack = PACKINGS[suffix]
        path = tmp_path / f"rows.jsonl{suffix}"
        path.write_bytes(pack(_jsonl(ROWS)) + pack(b"") + pack(_jsonl(ROWS)))
        assert _rows(path) == ROWS + ROWS


@pytest.mark.parametrize("kind", ["jsonl", "json", "csv"])
@pytest.mark.parametrize("packing", [".gz", ".zst"])
def test_a_cut_off_archive_keeps_what_can_be_read_and_says_so(
    tmp_path: Path, kind: str, packing: str
) -> None:
    rows = [
        {"prompt": f"{i:05d} " + "x" * (i % 7), "completion": str(i * i)} for i in range(40_000)
    ]
    packed = PACKINGS[packing](KINDS[kind](rows))
    path = tmp_path / f"rows.{kind}{packing}"
    path.write_bytes(packed[: len(packed) * 3 // 4])
    found = list(read_raw(path))
    kept = [row.value for row in found if isinstance(row, RawRow)]
    assert kept == rows[: len(kept)]
    assert len(kept) > 10_000
    last = found[-1]
    assert isinstance(last, Unreadable)
    assert "damaged from here on" in last.reason


def test_an_archive_that_is_none_is_one_reject(tmp_path: Path) -> None:
    for suffix in (".gz", ".zst"):
        path = tmp_path / f"rows.jsonl{suffix}"
        path.write_bytes(b'{"prompt": "plain text under a wrong name"}\n')
        (only,) = read_raw(path)
        assert isinstance(only, Unreadable)


def test_a_parquet_file_that_is_none_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    path.write_bytes(b"PAR1 not really")
    with pytest.raises(SourceError, match="not a readable parquet file") as caught:
        list(read_raw(path))
    assert caught.value.next_step


def test_a_name_says_what_a_file_is(tmp_path: Path) -> None:
    assert kind_of(tmp_path / "humaneval-py..gz_simple.v1.2.jsonl.gz") == "jsonl"
    assert kind_of(tmp_path / "A.JSON.ZST") == "json"
    for name in ("rows", "rows.gz", "rows.xlsx", ".json5"):
        with pytest.raises(SourceError, match="not known"):
            kind_of(tmp_path / name)


def test_globs_are_sorted_and_patterns_keep_their_order(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "z[1].jsonl", "deep/c.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    found = resolve("s", ["z[1].jsonl", "**/*.jsonl"], tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in found] == [
        "z[1].jsonl", "a.jsonl", "b.jsonl", "deep/c.jsonl", "z[1].jsonl",
    ]  # fmt: skip
    assert resolve("s", str(tmp_path / "?.jsonl"), Path("elsewhere")) == [
        tmp_path / "a.jsonl",
        tmp_path / "b.jsonl",
    ]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [("no.jsonl", None), ("no*.jsonl", None), ("folder", "it is a folder"), ("", "it is a folder")],
)
def test_a_file_that_is_not_there_is_an_error(
    tmp_path: Path, pattern: str, why: str | None
) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(SourceError, match="no such file") as caught:
        resolve("people", pattern, tmp_path)
    assert caught.value.why == why
    with pytest.raises(SourceError) as caught:
        resolve("people", pattern or "x.json", tmp_path / "nowhere")
    assert "there is no folder" in str(caught.value)


def test_a_file_whose_name_is_no_text_is_an_error(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jsonl")).write_text('{"a": 1}\n')
    with pytest.raises(SourceError, match="not UTF-8 text") as caught:
        resolve("people", "*.jsonl", tmp_path)
    assert str(caught.value.where).endswith("caf\\xe9.jsonl")
