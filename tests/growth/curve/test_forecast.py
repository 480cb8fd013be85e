"""How a curve goes on: by three experts weighed by what they foretold, and by past curves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doitkit.growth.curve import Curve, CurveForecast, forecast_curve, shipped
from doitkit.growth.curve.line import local_line
from doitkit.growth.curve.shipped import Level

SIZES = 100.0 * 2.0 ** np.arange(12)
LATER = SIZES[6:]


def falling(slope: float = 0.3, floor: float = 0.0, level: float = 2.0) -> Curve:
    return Curve.of(SIZES, level * ((1 - floor) * (SIZES / 100.0) ** -slope + floor))


def far(forecast: CurveForecast, curve: Curve) -> float:
    return float(np.abs(forecast.log_mean - curve.y[-len(forecast.sizes) :]).max())


def test_a_flat_curve_stays_flat() -> None:
    flat = Curve.of(SIZES, np.full(12, 0.7))
    told = forecast_curve(flat.first(6), LATER)
    np.testing.assert_allclose(told.left[:3], 0.7, rtol=0.01)
    # Further on, a bend that did not show yet is held possible: a little less may be left.
    np.testing.assert_allclose(told.left, 0.7, rtol=0.05)
    low, high = told.interval("80")
    assert ((low < 0.7) & (high > 0.7)).all()


@pytest.mark.parametrize("slope", [0.05, 0.2, 0.4])
def test_a_power_law_goes_on(slope: float) -> None:
    told = forecast_curve(falling(slope).first(6), LATER)
    assert far(told, falling(slope)) < 0.08


@settings(max_examples=40)
@given(
    st.integers(0, 2**31),
    st.integers(3, 14),
    st.sampled_from(["falls", "leaps", "ends at nothing", "rises"]),
    st.sampled_from([0.0, 0.01, 0.3]),
)
def test_whatever_the_curve_larger_sizes_are_told(
    seed: int, points: int, kind: str, stderr: float
) -> None:
    draw = np.random.default_rng(seed)
    sizes = np.cumsum(np.exp(draw.uniform(-1, 6, points)))
    left = np.exp(draw.normal(0, 1.5, points))
    if kind == "falls":
        left = np.sort(left)[::-1]
    elif kind == "rises":
        left = np.sort(left)
    elif kind == "ends at nothing":
        left[-2:] = 0.0
    ahead = sizes[-1] * np.array([1.0001, 2.0, 10.0, 1e3, 1e6])
    told = forecast_curve(Curve.of(sizes, left, stderr), ahead)
    assert np.isfinite(told.log_mean).all()
    assert (told.log_sd > 0).all()
    assert sum(told.weights.values()) == pytest.approx(1.0)
    assert min(told.weights.values()) >= 0.0
    assert (told.past == 0).all()
    eighty, ninety_five = told.half_width("80"), told.half_width("95")
    assert (np.isfinite(ninety_five) & (ninety_five > eighty) & (eighty > 0)).all()
    levels: tuple[Level, ...] = ("80", "95")
    for level in levels:
        low, high = told.interval(level)
        assert ((low <= told.left) & (told.left <= high)).all()
        assert np.isfinite(high).all()


def test_it_is_less_sure_further_on() -> None:
    sd = forecast_curve(falling(0.3, floor=0.1).first(7), SIZES[7:]).log_sd
    assert (np.diff(sd) > 0).all()


def test_an_expert_that_foretold_the_last_points_weighs_more() -> None:
    # Many points that end in a floor: the line does not see it, the power law does.
    floored = falling(0.6, floor=0.3)
    early = forecast_curve(floored.first(4), SIZES[4:]).weights
    late = forecast_curve(floored.first(9), SIZES[9:]).weights
    assert late["line"] < early["line"]
    assert late["line"] < 0.1
    # And the whole is then nearer than the line.
    line, _ = local_line(floored.first(9), np.log(SIZES[9:]))
    told = forecast_curve(floored.first(9), SIZES[9:])
    assert far(told, floored) < np.abs(line - floored.y[9:]).max()


def test_where_no_point_can_be_left_out_all_that_follow_the_seen_ones_weigh_as_before() -> None:
    told = forecast_curve(falling(0.3).first(3), SIZES[3:])
    # 2, 3 and 1 parts, nearly.
    for name, share in {"line": 2 / 6, "power": 3 / 6, "bend": 1 / 6}.items():
        assert told.weights[name] == pytest.approx(share, abs=0.06)


def test_an_expert_that_cannot_follow_the_seen_points_weighs_less() -> None:
    # Sizes evenly spaced, as the steps of one run: steep first, soon flat.
    sizes = 2e9 * np.arange(1, 12)
    left = 1.7 + 1.1 * (sizes / sizes[0]) ** -1.1
    told = forecast_curve(Curve.of(sizes[:4], left[:4]), sizes[4:])
    # Neither the line nor the power law about its end bends as much as the law with a bend.
    assert told.weights["bend"] > 3 / 6
    line, _ = local_line(Curve.of(sizes[:4], left[:4]), np.log(sizes[4:]))
    missed = np.abs(told.log_mean - np.log(left[4:])).max()
    assert missed < 0.6 * np.abs(line - np.log(left[4:])).max()


def bent(level: float = 2.0) -> Curve:
    """Return a curve that is flat over the first six points and falls steeply after."""
    x = np.log(SIZES / SIZES[0])
    wobble = 0.002 * np.sin(7 * level * np.arange(12))
    return Curve.of(SIZES, level * np.exp(-0.5 * np.logaddexp(0.0, x - 5.0) + wobble))


def test_past_curves_of_one_shape_pull_the_forecast() -> None:
    seen = bent(2.0).first(6)
    past = [bent(level) for level in np.linspace(1.5, 3.0, 8)]
    cold, told = forecast_curve(seen, LATER), forecast_curve(seen, LATER, past=past)
    assert far(told, bent(2.0)) < 0.5 * far(cold, bent(2.0))
    assert (told.past == 8).all()
    # The more of them there are, the more they count.
    few = forecast_curve(seen, LATER, past=past[:2])
    assert far(told, bent(2.0)) < far(few, bent(2.0)) < far(cold, bent(2.0))


def test_fewer_than_two_past_curves_that_cover_it_leave_it_cold() -> None:
    seen = falling().first(6)
    cold = forecast_curve(seen, LATER)
    for past in ([], [bent()], [bent(), bent(2.5).first(5)]):
        told = forecast_curve(seen, LATER, past=past)
        np.testing.assert_array_equal(told.log_mean, cold.log_mean)
        np.testing.assert_array_equal(told.log_sd, cold.log_sd)
        np.testing.assert_array_equal(told.past, 0)


def test_beyond_the_end_of_past_curves_the_forecast_is_cold() -> None:
    seen = falling().first(6)
    past = [bent(level).first(9) for level in (1.5, 2.0, 2.5)]
    told, cold = forecast_curve(seen, LATER, past=past), forecast_curve(seen, LATER)
    np.testing.assert_array_equal(told.past, [3, 3, 3, 0, 0, 0])
    np.testing.assert_array_equal(told.log_mean[3:], cold.log_mean[3:])
    # Intervals there are as wide as cold ones.
    assert told.half_width("80")[3:] == pytest.approx(cold.half_width("80")[3:])
    assert told.half_width("80")[0] == pytest.approx(
        told.log_sd[0] * shipped().past["80"], rel=1e-12
    )


def test_the_unit_of_the_loss_does_not_matter() -> None:
    """In another unit the same is foretold, unless past curves say that the level matters."""
    curve = falling(0.3, floor=0.1)
    scaled = Curve.of(SIZES, 3.0 * curve.left)
    one, other = (forecast_curve(c.first(7), SIZES[7:]) for c in (curve, scaled))
    np.testing.assert_allclose(other.left, 3.0 * one.left, rtol=2e-3)
    np.testing.assert_allclose(other.log_sd, one.log_sd, rtol=2e-2)
