"""Grams are those of the folded text, and a hash of 48 bits tells them apart."""

import re
import unicodedata
from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.curate.near import Shingling, shingles
from doitkit.curate.near.layout import rows_of
from tests.curate.near.brute import WORDS_OF_5, grams

# Python splits at these four too, though Unicode does not count them as white space.
_SEPARATORS = "\x1c\x1d\x1e\x1f"
# Latin, Greek, Cyrillic, Hebrew, Arabic, and marks that combine; all as old as Unicode 3.
_LETTERS = st.characters(max_codepoint=0x6FF, categories=["L", "M", "N", "P", "S", "Zs", "Cc"])
_OTHERS = st.sampled_from(
    "ﬁ①㎏ＡｚÅΣς　  \u2028\u2029\u1680\x85，。《》…、的一鿿㐀𠀀𰀀のカ가각ｶﾞ😀👩‍👧½²İ"
)
texts = st.lists(
    st.text(st.one_of(_LETTERS, _OTHERS, st.sampled_from(" ab")), max_size=16).map(
        lambda text: re.sub(f"[{_SEPARATORS}]", "", text)
    ),
    max_size=8,
)
shinglings = st.builds(Shingling, st.integers(1, 6), st.sampled_from(["word", "char"]))


def _grams(texts: list[str | None], shingling: Shingling) -> list[set[int]]:
    """Return the hashes of the grams of each text."""
    keys = shingling.keys(pl.Series(texts, dtype=pl.String))
    hashes: list[set[int]] = [set() for _ in texts]
    for row, gram in zip(rows_of(keys).tolist(), (keys >> 16).tolist(), strict=True):
        hashes[row].add(gram)
    assert sum(map(len, hashes)) == len(keys)
    return hashes


@given(texts, shinglings)
def test_hashes_agree_where_grams_do(texts: list[str], shingling: Shingling) -> None:
    right = [grams(text, shingling) for text in texts]
    hashes = _grams(list(texts), shingling)
    assert [len(held) for held in hashes] == [len(held) for held in right]
    for i, one in enumerate(right):
        for j, other in enumerate(right):
            assert len(hashes[i] & hashes[j]) == len(one & other)


def test_a_chinese_or_japanese_character_is_a_word() -> None:
    single = Shingling(1)
    (mixed,) = _grams(["say 你好,世界 in Python3の本"], single)
    (apart,) = _grams(["say 你 好 , 世 界 in python3 の 本"], single)
    assert mixed == apart
    assert len(mixed) == 10
    (hindi, korean) = _grams(["हिन्दी में", "한국어 문장"], single)
    assert len(hindi) == len(korean) == 2


def test_hashes_are_the_same_on_every_machine() -> None:
    (words,) = _grams(["The quick brown fox jumps"], WORDS_OF_5)
    (characters,) = _grams(["你好，世界"], Shingling(5, "char"))
    assert (words, characters) == ({60138652261460}, {186848939642155})


def test_no_two_of_many_grams_are_taken_for_one() -> None:
    numbers = " ".join(str(number) for number in range(300_000))
    assert len(Shingling(1).keys(pl.Series([numbers]))) == 300_000
    characters = "".join(map(chr, range(0x4E00, 0x9FFF)))
    for ngram in (1, 2, 5):
        keys = Shingling(ngram, "char").keys(pl.Series([characters, characters[::-1]]))
        assert len(set((keys >> 16).tolist())) == (2 - (ngram == 1)) * (0x51FF - ngram + 1)
    swapped = [" ".join(pair) for i in range(300) for pair in ((f"a{i}", "b"), ("b", f"a{i}"))]
    assert len(set().union(*_grams(swapped, WORDS_OF_5))) == len(swapped)


@pytest.mark.parametrize("length", [1, 1 << 20, (1 << 20) + 1, 3_000_000])
def test_a_text_of_any_length_is_read(length: int) -> None:
    first, second = _grams(["x" * length + " end", "start " + "x" * length], Shingling(1))
    assert len(first) == len(second) == 2
    assert len(first & second) == 1


def test_simple_characters_are_in_their_normal_form_and_without_case() -> None:
    """They are folded by arithmetic alone, so of each of them it must be true."""
    simple = re.compile(f"[{shingles._SIMPLE}]")
    kinds: Counter[bool] = Counter()
    for character in map(chr, [*range(0xD800), *range(0xE000, 0x110000)]):
        if simple.match(character) and not character.isascii():
            folded = unicodedata.normalize("NFKC", character).lower()
            # What combines with nothing before it is normal next to any other such character.
            assert (folded, unicodedata.combining(character)) == (character, 0)
            assert not character.isspace()
        kinds[bool(simple.match(character))] += 1
    assert kinds[True] > 21_000


def test_wide_characters_are_a_fixed_distance_from_the_normal_ones() -> None:
    first, last = shingles._WIDE[0], shingles._WIDE[-1]
    for wide in map(chr, range(ord(first), ord(last) + 1)):
        assert unicodedata.normalize("NFKC", wide) == chr(ord(wide) - shingles._WIDENED)
