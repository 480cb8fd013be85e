"""Normalisation gives equal text one spelling, once and for all."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.curate.normalize import normalize, normalize_text
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
