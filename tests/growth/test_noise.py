"""How far scores scatter: counts by their fitted level, measures by their errors, outliers less."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.growth import Observations, fit_growth
from doitkit.growth.noise import first_noise, noise_around
from doitkit.growth.observations import Floats
from tests.growth.worlds import design, observe, two_origin_world

ITEMS = 200.0


def scored(scores: Floats, stderrs: Floats, items: Floats | None = None) -> Observations:
    """Return runs of ever more rows with these scores, (runs, abilities)."""
    runs, abilities = scores.shape
    rows = np.repeat(np.arange(runs, dtype=float)[:, None, None], abilities, axis=1)
    names = tuple(f"ability {a}" for a in range(abilities))
    labels = tuple(f"run {r}" for r in range(runs))
    chance = np.zeros(abilities)
    return Observations(names, ("human",), labels, rows, scores, stderrs, chance, items)


def levels(runs: int, abilities: int) -> Floats:
    return np.repeat(np.linspace(0.2, 0.8, runs)[:, None], abilities, axis=1)


def beta_binomial(dispersion: float, mean: Floats, seed: int) -> Floats:
    """Return shares of right answers whose variance is `dispersion` times the binomial's."""
    draw = np.random.default_rng(seed)
    within = (dispersion - 1) / (ITEMS - 1)  # the correlation of two items of one run
    if within > 0:
        strength = (1 - within) / within
        mean = draw.beta(mean * strength, (1 - mean) * strength)
    shares: Floats = draw.binomial(int(ITEMS), mean) / ITEMS
    return shares


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.integers(20, 5000), st.floats(1e-3, 0.2))
def test_a_count_varies_as_its_fitted_level_says(
    level: float, seen: float, items: int, stated: float
) -> None:
    fitted = np.full((8, 1), level)
    runs = scored(np.full((8, 1), seen), np.full((8, 1), stated), np.full((8, 1), float(items)))
    noise = noise_around(runs, fitted, np.zeros(1))
    binomial = noise.sd**2 * noise.weight / noise.dispersion
    # Half an item of either kind is added, so that nothing is certain; a thousandth is the least.
    smoothed = (level * items + 0.5) / (items + 1)
    expected = max(smoothed * (1 - smoothed) / items, 1e-6)
    np.testing.assert_allclose(binomial, expected, rtol=1e-9)


def test_a_measure_varies_as_its_standard_error_says() -> None:
    fitted, stderrs = levels(8, 2), np.linspace(0.01, 0.08, 16).reshape(8, 2)
    items = np.column_stack([np.full(8, ITEMS), np.full(8, np.nan)])
    both = noise_around(scored(fitted, stderrs, items), fitted, np.zeros(2))
    none = noise_around(scored(fitted, stderrs), fitted, np.zeros(2))
    variance = both.sd**2 * both.weight / both.dispersion
    np.testing.assert_allclose(variance[:, 1], stderrs[:, 1] ** 2)
    assert not np.isclose(variance[:, 0], stderrs[:, 0] ** 2).any()
    np.testing.assert_allclose(none.sd**2 * none.weight / none.dispersion, stderrs**2)


@pytest.mark.parametrize("dispersion", [1.0, 3.0, 6.0])
def test_the_dispersion_of_counts_is_recovered(dispersion: float) -> None:
    mean = levels(60, 6)
    found = []
    for seed in range(5):
        shares = beta_binomial(dispersion, mean, seed)
        runs = scored(shares, np.full_like(shares, 0.03), np.full_like(shares, ITEMS))
        noise = noise_around(runs, mean, np.zeros(6))
        found.append(noise.dispersion.mean())
        # As the fit takes it, the noise is that of the scores, or a little less.
        taken, came = (noise.sd**2).mean(), ((shares - mean) ** 2).mean()
        assert 0.7 < taken / came < 1.1
    # It is the squared scale of a Student t, three quarters of the variance of normal errors.
    assert 0.65 < np.mean(found) / dispersion < 1.0


