"""Draws are widened as far as left-out mixtures show that they must be, and never narrowed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doitkit.growth import Observations, fit_growth
from doitkit.growth.law import Layout
from doitkit.growth.noise import Noise, first_noise
from doitkit.growth.observations import Floats
from doitkit.growth.prior import Prior, believed
from doitkit.growth.problem import AbilityFits, helps_of
from doitkit.growth.solve import least_squares
from doitkit.growth.spread import spread_of

LAYOUT = Layout(n_abilities=2, n_others=0)
SIZES = np.array([0.0, 10, 20, 40, 80, 160, 320, 640])
STDERR = 0.01


def seen_as(scores: Floats, repeats: int = 1) -> Observations:
    """Return runs of ever more rows, (sizes, abilities) scores; each as often as is said."""
    rows = np.repeat(np.repeat(SIZES, repeats)[:, None, None], 2, axis=1)
    scores = np.repeat(scores, repeats, axis=0)
    labels = tuple(f"run {r}" for r in range(len(rows)))
    errors = np.full(scores.shape, STDERR)
    return Observations(("one", "other"), ("human",), labels, rows, scores, errors, np.zeros(2))


def saturating() -> Floats:
    """Return scores that a law of this form gives: Lomax with b = 1."""
    grown = SIZES / (SIZES + 80.0)
    scores: Floats = np.column_stack([0.1 + 0.7 * grown, 0.3 + 0.4 * grown])
    return scores


def fitted(seen: Observations) -> tuple[Prior, Noise, Floats]:
    prior, noise = believed(LAYOUT, seen), first_noise(seen)
    fits = AbilityFits.of(LAYOUT, seen, noise, prior, helps_of(LAYOUT, prior.mean, seen), 1)
    best, _, converged = least_squares(fits, prior.mean)
    assert converged.all()
    return prior, noise, best


def around(best: Floats, sd: float, draws: int = 200) -> Floats:
    """Return draws of the ceiling and the half size around the most probable parameters."""
    moved = np.repeat(best[None], draws, axis=0)
    moved[..., [0, 2]] += (
        sd * np.random.default_rng(0).standard_normal((draws, *best.shape))[..., [0, 2]]
    )
    return moved


def spread(seen: Observations, sd: float) -> Floats:
    prior, noise, best = fitted(seen)
    return spread_of(LAYOUT, seen, prior, noise, best, around(best, sd))


def wobbling() -> Floats:
    """Return scores that leap up and down with the size, which no growth law does."""
    scores = saturating()
    scores[:, 0] += 0.08 * np.where(np.arange(len(SIZES)) % 2, 1.0, -1.0)
    return scores


def test_draws_as_wide_as_the_errors_stay_as_they_are() -> None:
    np.testing.assert_array_equal(spread(seen_as(saturating()), 0.5), [1.0, 1.0])


def test_draws_are_widened_where_the_law_misses_and_there_alone() -> None:
    right = spread(seen_as(saturating()), 0.1)
    wrong = spread(seen_as(wobbling()), 0.1)
    assert wrong[0] > 2 * right[0]
    assert wrong[1] == pytest.approx(right[1], rel=1e-6)


def test_the_surer_the_draws_the_more_they_are_widened() -> None:
    seen = seen_as(wobbling())
    wide, medium, sure = (spread(seen, sd)[0] for sd in (0.4, 0.1, 0.02))
    assert wide < medium < sure
    # The widened draws are as wide, whatever the draws: the errors on left-out mixtures decide.
    assert sure * 0.02 == pytest.approx(medium * 0.1, rel=0.3)


def test_errors_that_noise_explains_do_not_count() -> None:
    scores = saturating() + 0.03 * np.random.default_rng(5).standard_normal((len(SIZES), 2))
    loud = seen_as(scores)
    loud = Observations(**{**loud.__dict__, "stderrs": np.full_like(loud.scores, 0.06)})
    quiet = seen_as(scores)
    assert (spread(loud, 0.05) <= spread(quiet, 0.05)).all()


def test_all_seeds_of_a_mixture_are_left_out_together() -> None:
    # If repeats told of their own mixture, the leaps would look as if they were foretold.
    assert spread(seen_as(wobbling(), repeats=3), 0.1)[0] > 2


@settings(max_examples=15)
@given(st.integers(0, 2**31), st.floats(0.01, 0.6), st.floats(0.0, 0.15))
def test_draws_are_never_narrowed(seed: int, sd: float, noise: float) -> None:
    errors = noise * np.random.default_rng(seed).standard_normal((len(SIZES), 2))
    found = spread(seen_as(np.clip(saturating() + errors, 0.0, 1.0)), sd)
    assert np.isfinite(found).all()
    assert (found >= 1).all()


def test_an_ability_with_few_mixtures_is_widened_less() -> None:
    few, scores = wobbling(), wobbling()
    few[4:, 0] = np.nan
    assert 1 <= spread(seen_as(few), 0.1)[0] < spread(seen_as(scores), 0.1)[0]


def test_the_whole_fit_forecasts_as_wide_as_is_said() -> None:
    fit = fit_growth(seen_as(wobbling()), draws=60)
    counts = np.repeat(np.array([15.0, 100, 500])[:, None, None], 2, axis=1)
    drawn, told = fit.predict(counts), fit.forecast(counts)
    assert fit.spread[0] > 1
    middle = np.median(drawn, axis=0)
    wide = middle + fit.spread * (drawn - middle) + fit.misfit.of(counts)
    np.testing.assert_allclose(told, np.clip(wide, 0, 1))
