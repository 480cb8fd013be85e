"""Answers that say the same again and again."""

from hypothesis import given
from hypothesis import strategies as st

from tests.curate.filters.made import answers, reasons

SONG = "Row, row, row your boat\n" * 6
CODE = """\
def mean(values):
    total = 0
    for value in values:
        total += value
    return total / len(values)

def variance(values):
    center = mean(values)
    total = 0
    for value in values:
        total += (value - center) ** 2
    return total / len(values)
"""


def test_lines_that_are_repeated() -> None:
    assert reasons(answers(SONG), repetition={}) == ["0.833 of 6 lines are repeats, more than 0.5"]
    assert reasons(answers(SONG), repetition={"most_repeated_lines": 0.9}) == [
        "0.815 of 27 word 4-grams are repeats, more than 0.6"
    ]


def test_words_that_are_repeated() -> None:
    assert reasons(answers("so it goes on and " * 8), repetition={}) == [
        "0.865 of 37 word 4-grams are repeats, more than 0.6"
    ]
    assert reasons(answers("你好世界" * 8), repetition={}) == [
        "0.862 of 29 word 4-grams are repeats, more than 0.6"
    ]


def test_short_answers_and_code_are_not_repetition() -> None:
    rows = answers(CODE, "no no no no no no", "Hello\nHello", "", None)
    assert reasons(rows, repetition={}) == [None] * 5
    assert reasons(answers("no " * 20), repetition={"min_words": 21}) == [None]
    assert reasons(answers("no " * 20), repetition={"min_words": 20}) != [None]


def test_the_bound_itself_is_allowed() -> None:
    half = "one two three four five\n" * 2 + "six seven eight nine ten\n" * 2
    assert reasons(answers(half), repetition={"most_repeated_lines": 0.5}) == [None]
    assert reasons(answers(half), repetition={"most_repeated_lines": 0.49}) == [
        "0.5 of 4 lines are repeats, more than 0.49"
    ]


def _plainly(text: str, most_lines: float, most_grams: float, min_words: int) -> bool:
    words = text.split()
    if len(words) < min_words:
        return False
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    grams = list(zip(words, words[1:], words[2:], words[3:], strict=False))
    many = len(lines) >= 3 and 1 - len(set(lines)) / len(lines) > most_lines
    return many or 1 - len(set(grams)) / len(grams) > most_grams


@given(
    texts=st.lists(
        st.lists(
            st.sampled_from(["a", "b", "b b", "c d", "\n", "a\nb", "\t", " "]), max_size=40
        ).map(" ".join),
        max_size=12,
    ),
    most=st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9]),
    min_words=st.integers(4, 12),
)
def test_it_is_what_counting_one_by_one_gives(
    texts: list[str], most: float, min_words: int
) -> None:
    declared = {
        "most_repeated_lines": most,
        "most_repeated_ngrams": most,
        "min_words": min_words,
    }
    found = [reason is not None for reason in reasons(answers(*texts), repetition=declared)]
    assert found == [_plainly(text, most, most, min_words) for text in texts]
