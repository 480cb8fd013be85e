"""Means, and standard errors that do not claim too much."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.evaluate.score import mean_and_stderr

rights = st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=300)
numbers = st.lists(st.floats(-50, 50), min_size=2, max_size=300)


@given(rights)
def test_right_or_wrong(values: list[float]) -> None:
    mean, stderr = mean_and_stderr(values, binary=True)
    n = len(values)
    assert mean == pytest.approx(np.mean(values))
    # Never certain, not even when all are right; at most that of a coin.
    assert 0 < stderr <= 0.5 / math.sqrt(n) + 1e-12
    assert mean_and_stderr([1 - v for v in values], binary=True)[1] == pytest.approx(stderr)
    if 0 < mean < 1 and n > 50:
        assert stderr == pytest.approx(math.sqrt(mean * (1 - mean) / n), rel=0.5)


@given(numbers)
def test_other_values(values: list[float]) -> None:
    mean, stderr = mean_and_stderr(values, binary=False)
    assert mean == pytest.approx(np.mean(values), abs=1e-9)
    expected = np.std(values, ddof=1) / math.sqrt(len(values))
    assert stderr == pytest.approx(expected, rel=1e-6, abs=1e-9)


@given(numbers, st.randoms(use_true_random=False))
def test_the_order_of_items_does_not_matter(values: list[float], draw: object) -> None:
    shuffled = list(values)
    draw.shuffle(shuffled)  # type: ignore[attr-defined]
    assert mean_and_stderr(shuffled, binary=False) == mean_and_stderr(values, binary=False)


def test_a_perfect_score_on_few_items_is_less_sure_than_on_many() -> None:
    few, many = ([1.0] * n for n in (5, 500))
    assert mean_and_stderr(few, binary=True)[1] > 5 * mean_and_stderr(many, binary=True)[1]


def test_one_item_says_little() -> None:
    assert mean_and_stderr([3.5], binary=False) == (3.5, 3.5)
    assert mean_and_stderr([1.0], binary=True)[1] == pytest.approx(math.sqrt(0.75 * 0.25))


def test_no_items_are_no_score() -> None:
    with pytest.raises(ValueError, match="no items"):
        mean_and_stderr([], binary=True)
