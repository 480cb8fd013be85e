"""The beginning of a file: bounded, and the same rows as the reader gives."""

import csv
import gzip
import io
import json
import random
import time
from pathlib import Path

import polars as pl
import pytest
import zstandard

from doitkit.core.errors import SourceError
from doitkit.source import sample as sample_module
from doitkit.source.files import read_raw
from doitkit.source.raw import RawRow
from doitkit.source.sample import sample_of

ROWS = [
    {"question": f"What is {i}?\nSay it.", "answer": f"It is {i}, I think."} for i in range(900)
]


def text_of(kind: str) -> str:
    if kind == "jsonl":
        return "".join(json.dumps(row) + "\n" for row in ROWS)
    if kind == "json":
        return json.dumps(ROWS, indent=1)
    if kind == "object.json":
        return json.dumps({"about": ["x"], "rows": ROWS})
    if kind == "lines.json":
        return "\n".join(json.dumps(row) for row in ROWS)
    written = io.StringIO()
    writer = csv.DictWriter(written, ["question", "answer"])
    writer.writeheader()
    writer.writerows(ROWS)
    return written.getvalue()


def write(folder: Path, kind: str, packing: str) -> Path:
    data = text_of(kind).encode()
    path = folder / f"rows.{kind}{packing}"
    packed = {".gz": gzip.compress, ".zst": zstandard.ZstdCompressor().compress}
    path.write_bytes(packed[packing](data) if packing else data)
    return path


KINDS = ("jsonl", "json", "object.json", "lines.json", "csv")


@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_small_file_is_counted(tmp_path: Path, kind: str, packing: str) -> None:
    found = sample_of(write(tmp_path, kind, packing))
    assert (found.count, found.exact, found.unreadable) == (900, True, 0)
    assert [row.value for row in found.rows] == ROWS[:200]
    assert found.records_at == ("rows" if kind == "object.json" else None)


@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_large_file_is_read_at_its_beginning_and_its_rows_are_reckoned(
    tmp_path: Path, kind: str, packing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, kind, packing)
    monkeypatch.setattr(sample_module, "_BYTES", 20_000)
    monkeypatch.setattr(sample_module, "_CHUNK_BYTES", 1_000)
    monkeypatch.setattr(sample_module, "_SIP_BYTES", 50)
    found = sample_of(path)
    # Whole rows, with their lines, and no trace of where the text was cut.
    rows = read_raw(path, records_at=found.records_at)
    first = [row.value for row in rows if isinstance(row, RawRow)][: len(found.rows)]
    assert [row.value for row in found.rows] == first == ROWS[: len(first)]
    assert len(first) > 100
    assert (found.exact, found.unreadable, found.reason) == (False, 0, None)
    assert len(str(found.count).rstrip("0")) <= 2
    if packing == ".zst":
        # So short a text is one block, which is unpacked at once: its rate cannot be told.
        assert found.count >= len(first)
    else:
        assert found.count == pytest.approx(900, rel=0.1)


def test_thirty_megabytes_take_no_longer_than_eight(tmp_path: Path) -> None:
    draw = random.Random(1)
    words = [f"{draw.getrandbits(64):x}" for _ in range(20_000)]
    rows = [{"prompt": " ".join(draw.choices(words, k=9)), "completion": w} for w in words]
    text = "".join(json.dumps(row) + "\n" for row in rows).encode() * 10
    assert len(text) > 30_000_000
    (tmp_path / "a.jsonl").write_bytes(text)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(text, 1))
    (tmp_path / "a.jsonl.zst").write_bytes(zstandard.ZstdCompressor().compress(text))
    for path in sorted(tmp_path.iterdir()):
        start = time.monotonic()
        found = sample_of(path)
        assert time.monotonic() - start < 3
        assert not found.exact
        assert found.count == pytest.approx(10 * len(rows), rel=0.1), path.name


def test_parquet_says_itself_how_many_rows_it_holds(tmp_path: Path) -> None:
    frame = pl.DataFrame(ROWS)
    frame.write_parquet(tmp_path / "rows.parquet")
    found = sample_of(tmp_path / "rows.parquet")
    assert (found.count, found.exact, len(found.rows)) == (900, True, 200)
    assert found.rows[0].value == ROWS[0]
    packed = tmp_path / "rows.parquet.gz"
    packed.write_bytes(gzip.compress((tmp_path / "rows.parquet").read_bytes()))
    assert sample_of(packed).count == 900
    frame.head(0).write_parquet(tmp_path / "none.parquet")
    assert sample_of(tmp_path / "none.parquet").rows == ()


def test_a_large_parquet_file_inside_an_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pl.DataFrame(ROWS).write_parquet(tmp_path / "rows.parquet")
    packed = tmp_path / "rows.parquet.gz"
    packed.write_bytes(gzip.compress((tmp_path / "rows.parquet").read_bytes()))
    monkeypatch.setattr(sample_module, "_BYTES", 100)
    with pytest.raises(SourceError, match="cannot be looked at"):
        sample_of(packed)


@pytest.mark.parametrize("name", ["a.parquet", "a.parquet.gz"])
def test_what_is_no_parquet(tmp_path: Path, name: str) -> None:
    data = b"not parquet at all"
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    with pytest.raises(SourceError, match="not a readable parquet file"):
        sample_of(tmp_path / name)


def test_lines_that_are_no_rows_are_counted_and_explained(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\nnot json\n{"a": 2}\n[3]\n')
    found = sample_of(path)
    assert (found.count, found.unreadable) == (2, 2)
    assert found.reason is not None
    assert found.reason.startswith("not JSON")


def test_a_damaged_archive_gives_what_stands_before_the_damage(tmp_path: Path) -> None:
    path = write(tmp_path, "jsonl", ".gz")
    path.write_bytes(path.read_bytes()[:4000])
    found = sample_of(path)
    assert 0 < found.count < 900
    assert found.unreadable >= 1


def test_a_row_longer_than_what_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"a": "x" * 5000}))
    monkeypatch.setattr(sample_module, "_BYTES", 1000)
    monkeypatch.setattr(sample_module, "_CHUNK_BYTES", 100)
    with pytest.raises(SourceError, match="too long to look at"):
        sample_of(path)


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.txt", "a.jsonl.gz", "a.csv.zst"])
def test_an_empty_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress(b"") if name.endswith("gz") else b"")
    assert sample_of(tmp_path / name).rows == ()


def test_a_json_file_that_holds_no_rows(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"inputs": ["x"], "name": "y"}')
    with pytest.raises(SourceError, match="not a list of rows"):
        sample_of(tmp_path / "a.json")
