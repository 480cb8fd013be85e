"""What many items share is taken off their ends, and only there."""

import numpy as np
import polars as pl
import pytest

from doitkit.curate.overlap.frame import up_to_marks, without_frame
from doitkit.curate.overlap.tokens import tokenize


@pytest.mark.parametrize(
    ("shared", "first", "end"),
    [
        ([], 0, 20),
        ([0], 3, 20),
        ([0, 1, 2, 5], 8, 20),
        ([0, 4], 3, 20),
        ([1], 0, 20),
        ([17], 0, 17),
        ([13, 14, 17], 0, 13),
        ([12, 16, 17], 0, 16),
        ([0, 8, 9, 17], 3, 17),
        ([*range(18)], 20, 20),
        ([0, 3, 6, 9, 11, 14, 17], 20, 20),
    ],
)
def test_the_own_text_of_a_side(shared: list[int], first: int, end: int) -> None:
    grams = pl.DataFrame(
        {"side": [1] * len(shared), "position": shared[::-1]},
        {"side": pl.UInt32, "position": pl.UInt32},
    )
    firsts, ends = without_frame(grams, np.array([5, 20, 0]), 3)
    assert firsts.tolist() == [0, first, 0]
    assert ends.tolist() == [5, end, 0]


@pytest.mark.parametrize(
    ("first", "end", "most", "expected"),
    [
        (5, 9, 8, (3, 11)),
        (3, 11, 8, (3, 11)),
        (5, 9, 3, (3, 11)),
        (5, 9, 2, (5, 9)),
        (2, 11, 8, (2, 11)),
        (0, 12, 8, (0, 12)),
    ],
)
def test_words_are_given_back_up_to_a_mark(
    first: int, end: int, most: int, expected: tuple[int, int]
) -> None:
    texts = ["Before that.", "One two three: what is the way to Rome by foot, say now"]
    tokens = tokenize("\n".join(texts), np.array([0, len(texts[0]) + 1]))
    assert np.diff(tokens.firsts).tolist() == [2, 13]
    assert up_to_marks(tokens, 1, first, end, most) == expected
