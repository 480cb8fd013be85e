"""Normalisation gives equal text one spelling, once and for all."""

import re
import sys
import unicodedata
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.curate.normalize import _COMPOSED, normalize, normalize_text, normalize_texts
from tests.records import record

nasty = st.text(st.sampled_from("a e\u0301\u00e9\t\r\n\x00\x85\u00a0\u3000\ufeff\u2028\u0344|"))


@given(st.text() | nasty)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalize_text(text)
    assert normalize_text(once) == once


@given(st.text() | nasty)
def test_what_is_left_is_clean(text: str) -> None:
    found = normalize_text(text)
    assert unicodedata.is_normalized("NFC", found)
    assert found == found.strip()
    assert "\r" not in found
    assert not any(line != line.rstrip(" \t") for line in found.split("\n")[:-1])


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("e\u0301te\u0301", "\u00e9t\u00e9"),
        ("e\x00\u0301", "\u00e9"),
        ("a \r\n\tb\t\r\rc", "a\n\tb\n\nc"),
        ("\ufeff\n a\x07b\u3000\n\n", "ab"),
        ("  indented\n  code", "indented\n  code"),
        ("二\u3000三", "二\u3000三"),
    ],
)
def test_spellings(given_text: str, expected: str) -> None:
    assert normalize_text(given_text) == expected


def test_every_text_of_a_record_is_normalised() -> None:
    given_record = replace(
        record(" p ", "e\u0301", system="s\r\n"), choices=("e\u0301 ", "x"), answer="e\u0301 "
    )
    found = normalize(given_record)
    assert [m["content"] for m in found.messages] == ["s", "p", "\u00e9"]
    assert (found.choices, found.answer) == (("\u00e9", "x"), "\u00e9")


def test_what_is_not_composed_could_not_be() -> None:
    """Texts of such characters alone skip NFC, so of each of them this must be true."""
    every = [chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point < 0xE000]
    skipped = re.compile(f"[{_COMPOSED}]")
    joins = {chr(point) for point in range(0x1161, 0x11C3)}  # the later letters of Hangul
    for character in every:
        parts = unicodedata.decomposition(character)
        if parts and not parts.startswith("<"):
            joins |= {chr(int(part, 16)) for part in parts.split()[1:]}
    held = [character for character in every if skipped.match(character)]
    assert len(held) > 30_000
    for character in held:
        assert unicodedata.normalize("NFC", character) == character
        assert not unicodedata.combining(character)
        assert character not in joins


@given(st.lists(st.text() | nasty))
def test_many_texts_are_normalised_as_each_is(texts: list[str]) -> None:
    found = normalize_texts(pl.Series(texts, dtype=pl.String))
    assert found.to_list() == [normalize_text(text) for text in texts]
