"""The local slope: exact points go on along the last slope, noisy ones along the slope of many."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.growth.curve import Curve
from doitkit.growth.curve.line import local_line

SIZES = 100.0 * 2.0 ** np.arange(7)
AHEAD = np.log(SIZES[-1]) + np.log(2.0) * np.arange(1, 6)


@given(st.floats(-0.6, 0.05), st.floats(0.2, 5.0))
def test_a_power_law_goes_on_as_it_is(slope: float, level: float) -> None:
    left = level * (SIZES / SIZES[0]) ** slope
    mean, _ = local_line(Curve.of(SIZES, left), AHEAD)
    expected = np.log(level) + slope * (AHEAD - np.log(SIZES[0]))
    np.testing.assert_allclose(mean, expected, atol=0.01)


def test_beyond_the_last_point_it_is_a_line() -> None:
    left = np.array([3.0, 2.6, 2.5, 2.1, 2.05, 1.7, 1.66])
    mean, _ = local_line(Curve.of(SIZES, left), AHEAD)
    np.testing.assert_allclose(np.diff(mean, n=2), 0.0, atol=1e-9)


def test_exact_points_that_bend_are_followed_at_their_end() -> None:
    # Flat first, then a slope of -0.3; the errors are those of a smooth curve alone.
    y = -0.3 * np.maximum(np.log(SIZES / SIZES[3]), 0.0)
    mean, _ = local_line(Curve.of(SIZES, np.exp(y)), AHEAD)
    last = (mean[1] - mean[0]) / np.log(2.0)
    whole = np.polyfit(np.log(SIZES), y, 1)[0]
    assert abs(last + 0.3) < 0.04
    assert abs(whole + 0.3) > 0.1


def test_noisy_points_are_not_followed_from_the_last_two() -> None:
    draw = np.random.default_rng(0)
    truth = 2.0 * (SIZES / SIZES[0]) ** -0.2
    errors: dict[str, list[float]] = {"line": [], "last two": []}
    for _ in range(200):
        noisy = truth * (1 + 0.1 * draw.standard_normal(len(SIZES)))
        curve = Curve.of(SIZES, noisy, stderr=0.1 * float(truth.mean()))
        slope = (local_line(curve, AHEAD)[0][1] - local_line(curve, AHEAD)[0][0]) / np.log(2.0)
        errors["line"].append(slope + 0.2)
        errors["last two"].append((curve.y[-1] - curve.y[-2]) / np.log(2.0) + 0.2)
    line, two = (float(np.sqrt(np.mean(np.square(e)))) for e in errors.values())
    assert line < 0.5 * two


def test_what_an_early_point_says_depends_on_the_noise() -> None:
    """How far the forecast moves with the first half of the points: not if they are exact."""
    left = 2.0 * (SIZES / SIZES[0]) ** -0.2
    other = left.copy()
    other[:4] *= np.array([1.15, 1.1, 1.06, 1.02])

    def moved(stderr: float) -> float:
        before, _ = local_line(Curve.of(SIZES, left, stderr), AHEAD)
        after, _ = local_line(Curve.of(SIZES, other, stderr), AHEAD)
        return float(np.abs(after - before)[-1])

    assert moved(0.3) > 2 * moved(0.0)


@given(st.floats(0.0, 0.1), st.integers(0, 1000))
def test_it_is_the_less_sure_the_further_it_looks(stderr: float, seed: int) -> None:
    noise = 1 + 0.02 * np.random.default_rng(seed).standard_normal(len(SIZES))
    _, sd = local_line(Curve.of(SIZES, 2.0 * (SIZES / 100.0) ** -0.1 * noise, stderr), AHEAD)
    assert (sd > 0).all()
    assert (np.diff(sd) > 0).all()


def test_a_point_that_is_known_better_counts_more() -> None:
    left = np.array([2.0, 1.9, 1.8, 1.7, 1.6, 1.5, 1.2])  # the last one falls off the line
    stderrs = np.full(7, 0.02)
    trusted, doubted = stderrs.copy(), stderrs.copy()
    trusted[-1], doubted[-1] = 0.001, 0.5
    follows, _ = local_line(Curve(SIZES, left, trusted), AHEAD)
    ignores, _ = local_line(Curve(SIZES, left, doubted), AHEAD)
    assert follows[0] < ignores[0] - 0.1
    assert ignores[0] == pytest.approx(np.log(1.4), abs=0.1)
