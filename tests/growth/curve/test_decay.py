"""Laws of decay: their slopes are derivatives, and fits find the curves that they came from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.growth.curve import Bend, Curve, Power, Prior, fit_decay, shipped
from doitkit.growth.curve.decay import Law
from doitkit.growth.curve.learn import VAGUE_BEND, VAGUE_POWER
from doitkit.growth.observations import Floats

SIZES = 100.0 * 2.0 ** np.arange(12)
LAWS: list[tuple[Law, int]] = [(Power(), 3), (Bend(), 5)]


@pytest.mark.parametrize(("law", "size"), LAWS)
@given(seed=st.integers(0, 2**31))
def test_slopes_are_derivatives(law: Law, size: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    p, x = draw.normal(0, 1, (4, size)), draw.uniform(-4, 8, (4, 9))
    slopes = law.slopes(p, x)
    assert slopes.shape == (4, 9, size)
    step = 1e-6
    for place in range(size):
        nudge = np.zeros(size)
        nudge[place] = step
        measured = (law.value(p + nudge, x) - law.value(p - nudge, x)) / (2 * step)
        np.testing.assert_allclose(slopes[..., place], measured, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize(("law", "size"), LAWS)
@given(seed=st.integers(0, 2**31))
def test_what_is_left_never_grows_with_the_data(law: Law, size: int, seed: int) -> None:
    p = np.random.default_rng(seed).normal(0, 1, (6, size))
    x = np.tile(np.linspace(-5, 15, 60), (6, 1))
    assert (np.diff(law.value(p, x), axis=1) <= 1e-12).all()


def test_a_bend_is_flat_and_then_a_power_law() -> None:
    kappa, slope, sharp = 4.0, np.log(0.3), np.log(3.0)
    p = np.array([[0.7, kappa, slope, -40.0, sharp]])  # no floor
    before = Bend().value(p, np.array([[-6.0, -3.0]]))[0]
    after = Bend().value(p, np.array([[9.0, 10.0]]))[0]
    np.testing.assert_allclose(before, 0.7, atol=1e-3)
    assert after[1] - after[0] == pytest.approx(-0.3, abs=1e-3)


def test_a_bend_holds_the_rectified_law() -> None:
    """With a = b it is B / (D + n^b), the loss of Lin et al. 2024, beside their floor."""
    b, shift, scale, floor = 0.4, 30.0, 50.0, 0.2
    loss = scale / (shift + SIZES**b) + floor
    kappa, top = np.log(shift) / b, scale / shift + floor
    p = np.array([[np.log(top), kappa, np.log(b), np.log(floor / (top - floor)), np.log(b)]])
    np.testing.assert_allclose(Bend().value(p, np.log(SIZES)[None])[0], np.log(loss), atol=1e-9)


def test_a_power_law_that_is_expected_is_foretold() -> None:
    x = np.log(SIZES / SIZES[7])
    truth = np.concatenate([[0.2], VAGUE_POWER.mean])[None]
    curve = Curve.of(SIZES, np.exp(Power().value(truth, x[None])[0]))
    found = fit_decay(Power(), [curve.first(8)], VAGUE_POWER)
    np.testing.assert_allclose(found, truth, atol=0.02)
    np.testing.assert_allclose(Power().value(found, x[None, 8:])[0], curve.y[8:], atol=0.01)


@pytest.mark.parametrize("floor", [0.1, 0.3, 0.6])
def test_a_floor_that_shows_is_foretold_better_than_by_a_line(floor: float) -> None:
    curve = Curve.of(SIZES, 1.5 * (SIZES / 100.0) ** -0.4 + floor)
    seen = curve.first(8)
    found = fit_decay(Power(), [seen], VAGUE_POWER)
    told = Power().value(found, (curve.x[8:] - seen.x[-1])[None])[0]
    line = seen.y[-1] + (seen.y[-1] - seen.y[-2]) * np.arange(1, 5)
    assert np.abs(told - curve.y[8:]).max() < np.abs(line - curve.y[8:]).max()


def test_a_bend_is_foretold_once_it_was_seen() -> None:
    truth = np.array([[0.5, 3.0, np.log(0.35), -3.0, np.log(0.8)]])
    y = Bend().value(truth, np.log(SIZES / SIZES[0])[None])[0]
    curve = Curve.of(SIZES, np.exp(y))
    found = fit_decay(Bend(), [curve.first(8)], VAGUE_BEND)
    told = Bend().value(found, (curve.x[8:] - curve.x[0])[None])[0]
    np.testing.assert_allclose(told, y[8:], atol=0.05)
    # The line of the last two seen is further off.
    line = y[7] + (y[7] - y[6]) * np.arange(1, 5)
    assert np.abs(told - y[8:]).max() < np.abs(line - y[8:]).max()


def test_whole_curves_are_met_within_their_roughness() -> None:
    draw = np.random.default_rng(0)
    curves = []
    for _ in range(20):
        p = np.array([[0.0, draw.uniform(1, 6), draw.normal(-1, 0.3), -2.0, draw.normal(0, 0.3)]])
        curves.append(Curve.of(SIZES, np.exp(Bend().value(p, np.log(SIZES / 100.0)[None])[0])))
    found = fit_decay(Bend(), curves, VAGUE_BEND)
    met = Bend().value(found, np.log(SIZES / 100.0)[None].repeat(20, axis=0))
    misses = met - np.array([curve.y for curve in curves])
    assert np.sqrt((misses**2).mean(axis=1)).max() < 0.012


@pytest.mark.parametrize(("law", "size"), LAWS)
def test_curves_of_different_lengths_are_fitted_as_if_each_were_alone(law: Law, size: int) -> None:
    left = 1.5 * (SIZES / 100.0) ** -0.3 + 0.2
    curve = Curve.of(SIZES, left)
    curves = [curve.first(k) for k in (4, 12, 7)]
    prior = shipped().power if isinstance(law, Power) else shipped().bend
    together = fit_decay(law, curves, prior)
    assert together.shape == (3, size)
    alone = np.concatenate([fit_decay(law, [one], prior) for one in curves])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_a_strong_prior_decides_where_points_do_not() -> None:
    curve = Curve.of([100, 200, 400], [1.0, 0.98, 0.96])
    slow = _slope_at_end(curve, Prior(np.array([np.log(0.05), -2.5]), np.array([0.05, 0.1])))
    fast = _slope_at_end(curve, Prior(np.array([np.log(0.5), -2.5]), np.array([0.05, 0.1])))
    assert fast < slow < 0


def _slope_at_end(curve: Curve, prior: Prior) -> float:
    found: Floats = fit_decay(Power(), [curve], prior)
    value = Power().value(found, np.array([[0.0, 1.0]]))[0]
    return float(value[1] - value[0])
