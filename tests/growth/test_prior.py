"""What is believed before any run, and how abilities teach each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.growth.law import CEILING, LOG_B, LOG_K, SIZE, START, Layout
from doitkit.growth.observations import Floats
from doitkit.growth.prior import Prior, believed, nats_asked
from tests.growth.worlds import design, observe, two_origin_world

LAYOUT = Layout(n_abilities=4, n_others=1)
SEEN = observe(two_origin_world(), design(4, unbalanced=12))
POOLED = [CEILING, LOG_K, LOG_B, SIZE, LAYOUT.log_rho.start, LAYOUT.log_cap.start]


@pytest.fixture
def prior() -> Prior:
    return believed(LAYOUT, SEEN)


def test_amounts_are_believed_to_be_of_the_order_of_those_in_the_runs(prior: Prior) -> None:
    tenfold = believed(
        LAYOUT,
        type(SEEN)(**{**SEEN.__dict__, "counts": 10 * SEEN.counts}),
    )
    moved = tenfold.mean - prior.mean
    scales = [LOG_K, LAYOUT.log_cap.start]
    np.testing.assert_allclose(moved[:, scales], np.log(10.0))
    np.testing.assert_allclose(np.delete(moved, scales, axis=1), 0.0, atol=1e-12)


def test_where_growth_begins_is_believed_to_be_what_the_smallest_run_shows(prior: Prior) -> None:
    scores = SEEN.scores.copy()
    scores[0] = [0.25, 0.0, 0.7, 0.1]  # the base model
    moved = believed(LAYOUT, type(SEEN)(**{**SEEN.__dict__, "scores": scores}))
    assert moved.mean[0, START] == pytest.approx(0.0)  # at chance
    assert moved.mean[1, START] == pytest.approx(0.0)
    assert moved.mean[2, START] > 0.6
    assert 0.05 < moved.mean[3, START] < 0.2
    np.testing.assert_array_equal(
        np.delete(moved.mean, START, axis=1), np.delete(prior.mean, START, axis=1)
    )


def test_transfer_is_believed_to_be_small_and_never_from_itself(prior: Prior) -> None:
    transfer_sd = prior.sd[:, LAYOUT.transfer]
    assert (np.diag(transfer_sd) == 0).all()
    off = transfer_sd[~np.eye(4, dtype=bool)]
    assert ((off > 0) & (off < 0.1)).all()
    assert (prior.mean[:, LAYOUT.transfer] == 0).all()


def test_what_is_drawn_has_the_stated_moments(prior: Prior) -> None:
    drawn = prior.drawn(20_000, np.random.default_rng(0))
    assert drawn.shape == (20_000, 4, LAYOUT.size)
    sd = np.sqrt(prior.sd**2 + prior.mean_sd**2)
    error = np.abs(drawn.mean(axis=0) - prior.mean)
    assert (error <= 5 * sd / np.sqrt(20_000)).all()
    np.testing.assert_allclose(drawn.std(axis=0), sd, rtol=0.05)
    # Abilities share what is unknown about their mean, and nothing else.
    for place in range(LAYOUT.size):
        shared = np.cov(drawn[:, 0, place], drawn[:, 1, place])[0, 1]
        least = 5 * sd[:2, place].max() ** 2 / np.sqrt(20_000)
        assert shared == pytest.approx(prior.mean_sd[place] ** 2, abs=least + 1e-12)


def fitted(prior: Prior, alone: Floats, variance: float) -> tuple[Floats, Floats]:
    """Return what a fit finds, and how sure, where the scores alone say `alone`."""
    told = 1.0 / variance
    held = 1.0 / np.where(prior.sd > 0, prior.sd, 1e-3) ** 2
    return (alone * told + prior.mean * held) / (told + held), 1.0 / (told + held)


def as_fitted(prior: Prior, alone: Floats, variance: float | Floats) -> tuple[Floats, Floats]:
    """Return what a fit finds, and how surely, where the scores alone say `alone`."""
    before = np.maximum(prior.sd, 1e-3) ** 2
    left = 1 / (1 / variance + 1 / before)
    return left * (alone / variance + prior.mean / before), left


@given(st.floats(-2.0, 2.0), st.floats(1e-3, 5.0))
def test_the_mean_moves_towards_abilities_that_agree(by: float, variance: float) -> None:
    prior = believed(LAYOUT, SEEN)
    alone = prior.mean + by
    pooled = prior.pooled(prior, *as_fitted(prior, alone, variance))
    moved = (pooled.mean - prior.mean)[:, POOLED]
    assert (np.abs(moved) <= abs(by) + 1e-9).all()
    assert (moved * np.sign(by) >= -1e-9).all()
    np.testing.assert_array_equal(pooled.mean[0, POOLED], pooled.mean[1, POOLED])
    # That mean is better known than before.
    assert (pooled.mean_sd[POOLED] < prior.mean_sd[POOLED]).all()
    # The surer the abilities are, the further it moves, and the better it is known.
    surer = prior.pooled(prior, *as_fitted(prior, alone, variance / 4))
    assert (np.abs((surer.mean - prior.mean)[:, POOLED]) >= np.abs(moved) - 1e-9).all()
    assert (surer.mean_sd[POOLED] < pooled.mean_sd[POOLED]).all()


def test_the_mean_is_that_of_the_model_that_is_stated(prior: Prior) -> None:
    """Against the posterior of a mean of normals of which noisy values are seen, in closed form."""
    draw = np.random.default_rng(3)
    alone = prior.mean + draw.normal(0, 1, prior.mean.shape)
    variance = draw.uniform(0.1, 2.0, prior.mean.shape)
    pooled = prior.pooled(prior, *as_fitted(prior, alone, variance))
    for place in POOLED:
        precision = 1 / (prior.sd[:, place] ** 2 + variance[:, place])
        believed_before = prior.mean_sd[place] ** -2
        total = believed_before + precision.sum()
        mean = (believed_before * prior.mean[0, place] + precision @ alone[:, place]) / total
        assert pooled.mean[0, place] == pytest.approx(mean)
        assert pooled.mean_sd[place] == pytest.approx(total**-0.5)


def test_abilities_that_agree_are_believed_to_scatter_less(prior: Prior) -> None:
    agreeing = prior.mean + 0.3
    apart = agreeing + 3 * prior.sd * np.array([-1, 1, -1, 1])[:, None]
    sure = np.full_like(agreeing, 1e-4)
    less, more = prior.pooled(prior, agreeing, sure), prior.pooled(prior, apart, sure)
    assert (less.sd[:, POOLED] < prior.sd[:, POOLED]).all()
    assert (more.sd[:, POOLED] > prior.sd[:, POOLED]).all()
    # Four abilities against ten that were believed: never all the way.
    assert (less.sd[:, POOLED] > 0.8 * prior.sd[:, POOLED]).all()


def test_many_abilities_teach_what_their_mean_and_scatter_are() -> None:
    draw = np.random.default_rng(1)
    first = Prior(np.zeros((400, 2)), np.full((400, 2), 1.0), np.full(2, 1.0))
    prior = first
    truth = draw.normal([2.0, -1.0], [0.3, 1.5], (400, 2))
    variance = np.full((400, 2), 0.04)
    found = truth + draw.normal(0, 0.2, (400, 2))
    for _ in range(20):
        prior = first.pooled(prior, *as_fitted(prior, found, variance))
    np.testing.assert_allclose(prior.mean[0], [2.0, -1.0], atol=0.2)
    np.testing.assert_allclose(prior.sd[0], [0.3, 1.5], rtol=0.2)


def test_abilities_that_tell_nothing_leave_the_mean_as_unsure_as_it_was(prior: Prior) -> None:
    # The scores say nothing: every ability stands at its prior, with the prior's own variance.
    pooled = prior.pooled(prior, prior.mean, np.maximum(prior.sd, 1e-3) ** 2)
    np.testing.assert_allclose(pooled.mean, prior.mean)
    np.testing.assert_allclose(pooled.sd, prior.sd)
    np.testing.assert_allclose(pooled.mean_sd, prior.mean_sd)


def test_what_abilities_do_not_share_is_left_alone(prior: Prior) -> None:
    pooled = prior.pooled(prior, prior.mean + 1.0, np.full_like(prior.mean, 0.01))
    alone = np.flatnonzero(prior.mean_sd == 0)
    assert set(alone) == {START, *range(LAYOUT.transfer.start, LAYOUT.transfer.stop)}
    np.testing.assert_array_equal(pooled.mean[:, alone], prior.mean[:, alone])
    np.testing.assert_array_equal(pooled.sd[:, alone], prior.sd[:, alone])
    np.testing.assert_array_equal(pooled.mean_sd[alone], 0.0)


PAIR = LAYOUT.transfer.start + 1  # what ability 1 does for ability 0
ASKED = nats_asked(LAYOUT.n_abilities)


def pair(first: float, **others: float) -> Floats:
    """Return a table of pairs with `first` for what ability 1 does for ability 0."""
    table = np.zeros((LAYOUT.n_abilities, LAYOUT.n_abilities))
    table[0, 1] = first
    for place, value in others.items():
        table[int(place[1]), int(place[2])] = value
    return table


def test_transfer_is_held_until_the_scores_insist_on_it(prior: Prior) -> None:
    held = prior.freed(LAYOUT, pair(ASKED - 0.1), pair(0.3))
    np.testing.assert_array_equal(held.sd, prior.sd)
    freed = prior.freed(LAYOUT, pair(ASKED + 0.1), pair(0.3))
    # As wide as what the scores alone say.
    assert freed.sd[0, PAIR] == pytest.approx(0.3)
    others = np.delete(np.arange(freed.sd.size), PAIR)
    np.testing.assert_array_equal(freed.sd.ravel()[others], prior.sd.ravel()[others])
    np.testing.assert_array_equal(freed.mean, prior.mean)


def test_more_is_asked_where_there_are_more_pairs() -> None:
    asked = [nats_asked(n) for n in (1, 2, 3, 10)]
    assert asked == [4.0, 4.0, pytest.approx(4 + np.log(2)), pytest.approx(4 + np.log(9))]


def test_transfer_that_fades_is_held_again(prior: Prior) -> None:
    freed = prior.freed(LAYOUT, pair(ASKED + 1), pair(0.3))
    stays = freed.freed(LAYOUT, pair(1.0), pair(-0.1))
    assert stays.sd[0, PAIR] == pytest.approx(0.1)
    again = freed.freed(LAYOUT, pair(0.4), pair(0.02))
    assert again.sd[0, PAIR] == pytest.approx(prior.sd[0, PAIR])


def test_transfer_is_freed_one_pair_of_an_ability_at_a_time(prior: Prior) -> None:
    gain = pair(ASKED + 2, p02=ASKED + 1, p21=ASKED + 3)
    freed = prior.freed(LAYOUT, gain, pair(0.3, p02=0.3, p21=-0.3))
    moved = np.argwhere(freed.sd != prior.sd).tolist()
    assert moved == [[0, PAIR], [2, PAIR]]
    assert freed.sd[2, PAIR] > 0
