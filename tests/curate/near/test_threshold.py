"""Thresholds are compared in whole numbers."""

from fractions import Fraction
from math import ceil

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from doitkit.curate.near.threshold import Threshold


@given(st.decimals("0.01", "1", places=3), st.integers(1, 10**6), st.integers(1, 10**6))
def test_the_least_that_is_enough(similarity: object, one: int, other: int) -> None:
    threshold = Threshold.of(float(similarity))
    exact = Fraction(str(similarity))
    assert Fraction(threshold.above, threshold.below) == exact
    assert threshold.least_size(np.array([one])).tolist() == [ceil(exact * one)]
    (least,) = threshold.least_overlap(np.array([one + other])).tolist()
    assert Fraction(least, one + other - least) >= exact
    assert Fraction(least - 1, one + other - least + 1) < exact


def test_a_float_is_the_fraction_that_was_meant() -> None:
    meant = {0.8: (4, 5), 0.1 + 0.2: (3, 10), 2 / 3: (2, 3), 1.0: (1, 1)}
    for similarity, (above, below) in meant.items():
        assert Threshold.of(similarity) == Threshold(above, below)
