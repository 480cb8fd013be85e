"""A surface over mixtures finds what matters, says how sure it is, and knows what it cannot do."""

import numpy as np
import pytest
from scipy.optimize import check_grad

from doitkit.core.errors import FitError
from doitkit.growth.observations import Floats
from doitkit.growth.surface import Surface, _loss

SOURCES = 6


def mixtures(runs: int, seed: int) -> Floats:
    return np.random.default_rng(seed).dirichlet(np.full(SOURCES, 0.5), runs)


def outcome(weights: Floats) -> Floats:
    """A loss that falls with the first source, and a little with the second."""
    loss: Floats = 3.0 + (weights[:, 0] + 0.01) ** -0.3 - 0.4 * np.sqrt(weights[:, 1])
    return loss


def test_the_gradient_is_that_of_the_loss() -> None:
    weights = np.sqrt(mixtures(15, 0))
    squares = (weights.T[:, :, None] - weights.T[:, None, :]) ** 2
    target = outcome(weights)
    target = (target - target.mean()) / target.std()
    for seed in range(3):
        at = np.random.default_rng(seed).normal(0, 0.7, SOURCES + 2)
        error = check_grad(
            lambda x: _loss(squares, target, x)[0], lambda x: _loss(squares, target, x)[1], at
        )
        assert error < 1e-4


def test_new_mixtures_are_ranked_from_forty_runs() -> None:
    seen, new = mixtures(40, 1), mixtures(200, 2)
    noisy = outcome(seen) + np.random.default_rng(3).normal(0, 0.03, 40)
    mean, deviation = Surface.fit(seen, noisy).predict(new)
    truth = outcome(new)
    ranks = np.argsort(np.argsort(mean)), np.argsort(np.argsort(truth))
    assert np.corrcoef(*ranks)[0, 1] > 0.95
    assert np.sqrt(((mean - truth) ** 2).mean()) < 0.35 * truth.std()
    inside = np.abs(mean - truth) <= 1.2816 * deviation
    assert 0.6 < inside.mean() <= 1


def test_it_is_surer_of_what_it_has_seen() -> None:
    seen = mixtures(40, 1)
    surface = Surface.fit(seen, outcome(seen))
    mean, near = surface.predict(seen)
    assert np.abs(mean - outcome(seen)).max() < 0.1
    corner = np.zeros((1, SOURCES))
    corner[0, 1] = 1.0
    _, far = surface.predict(corner)
    assert far[0] > np.median(near)


def test_the_order_of_runs_and_sources_does_not_matter() -> None:
    seen, new = mixtures(30, 4), mixtures(10, 5)
    mean, _ = Surface.fit(seen, outcome(seen)).predict(new)
    rows, columns = np.random.default_rng(6).permutation(30), np.arange(SOURCES)[::-1]
    again, _ = Surface.fit(seen[rows][:, columns], outcome(seen)[rows]).predict(new[:, columns])
    np.testing.assert_allclose(mean, again, rtol=1e-3)


def test_too_few_runs_and_runs_that_are_all_equal_are_said() -> None:
    with pytest.raises(FitError, match="cannot be told") as caught:
        Surface.fit(mixtures(3, 0), np.arange(3.0))
    assert "there are 3" in str(caught.value)
    with pytest.raises(FitError, match="cannot be told") as caught:
        Surface.fit(mixtures(9, 0), np.ones(9))
    assert "the same outcome" in str(caught.value)
