"""What counts as a word."""

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.curate.filters.words import count_words, words_of

_PARTS = ["a", "bc", "d.", " ", "  ", "\n", "\t", "\r", "\u3000", "\xa0", "é", "你", "カ", ""]
_TEXTS = st.lists(st.sampled_from(_PARTS), max_size=12).map("".join)


def _plainly(text: str) -> list[str]:
    return re.findall(r"[\u4e00-\u9fff\u3040-\u30ff]|[^\s\u4e00-\u9fff\u3040-\u30ff]+", text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("so it goes", 3),
        (" so\n\tit  goes. ", 3),
        ("", 0),
        (" \n", 0),
        ("保护地球 now!", 5),
        ("naïve café", 2),
        ("a\u3000b", 2),
    ],
)
def test_words_stand_between_white_space_or_are_chinese_characters(text: str, words: int) -> None:
    assert pl.select(count_words(pl.lit(text))).item() == words


@given(texts=st.lists(_TEXTS, max_size=6))
def test_words_are_counted_and_split_alike(texts: list[str]) -> None:
    expected = [_plainly(text) for text in texts]
    series = pl.Series("text", texts, dtype=pl.String)
    counted = series.to_frame().select(count_words(pl.col("text")))
    assert counted.to_series().to_list() == [len(words) for words in expected]
    split = words_of(series).sort("row")["words"].to_list()
    assert [[word for word in words if word] for words in split] == expected


def test_what_is_missing_is_not_counted() -> None:
    missing = pl.lit(None, dtype=pl.String)
    assert pl.select(count_words(missing)).item() is None
    assert words_of(pl.Series([None], dtype=pl.String))["words"].drop_nulls().len() == 0
