import numpy as np
import pytest

from doitkit.core.errors import FitError
from doitkit.growth import GrowthFit, Observations, fit_growth
from tests.growth.worlds import design, observe, two_origin_world

WORLD = two_origin_world()


@pytest.fixture(scope="module")
def fit() -> GrowthFit:
    return fit_growth(observe(WORLD, design(4, unbalanced=12)))


def test_the_fit_is_nearer_to_the_truth_than_the_scores_are(fit: GrowthFit) -> None:
    truth = WORLD.scores(fit.seen.counts)
    fitted = np.sqrt(((np.median(fit.predict(fit.seen.counts), axis=0) - truth) ** 2).mean())
    observed = np.sqrt(((fit.seen.scores - truth) ** 2).mean())
    assert fitted < 0.8 * observed


def test_new_mixtures_are_predicted_within_a_few_points(fit: GrowthFit) -> None:
    new = np.random.default_rng(9).choice([0.0, 24, 100, 400, 800], (200, 4, 2))
    error = fit.predict(new).mean(axis=0) - WORLD.scores(new)
    assert np.sqrt((error**2).mean()) < 0.035


def test_the_intervals_cover_about_what_they_say() -> None:
    covered = []
    new = np.random.default_rng(9).choice([0.0, 24, 100, 400, 800], (100, 4, 2))
    truth = WORLD.scores(new)
    for seed in range(4):
        seen = observe(WORLD, design(4, unbalanced=12, seed=seed), seed=seed)
        drawn = fit_growth(seen, draws=60).forecast(new)
        low, high = np.quantile(drawn, 0.1, axis=0), np.quantile(drawn, 0.9, axis=0)
        covered.append(((truth >= low) & (truth <= high)).mean())
    # The truth is of another family than the law, so nominal 80 % cannot be met exactly.
    assert 0.5 < np.mean(covered) < 0.99


def test_draws_are_spread_where_the_law_misses() -> None:
    counts = design(4, unbalanced=12)
    seen = observe(WORLD, counts)
    scores = seen.scores.copy()
    # Synthetic rows now lower the score of `slow`, which no concave law can say.
    scores[:, 1] *= 1 - 0.6 * counts[:, 1, 1] / (1 + counts[:, 1].sum(axis=-1))
    spread = fit_growth(_with(seen, scores=scores), draws=40).spread
    plain = fit_growth(seen, draws=40).spread
    assert spread[1] > 1.5 * plain[1]
    assert (plain >= 1).all()


def test_the_same_observations_give_the_same_fit(fit: GrowthFit) -> None:
    again = fit_growth(fit.seen)
    np.testing.assert_array_equal(again.draws, fit.draws)


def test_an_outlier_does_not_bend_the_law(fit: GrowthFit) -> None:
    scores = fit.seen.scores.copy()
    scores[3, 1] = 0.95  # the balanced run of 192 human rows; the truth is near 0.33
    bent = Observations(
        fit.seen.abilities,
        fit.seen.origins,
        fit.seen.runs,
        fit.seen.counts,
        scores,
        fit.seen.stderrs,
        fit.seen.chance,
    )
    counts = np.zeros((1, 4, 2))
    counts[0, 1, 0] = 192
    moved = fit_growth(bent, draws=30).predict(counts)[..., 1].mean()
    assert abs(moved - fit.predict(counts)[..., 1].mean()) < 0.08


def _with(seen: Observations, **changes: object) -> Observations:
    return Observations(**{**seen.__dict__, **changes})


def test_what_cannot_be_fitted_is_refused(fit: GrowthFit) -> None:
    seen = fit.seen
    with pytest.raises(FitError, match="lies outside 0 to 1"):
        _with(seen, scores=seen.scores * 100)
    with pytest.raises(FitError, match="no standard error"):
        _with(seen, stderrs=np.zeros_like(seen.stderrs))
    with pytest.raises(FitError, match="negative or missing"):
        _with(seen, counts=-seen.counts)
    with pytest.raises(FitError, match="at least 3"):
        seen.subset([0, 1])
    with pytest.raises(FitError, match="same amount of data"):
        _with(seen, counts=np.ones_like(seen.counts))


def test_missing_scores_are_allowed(fit: GrowthFit) -> None:
    scores = fit.seen.scores.copy()
    scores[5:9, 2] = np.nan
    partial = fit_growth(_with(fit.seen, scores=scores), draws=20)
    assert np.isfinite(partial.draws).all()


def test_scores_known_to_a_millionth_do_not_stop_the_fit() -> None:
    """19 bits per byte, as the probability of a byte: what a model says of an unknown script."""
    counts = np.array([[0, 0], [2, 0], [4, 0], [8, 0], [0, 2], [0, 4], [0, 8], [4, 4], [8, 8.0]])
    scores = np.array([1.27, 1.96, 2.01, 2.07, 1.76, 1.80, 1.87, 1.90, 3.11])[:, None] * 1e-6
    seen = Observations(
        ("only",),
        ("programmatic", "synthetic"),
        tuple(f"run {i}" for i in range(9)),
        counts[:, None, :],
        scores,
        0.6 * scores,
        np.array([1 / 256]),
    )
    found = fit_growth(seen, draws=20)
    assert found.forecast(counts[:, None, :]).max() < 0.02