def test_abilities_with_few_scores_share_their_dispersion() -> None:
    mean = levels(60, 5)
    shares = beta_binomial(4.0, mean, 0)
    shares[4:, 4] = np.nan
    shares[:4, 4] = mean[:4, 4]  # four scores that happen to be met
    runs = scored(shares, np.full_like(shares, 0.03), np.full_like(shares, ITEMS))
    noise = noise_around(runs, mean, np.zeros(5))
    alone = noise_around(
        scored(shares[:, 4:], np.full((60, 1), 0.03), np.full((60, 1), ITEMS)),
        mean[:, 4:],
        np.zeros(1),
    )
    assert noise.dispersion[4] > 2 * alone.dispersion[0]
    assert noise.dispersion[4] < noise.dispersion[:4].min()


def test_degrees_of_freedom_that_were_used_up_raise_the_dispersion() -> None:
    mean = levels(12, 3)
    shares = beta_binomial(3.0, mean, 1)
    runs = scored(shares, np.full_like(shares, 0.03), np.full_like(shares, ITEMS))
    free = noise_around(runs, mean, np.zeros(3)).dispersion
    assert (noise_around(runs, mean, np.full(3, 6.0)).dispersion > free).all()


def test_an_outlier_counts_less_than_a_fifth() -> None:
    mean = levels(30, 3)
    shares = beta_binomial(1.0, mean, 2)
    shares[7, 1] = mean[7, 1] + 0.3
    runs = scored(shares, np.full_like(shares, 0.03), np.full_like(shares, ITEMS))
    noise = noise_around(runs, mean, np.zeros(3))
    assert noise.weight[7, 1] < 0.2
    assert noise.sd[7, 1] > 2 * np.delete(noise.sd[:, 1], 7).max()
    others = np.delete(noise.weight[:, 1], 7)
    assert np.median(others) == 1
    assert others.min() > 0.3


def test_an_outlier_is_found_by_the_whole_fit() -> None:
    seen = observe(two_origin_world(), design(4, unbalanced=12))
    seen.scores[3, 1] = 0.95  # a balanced run; the truth is near 0.33
    fit = fit_growth(seen, draws=20)
    assert fit.noise.weight[3, 1] < 0.2
    assert fit.noise.weight[3, 1] == np.nanmin(fit.noise.weight)
    assert np.median(fit.noise.weight) > 0.9


@given(st.integers(0, 2**31), st.floats(0.1, 0.6))
def test_a_missing_score_changes_nothing(seed: int, share: float) -> None:
    draw = np.random.default_rng(seed)
    mean = levels(20, 2)
    shares = beta_binomial(2.0, mean, seed)
    gone = draw.random(20) < share
    gone[:3] = False
    shares[gone, 1] = np.nan
    stderrs = np.where(np.isfinite(shares), 0.03, np.nan)
    runs = scored(shares, stderrs, np.full_like(shares, ITEMS))
    noise = noise_around(runs, mean, np.ones(2))
    assert np.isinf(noise.sd[gone, 1]).all()
    assert np.isfinite(noise.sd[~gone]).all()
    assert np.isfinite(noise.dispersion).all()
    # The scores that are there get the noise that they would have if the others had never been.
    other = noise_around(
        Observations(
            runs.abilities,
            runs.origins,
            runs.runs,
            runs.counts,
            shares,
            stderrs,
            runs.chance,
            np.where(np.isfinite(shares), ITEMS, 1.0),
        ),
        np.where(np.isfinite(shares), mean, 0.999),
        np.ones(2),
    )
    np.testing.assert_array_equal(noise.dispersion, other.dispersion)
    np.testing.assert_array_equal(noise.sd, other.sd)


def test_before_any_fit_the_stated_errors_are_believed() -> None:
    stderrs = np.array([[0.05], [0.02], [1e-6]])
    noise = first_noise(scored(np.array([[0.2], [0.3], [0.4]]), stderrs))
    np.testing.assert_array_equal(noise.sd, [[0.05], [0.02], [1e-3]])
    np.testing.assert_array_equal(noise.dispersion, [1.0])
    assert (noise.weight == 1).all()
