"""Samples for estimates: every row as likely as another, repeats and faults in proportion."""

import gzip
import json
import random
from pathlib import Path

import polars as pl
import pytest

from doitkit.source.drawn import drawn_rows
from doitkit.source.raw import RawRow, Unreadable


def _write(path: Path, rows: list[str]) -> Path:
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def test_a_small_file_comes_whole_and_in_order(tmp_path: Path) -> None:
    file = _write(tmp_path / "a.jsonl", ['{"x": 1}', "", "not json", '{"x": 1}', '{"x": 2}'])
    rows, total = drawn_rows(file, 10)
    assert total == 4  # a blank line is no row
    assert [type(row) for row in rows] == [RawRow, Unreadable, RawRow, RawRow]
    assert [row.line for row in rows] == [1, 3, 4, 5]


def test_the_sample_is_that_of_the_rows_and_not_of_their_places(tmp_path: Path) -> None:
    rows = [json.dumps({"x": i}) for i in range(5000)]
    shuffled = random.Random(3).sample(rows, len(rows))
    drawn, total = drawn_rows(_write(tmp_path / "a.jsonl", rows), 300)
    again, _ = drawn_rows(_write(tmp_path / "b.jsonl", shuffled), 300)
    values = {row.value["x"] for row in drawn if isinstance(row, RawRow)}
    assert values == {row.value["x"] for row in again if isinstance(row, RawRow)}
    assert (total, len(drawn)) == (5000, 300)
    # 300 of 0..4999 at random: the mean has a standard error of 83.
    assert abs(sum(values) / 300 - 2500) < 4 * 83


def test_repeats_and_faults_are_in_the_sample_as_in_the_file(tmp_path: Path) -> None:
    good = [json.dumps({"x": i}) for i in range(4000)] * 2
    bad = [f"{{broken {i}" for i in range(2000)]
    rows = random.Random(5).sample(good + bad, 10_000)
    drawn, total = drawn_rows(_write(tmp_path / "a.jsonl", rows), 1000)
    kept = [row.value["x"] for row in drawn if isinstance(row, RawRow)]
    assert total == 10_000
    assert len(kept) == 2 * len(set(kept))  # all copies come together
    share = 1 - len(kept) / len(drawn)
    assert abs(share - 0.2) < 0.04


@pytest.mark.parametrize("kind", ["jsonl.gz", "json", "csv", "parquet", "txt"])
def test_every_kind_of_file_can_be_sampled(tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"a.{kind}"
    values = [{"x": str(i)} for i in range(900)]
    if kind == "jsonl.gz":
        file.write_bytes(gzip.compress("".join(json.dumps(v) + "\n" for v in values).encode()))
    elif kind == "json":
        file.write_text(json.dumps({"rows": values}))
    elif kind == "parquet":
        pl.DataFrame(values).write_parquet(file)
    elif kind == "csv":
        pl.DataFrame(values).write_csv(file)
    else:
        file.write_text("".join(f"{v['x']}\n" for v in values))
    at = "rows" if kind == "json" else None
    drawn, total = drawn_rows(file, 50, records_at=at)
    assert (total, len(drawn)) == (900, 50)
    lines = [row.line for row in drawn]
    assert lines == sorted(lines)


def test_rows_that_differ_in_an_id_alone_are_copies(tmp_path: Path) -> None:
    rows = [json.dumps({"id": i, "q": f"question {i % 1500}"}) for i in range(6000)]
    file = _write(tmp_path / "a.jsonl", rows)
    drawn, total = drawn_rows(file, 200, keys={"q", "prompt"})
    questions = [row.value["q"] for row in drawn if isinstance(row, RawRow)]
    assert (total, len(set(questions)), len(questions)) == (6000, 200, 800)
