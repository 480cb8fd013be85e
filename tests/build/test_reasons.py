"""Reasons of one kind are counted together, whatever numbers and places they name."""

from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from doitkit.build.reasons import read_reasons
from doitkit.core.tables import REJECT


def _rejects(folder: Path, *reasons: str) -> Path:
    rows = {
        "source": ["gsm8k"] * len(reasons),
        "file": [f"{n}.jsonl" for n in range(len(reasons))],
        "line": list(range(len(reasons))),
        "step": ["filter"] * len(reasons),
        "reason": list(reasons),
        "id": [None] * len(reasons),
        "text": [f"text {n}" for n in range(len(reasons))],
    }
    frame = pl.DataFrame(pa.table(rows, schema=REJECT))
    frame.write_parquet(folder / "rejects.parquet")
    return folder / "rejects.parquet"


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("1330 characters, more than max_chars 1,200", "N characters, more than max_chars 1,200"),
        ("answer of 1 word, fewer than 3", "answer of N words, fewer than 3"),
        ("0.71 of 24 lines are repeats, more than 0.5", "N of N lines are repeats, more than 0.5"),
        ("same text as gsm8k, a/b.jsonl:17", "same text as gsm8k"),
        (
            "same prompt as the evaluation item m.evaluate, t.jsonl:3",
            "same prompt as an item of m.evaluate",
        ),
        ("0.87 alike with gpt4.1, b.json:4, and so with a2, c:9", "alike with gpt4.1"),
        (
            "holds 60 % of the answer of the evaluation item m.evaluate, t.jsonl:3: two, and\n3: x",
            "holds a part of the answer of an item of m.evaluate",
        ),
        ('the choice "it\'s so" stands there twice', "a choice stands there twice"),
        ("a refusal: \"i'm sorry, but i don't\"", "a refusal"),
        ("`output` is empty", "`output` is empty"),
        ("personal data: email, phone", "personal data: email, phone"),
    ],
)
def test_the_kind_of_a_reason(tmp_path: Path, reason: str, kind: str) -> None:
    (found,) = read_reasons(_rejects(tmp_path, reason))
    assert found.kind == kind
    assert (found.reason, found.text, found.rows) == (reason, "text 0", 1)


def test_the_commonest_come_first_each_with_its_first_row(tmp_path: Path) -> None:
    folder = tmp_path / "with[x]"
    folder.mkdir()
    found = read_reasons(
        _rejects(folder, "a", "1 token, fewer than 9", "a", "8 tokens, fewer than 9", "a")
    )
    assert [(one.kind, one.rows, one.file) for one in found] == [
        ("a", 3, "0.jsonl"),
        ("N tokens, fewer than 9", 2, "1.jsonl"),
    ]


def test_no_reject_no_reason(tmp_path: Path) -> None:
    assert read_reasons(_rejects(tmp_path)) == []
