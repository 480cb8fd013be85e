"""A curve takes what is a curve, and says what is wrong with what is none."""

import numpy as np
import pytest

from doitkit.core.errors import FitError
from doitkit.growth.curve import Curve


@pytest.mark.parametrize(
    ("sizes", "left", "said"),
    [
        ([10, 20], [1.0, 0.9], "has 2 points"),
        ([10, 20, 30], [1.0, np.nan, 0.8], "no number"),
        ([10, 20, np.inf], [1.0, 0.9, 0.8], "no number"),
        ([0, 20, 30], [1.0, 0.9, 0.8], "do not ascend from above 0"),
        ([-5, 20, 30], [1.0, 0.9, 0.8], "do not ascend from above 0"),
        ([10, 30, 20], [1.0, 0.9, 0.8], "do not ascend from above 0"),
        ([10, 20, 20], [1.0, 0.9, 0.8], "do not ascend from above 0"),
        ([10, 20, 30], [1.0, -0.1, 0.8], "negative loss"),
    ],
)
def test_what_is_no_curve_is_refused(sizes: list[float], left: list[float], said: str) -> None:
    with pytest.raises(FitError, match=said) as caught:
        Curve.of(sizes, left)
    assert caught.value.next_step


def test_errors_must_be_errors() -> None:
    with pytest.raises(FitError, match="negative loss"):
        Curve.of([10, 20, 30], [1.0, 0.9, 0.8], stderr=-0.1)
    with pytest.raises(FitError, match="no number"):
        Curve.of([10, 20, 30], [1.0, 0.9, 0.8], stderr=np.nan)


def test_parts_of_different_lengths_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="differ in number"):
        Curve(np.array([1.0, 2, 3]), np.array([1.0, 1]), np.zeros(3))


def test_points_are_seen_in_logarithms() -> None:
    curve = Curve.of([10, 100, 1000], [2.0, 1.0, 0.5], stderr=0.05)
    np.testing.assert_allclose(curve.x, np.log([10, 100, 1000]))
    np.testing.assert_allclose(curve.y, np.log([2.0, 1.0, 0.5]))
    # A point's own error, as a share of it, and the roughness of all curves beside it.
    np.testing.assert_allclose(curve.noise, np.hypot([0.025, 0.05, 0.1], 0.01))


def test_nothing_left_is_no_minus_infinity() -> None:
    curve = Curve.of([10, 100, 1000], [0.1, 0.0, 0.0])
    assert np.isfinite(curve.y).all()
    assert curve.y[1] == pytest.approx(np.log(1e-3))


def test_the_first_points_are_a_curve() -> None:
    curve = Curve.of([10, 20, 40, 80], [1.0, 0.9, 0.8, 0.7], stderr=0.01)
    part = curve.first(3)
    np.testing.assert_array_equal(part.sizes, [10, 20, 40])
    np.testing.assert_array_equal(part.left, [1.0, 0.9, 0.8])
    with pytest.raises(FitError, match="has 2 points"):
        curve.first(2)
