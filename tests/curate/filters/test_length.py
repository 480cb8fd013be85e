"""Bounds on the length of rows: inclusive, in characters, words, tokens and turns."""

from typing import Any

import pytest

from tests.curate.filters.made import answers, reasons, talks

CHAT = talks(
    [("system", "Be brief."), ("user", "One?"), ("assistant", "1"), ("user", "Two?"),
     ("assistant", "It is 2.")],
)  # fmt: skip


@pytest.mark.parametrize(
    ("bounds", "reason"),
    [
        ({"answer_chars": {"min": 8, "max": 8}}, None),
        ({"answer_chars": {"min": 9}}, "answer of 8 characters, fewer than 9"),
        ({"answer_chars": {"max": 7}}, "answer of 8 characters, more than 7"),
        ({"prompt_chars": {"max": 20}}, "prompt of 21 characters, more than 20"),
        ({"prompt_chars": {"min": 21, "max": 21}}, None),
        ({"answer_words": {"max": 2}}, "answer of 3 words, more than 2"),
        ({"prompt_words": {"min": 6}}, "prompt of 5 words, fewer than 6"),
        ({"turns": {"max": 1}}, "2 turns, more than 1"),
        ({"turns": {"min": 2, "max": 2}}, None),
        ({"answer_words": {"min": 4}, "answer_chars": {"min": 9}},
         "answer of 8 characters, fewer than 9"),
    ],
)  # fmt: skip
def test_what_is_out_of_bounds_is_told_with_its_size(
    bounds: dict[str, Any], reason: str | None
) -> None:
    assert reasons(CHAT, length=bounds) == [reason]


def test_one_is_not_said_in_the_plural() -> None:
    assert reasons(answers("a"), length={"answer_chars": {"min": 2}}) == [
        "answer of 1 character, fewer than 2"
    ]
    assert reasons(answers("a"), length={"turns": {"min": 2}}) == ["1 turn, fewer than 2"]


def test_characters_are_code_points_and_chinese_characters_are_words() -> None:
    rows = answers("保护地球 now", "e\u0301", "\U0001f600")
    assert reasons(rows, length={"answer_words": {"max": 4}}) == [
        "answer of 5 words, more than 4", None, None,
    ]  # fmt: skip
    assert reasons(rows, length={"answer_chars": {"min": 2}}) == [
        None, None, "answer of 1 character, fewer than 2",
    ]  # fmt: skip


def test_tokens_are_those_that_are_handed_over() -> None:
    rows = answers("a", "b", "c")
    bounds = {"tokens": {"min": 4, "max": 8}}
    assert reasons(rows, [3, 4, 9], length=bounds) == [
        "3 tokens, fewer than 4", None, "9 tokens, more than 8",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="no `tokens` are given"):
        reasons(rows, length=bounds)


def test_a_text_that_is_missing_is_of_no_length() -> None:
    rows = talks([("user", "Go."), ("assistant", None)], [("user", "Go."), ("assistant", "")], [])
    said = ["answer of 0 characters, fewer than 1"] * 3
    assert reasons(rows, length={"answer_chars": {"min": 1}}) == said
    assert reasons(rows, length={"prompt_words": {"max": 1}, "turns": {"max": 1}}) == [None] * 3
    assert reasons(rows, length={"turns": {"min": 1}}) == [None, None, "0 turns, fewer than 1"]
