"""Tokens: what is blind to dress, what a word is, and Chinese and Japanese by the character."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.core.records import folded
from doitkit.curate.overlap.tokens import APART, Tokens, tokenize
from tests.curate.overlap.reference import cut, words

_ASSIGNED = st.characters(exclude_categories=["Cn", "Co", "Cs"])


def _tokens(texts: Sequence[str]) -> Tokens:
    heads = np.cumsum([0, *(len(text) + len(APART) for text in texts)])[: len(texts)]
    return tokenize(APART.join(texts), heads)


def _words(text: str) -> list[str]:
    tokens = _tokens([text])
    return [tokens.text[s:e] for s, e in zip(tokens.starts, tokens.ends, strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't “quote” me, please?!", ["Don", "t", "quote", "me", "please"]),
        ("snake_case = x[i+1]", ["snake_case", "x", "i", "1"]),
        (r"$\frac{1}{2}$", ["frac", "1", "2"]),
        ("第3章：abc，猫です。", ["第", "3", "章", "abc", "猫", "で", "す"]),
        ("한국어 문장", ["한국어", "문장"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("?!...", []),
        ("", []),
    ],
)
def test_what_a_token_is(text: str, expected: list[str]) -> None:
    assert _words(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Is this IT?", "is  this\n“it”"),
        ("ＡＢＣ　１２３", "abc 123"),
        ("cafe\u0301 noir", "Café noir"),
        ("Straße", "STRASSE"),
        ("ﬁnal ½", "final 1⁄2"),
        ("ｶﾞｷﾞ", "ガギ"),
        ("\u1112\u1161\u11ab", "한"),
        ("σίγμας", "ΣΊΓΜΑΣ"),
        ("㎏ 20℃", "kg 20°c"),
    ],
)
def test_texts_that_are_dressed_differently_are_equal(one: str, other: str) -> None:
    tokens = _tokens([one, other])
    assert tokens.wholes[0] == tokens.wholes[1]


@pytest.mark.parametrize(
    ("one", "other"), [("a b", "ab"), ("ab", "ba"), ("a b", "b a"), ("resume", "résumé"), ("", "a")]
)
def test_texts_that_differ_in_their_words_differ(one: str, other: str) -> None:
    tokens = _tokens([one, other])
    assert tokens.wholes[0] != tokens.wholes[1]


@given(st.lists(st.text(_ASSIGNED, max_size=12), min_size=1, max_size=8))
def test_tokens_are_those_of_the_folded_text(texts: list[str]) -> None:
    tokens = _tokens(texts)
    plain = [words(text) for text in texts]
    assert np.diff(tokens.firsts).tolist() == [len(held) for held in plain]
    flat = [word for held in plain for word in held]
    by_word = dict(zip(flat, tokens.values.tolist(), strict=True))
    assert [by_word[word] for word in flat] == tokens.values.tolist()
    assert len(set(by_word.values())) == len(by_word)
    shown = [tokens.text[s:e] for s, e in zip(tokens.starts, tokens.ends, strict=True)]
    assert [folded(word) for word in shown] == flat
    marks = [cut(text).marks for text in texts]
    first = 0
    for held, size in zip(marks, np.diff(tokens.firsts).tolist(), strict=True):
        assert {token for token in range(size) if tokens.parted(first + token)} == held - {size}
        assert tokens.parted(first + size)
        first += size


def test_every_letter_is_what_it_folds_to() -> None:
    letters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    for first in range(0, len(letters), 4096):
        some = letters[first : first + 4096]
        tokens = _tokens([*some, *map(folded, some)])
        assert (tokens.wholes[: len(some)] == tokens.wholes[len(some) :]).all()


def test_which_text_a_token_stands_in() -> None:
    tokens = _tokens(["", "one two", "", "three", ""])
    assert tokens.texts(np.arange(3)).tolist() == [1, 1, 3]
    assert tokens.firsts.tolist() == [0, 0, 2, 2, 3, 3]


def test_characters_are_counted_with_a_space_between_any_two_words() -> None:
    tokens = _tokens(["What,  is  it?", "", "猫です"])
    sizes = tokens.chars(tokens.firsts[:-1], tokens.firsts[1:])
    assert sizes.tolist() == [len("what is it"), 0, len("猫 で す")]
