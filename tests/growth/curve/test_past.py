"""Past curves of the same ability say how one that goes as they did goes on."""

import numpy as np
import pytest

from doitkit.growth.curve import Curve
from doitkit.growth.curve.past import from_past
from doitkit.growth.observations import Floats

SIZES = 100.0 * 2.0 ** np.arange(10)
AHEAD = np.log(SIZES[6:])


def shaped(level: float, late: float) -> Curve:
    """Return a curve that takes off at a late size; the steeper before, the steeper after."""
    x = np.log(SIZES / SIZES[0])
    return Curve.of(SIZES, level * np.exp(-0.02 * x - late * np.logaddexp(0.0, x - 3.0)))


def past(n: int = 8) -> list[Curve]:
    draw = np.random.default_rng(0)
    return [shaped(draw.uniform(1, 3), draw.uniform(0.1, 0.4)) for _ in range(n)]


def test_a_curve_like_past_ones_goes_on_as_they_did() -> None:
    whole = shaped(2.2, 0.3)
    told = from_past(whole.first(6), AHEAD, past())
    assert told is not None
    mean, sd, counted = told
    np.testing.assert_allclose(mean, whole.y[6:], atol=0.06)
    assert (counted == 8).all()
    assert (np.abs(mean - whole.y[6:]) < 3 * sd).all()


def test_fewer_than_two_past_curves_say_nothing() -> None:
    seen = shaped(2.0, 0.2).first(6)
    assert from_past(seen, AHEAD, []) is None
    assert from_past(seen, AHEAD, past(1)) is None
    assert from_past(seen, AHEAD, past(2)) is not None


def test_past_curves_that_do_not_cover_the_last_points_do_not_count() -> None:
    seen = shaped(2.0, 0.2).first(6)
    short = [curve.first(5) for curve in past()]
    late = [Curve(c.sizes[4:], c.left[4:], c.stderrs[4:]) for c in past()]
    assert from_past(seen, AHEAD, [*short, *late, past()[0]]) is None


def test_sizes_that_few_past_curves_reach_are_left_open() -> None:
    seen = shaped(2.0, 0.2).first(6)
    curves = [past()[0], *(curve.first(8) for curve in past()[1:])]
    told = from_past(seen, AHEAD, curves)
    assert told is not None
    mean, sd, counted = told
    np.testing.assert_array_equal(counted, [8, 8, 1, 1])
    np.testing.assert_array_equal(np.isfinite(mean), [True, True, False, False])
    np.testing.assert_array_equal(np.isfinite(sd), [True, True, False, False])


def test_past_curves_of_other_sizes_are_read_between_their_points() -> None:
    whole = shaped(2.2, 0.3)
    x = np.log(SIZES)
    between = np.sort(np.concatenate([x, (x[1:] + x[:-1]) / 2]))[::-1][::2][::-1]
    moved = [
        Curve.of(np.exp(between), np.exp(np.interp(between, curve.x, curve.y))) for curve in past()
    ]
    same = [Curve.of(SIZES, np.exp(curve.y)) for curve in past()]
    told, other = from_past(whole.first(6), AHEAD, moved), from_past(whole.first(6), AHEAD, same)
    assert told is not None
    assert other is not None
    np.testing.assert_allclose(told[0], other[0], atol=0.03)


def test_the_level_of_a_curve_is_its_own() -> None:
    """Past curves say how much falls off; twice the loss of them all stays about twice it."""
    seen: Floats = shaped(2.0, 0.25).first(6).left
    told = [from_past(Curve.of(SIZES[:6], times * seen), AHEAD, past()) for times in (1.0, 1.05)]
    assert told[0] is not None
    assert told[1] is not None
    np.testing.assert_allclose(told[1][0] - told[0][0], np.log(1.05), atol=0.02)


def test_a_curve_unlike_all_past_ones_is_told_with_more_doubt() -> None:
    alike, other = shaped(2.0, 0.25).first(6), shaped(2.0, 1.5).first(6)
    near, far = from_past(alike, AHEAD, past()), from_past(other, AHEAD, past())
    assert near is not None
    assert far is not None
    assert (far[1] > near[1]).all()


def test_past_curves_that_are_all_the_same_do_not_break_it() -> None:
    whole = shaped(2.0, 0.2)
    told = from_past(whole.first(6), AHEAD, [whole, whole, whole])
    assert told is not None
    np.testing.assert_allclose(told[0], whole.y[6:], atol=1e-6)
    assert np.isfinite(told[1]).all()
    assert (told[1] >= 0).all()
    assert told[1] == pytest.approx(np.zeros(4), abs=1e-6)
