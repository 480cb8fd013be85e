"""What no law can say: smooth errors of a stated size, alike where mixtures are alike."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.growth import Observations
from doitkit.growth.misfit import Misfit
from doitkit.growth.observations import Floats

UNIT = 100.0
RANGES = np.array([0.5, 0.2, 0.0])


def seen(abilities: int) -> Observations:
    """Return runs of 100 rows of every cell, and the base model."""
    counts = np.zeros((4, abilities, 2))
    counts[1:] = UNIT
    scores = np.full((4, abilities), 0.5)
    names = tuple(f"ability {a}" for a in range(abilities))
    labels = tuple(f"run {r}" for r in range(4))
    origins = ("human", "synthetic")
    chance = np.zeros(abilities)
    return Observations(names, origins, labels, counts, scores, scores / 10, chance)


def drawn(draws: int = 6000, ranges: Floats = RANGES, seed: int = 0) -> Misfit:
    """Return the errors where runs were as large as all mixtures that are asked."""
    misfit = Misfit.drawn(ranges, seen(len(ranges)), draws, np.random.default_rng(seed))
    return replace(misfit, largest=np.full((len(ranges), 2), 1e6))


def at(*rows: float) -> Floats:
    """Return mixtures with so many rows of every cell of three abilities, two origins."""
    return np.array([np.full((3, 2), n) for n in rows])


def quantile_width(errors: Floats) -> Floats:
    """Return half the width of the middle 68 %: of tails so heavy, the variance says little."""
    low, high = np.quantile(errors, [0.16, 0.84], axis=0)
    width: Floats = (high - low) / 2
    return width


def test_its_size_is_a_share_of_the_range_of_the_fitted_scores() -> None:
    misfit = drawn()
    np.testing.assert_allclose(misfit.size, 0.035 * RANGES)
    errors = misfit.of(at(0, 30, 3000))
    assert errors.shape == (6000, 3, 3)
    width = quantile_width(errors)
    # A Student t of three degrees is 1.2 times as wide there as a normal of the same scale.
    assert (width[:, 0] / misfit.size[0] > 0.9).all()
    assert (width[:, 0] / misfit.size[0] < 1.4).all()
    np.testing.assert_allclose(width[:, 0] / width[:, 1], 2.5, rtol=0.15)
    assert np.abs(np.median(errors, axis=0)).max() < 0.1 * misfit.size.max()


def test_without_the_heights_its_deviation_is_the_stated_one() -> None:
    misfit = drawn()
    level = replace(misfit, heights=np.ones_like(misfit.heights))
    errors = level.of(at(0, 30, 3000))[..., :2]
    np.testing.assert_allclose(errors.std(axis=0), np.tile(misfit.size[:2], (3, 1)), rtol=0.05)
    np.testing.assert_allclose(errors.mean(axis=0), 0.0, atol=0.05 * misfit.size.max())


def test_some_draws_miss_much_more_than_a_normal_would() -> None:
    errors = drawn().of(at(100))[:, 0, 0]
    far = np.abs(errors) > 4 * quantile_width(errors)
    assert far.mean() > 0.003  # 0.00006 for a normal


def test_an_ability_that_does_not_move_is_not_missed() -> None:
    assert (drawn().of(at(0, 5, 5000))[..., 2] == 0).all()


def test_near_mixtures_have_near_errors() -> None:
    errors = drawn().of(at(100, 102, 300, 1e5))[..., 0]
    one = errors[:, :1]
    rank = np.argsort(np.argsort(errors, axis=0), axis=0)
    with_first = [np.corrcoef(rank[:, 0], rank[:, k])[0, 1] for k in (1, 2, 3)]
    assert with_first[0] > 0.999
    assert with_first[0] > with_first[1] > with_first[2]
    assert abs(with_first[2]) < 0.15
    assert np.median(np.abs(errors[:, 1:2] - one)) < 0.05 * np.median(np.abs(one))


@given(st.integers(0, 1000), st.floats(0, 5000), st.floats(0.0, 0.05))
def test_errors_are_continuous_in_the_rows(seed: int, rows: float, step: float) -> None:
    misfit = drawn(20, seed=seed)
    here, there = np.moveaxis(misfit.of(at(rows, rows * (1 + step))), 1, 0)
    # Each cosine turns by its wave times the step, and the sum by no more than all of them.
    steepest = np.abs(misfit.waves).sum(axis=(-1, -2)).max(axis=1) * np.sqrt(2 / 8)
    most = misfit.size * (misfit.heights.max(axis=1) * steepest * 2 * np.log1p(step))[:, None]
    assert (np.abs(here - there) <= most + 1e-12).all()


def test_abilities_share_a_part_of_their_errors() -> None:
    misfit = drawn(20_000, np.array([0.5, 0.5]))
    mixtures = np.array([np.full((2, 2), 200.0)])
    level = replace(misfit, heights=np.ones_like(misfit.heights))
    one, other = level.of(mixtures)[:, 0].T
    assert np.corrcoef(one, other)[0, 1] == pytest.approx(0.3, abs=0.03)


def test_rows_of_another_ability_move_only_what_is_shared() -> None:
    misfit = drawn(50)
    before, after = np.array([np.full((3, 2), 50.0)] * 2)
    after[1] = 5000.0
    change = np.diff(misfit.of(np.array([before, after])), axis=1)[:, 0]
    # Its own part does not hear of them, so ability 0 moves by what all share.
    assert (change[:, 0] != 0).all()
    np.testing.assert_allclose(change[:, 0] / misfit.size[0], _shared_change(misfit, before, after))


def _shared_change(misfit: Misfit, before: Floats, after: Floats) -> Floats:
    """Return the change of the part that abilities share, by its definition."""
    x = np.log1p(10.0 * np.stack([before, after]) / UNIT).mean(axis=1)
    turned = np.einsum("dwo,mo->dmw", misfit.waves[:, -1], x) + misfit.phases[:, -1][:, None]
    shared = np.cos(turned).sum(axis=-1) * np.sqrt(2 / 8) * misfit.heights[:, -1:]
    change: Floats = np.sqrt(0.3) * np.diff(shared, axis=1)[:, 0]
    return change


def test_beyond_the_largest_run_errors_grow_with_the_logarithm() -> None:
    runs = seen(3)
    misfit = Misfit.drawn(RANGES, runs, 400, np.random.default_rng(0))
    np.testing.assert_array_equal(misfit.largest, np.full((3, 2), UNIT))
    asked = at(10, 100, 100 * np.e, 100 * np.e**3)
    within = replace(misfit, largest=np.full((3, 2), 1e9)).of(asked)
    times = misfit.of(asked)[..., :2] / within[..., :2]
    np.testing.assert_allclose(times, np.broadcast_to([[1.0], [1], [2], [4]], times.shape))


def test_each_draw_can_be_asked_mixtures_of_its_own() -> None:
    misfit = drawn(7)
    mixtures = np.random.default_rng(3).integers(0, 2000, (7, 4, 3, 2)).astype(float)
    own = misfit.of(mixtures)
    assert own.shape == (7, 4, 3)
    for draw in range(7):
        np.testing.assert_allclose(own[draw], misfit.of(mixtures[draw])[draw], atol=1e-12)


def test_the_same_generator_gives_the_same_errors() -> None:
    np.testing.assert_array_equal(drawn(9).of(at(40)), drawn(9).of(at(40)))
