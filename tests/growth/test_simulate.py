"""The worlds: reproducible, within bounds, of families that differ, and as noisy as is said."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares

from doitkit.core.errors import UsageError
from doitkit.growth import Observations
from doitkit.growth.observations import Floats
from doitkit.growth.simulate import FAMILIES, UNUSUAL, Curve, World, Worth, draw_world, observe

SIZES = np.array([0.0, 10, 30, 100, 300, 1000, 3000, 10_000])


def mixtures(world: World, n: int, seed: int = 0) -> Floats:
    draw = np.random.default_rng(seed)
    return draw.choice(SIZES, (n, len(world.abilities), len(world.origins)))


def same(first: Observations, second: Observations) -> bool:
    return bool((first.scores == second.scores).all() and (first.stderrs == second.stderrs).all())


def test_a_seed_draws_the_same_world_and_the_same_scores() -> None:
    world, again, other = draw_world(3), draw_world(3), draw_world(4)
    counts = mixtures(world, 20)
    assert (world.scores(counts) == again.scores(counts)).all()
    assert (world.scores(counts) != other.scores(counts)).any()
    assert same(observe(world, counts, 1), observe(again, counts, 1))
    assert not same(observe(world, counts, 1), observe(world, counts, 2))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), wrong=st.booleans())
def test_true_scores_lie_between_the_base_model_and_1(seed: int, wrong: bool) -> None:
    world = draw_world(seed, abilities=5, wrong=wrong)
    scores = world.scores(mixtures(world, 50, seed))
    assert (scores >= world.chance - 1e-12).all()
    assert (scores >= world.start - 1e-12).all()
    assert (scores <= world.ceiling + 1e-12).all()
    assert (world.ceiling < 1).all()
    nothing = world.scores(np.zeros((1, 5, 2)))[0]
    np.testing.assert_allclose(nothing, world.start)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    wrong=st.booleans(),
    cell=st.tuples(st.integers(0, 4), st.integers(0, 1)),
)
def test_more_data_never_hurts_without_negative_transfer_and_bias(
    seed: int, wrong: bool, cell: tuple[int, int]
) -> None:
    drawn = draw_world(seed, abilities=5, wrong=wrong)
    unbiased = tuple(tuple(replace(w, bias=0.0) for w in worths) for worths in drawn.worths)
    world = replace(drawn, transfer=np.maximum(drawn.transfer, 0.0), worths=unbiased)
    counts = mixtures(world, 30, seed)
    more = counts.copy()
    more[:, cell[0], cell[1]] *= 3
    more[:, cell[0], cell[1]] += 20
    assert (world.scores(more) >= world.scores(counts) - 1e-12).all()


def test_negative_transfer_and_poor_data_lower_scores() -> None:
    worth = Worth("exponential", rate=0.5, ceiling=500.0, bias=0.2)
    world = World(
        abilities=("a", "b"),
        origins=("human", "synthetic"),
        chance=np.zeros(2),
        start=np.full(2, 0.1),
        ceiling=np.full(2, 0.9),
        curves=(Curve("hill", 300.0, 0.5),) * 2,
        worths=((worth,), (worth,)),
        transfer=np.array([[0.0, -0.5], [0.0, 0.0]]),
        reach=200.0,
        size_slopes=np.full(2, 0.3),
    )
    counts = np.zeros((3, 2, 2))
    counts[:, 0, 0] = 500
    counts[1, 1, 0] = 1000
    counts[2, 0, 1] = 10_000
    plain, hurt, diluted = world.scores(counts)[:, 0]
    assert hurt < plain - 0.02
    # Ten thousand poor rows add 500 good ones' worth, and take a fifth of the rise nearly.
    assert diluted < 0.1 + 0.8 * (1 - 0.2 * 0.9)


def test_the_first_row_is_worth_the_rate_and_all_are_worth_the_ceiling_at_most() -> None:
    for form in ("exponential", "michaelis"):
        worth = Worth(form, rate=0.4, ceiling=300.0)
        assert worth.of(np.array([1e-3]))[0] == pytest.approx(0.4e-3, rel=1e-4)
        assert worth.of(np.array([1e9]))[0] == pytest.approx(300.0, rel=1e-4)
    slow = Worth("power", rate=0.4, ceiling=300.0)
    assert slow.of(np.array([1e-3]))[0] == pytest.approx(0.4e-3, rel=1e-4)
    assert slow.of(np.array([1e6]))[0] > 3000.0


def test_larger_models_reach_further() -> None:
    world = draw_world(5)
    counts = mixtures(world, 10)
    small, large = world.scores(counts, 1e9), world.scores(counts, np.full(10, 70e9))
    assert (large >= small - 1e-12).all()
    assert (large[:, world.ceiling > 0.5] > small[:, world.ceiling > 0.5]).any()
    np.testing.assert_allclose(world.scores(counts), world.scores(counts, 7e9))


def lomax_misfit(curve: Curve) -> float:
    """Return the largest error of the best saturating power law through a curve."""
    rows = np.concatenate([[0.0], np.geomspace(3, 10_000, 40)])
    truth = curve.grown(rows)

    def errors(at: Floats) -> Floats:
        level, top, log_k, log_b = at
        return level + top * -np.expm1(-np.exp(log_b) * np.log1p(rows / np.exp(log_k))) - truth

    fits = [
        least_squares(errors, [0.0, 1.0, np.log(k), b], bounds=([-1, 0, -3, -4], [1, 2, 14, 7]))
        for k in (30.0, 300.0, 3000.0)
        for b in (-0.5, 0.5, 2.0)
    ]
    best = min(fits, key=lambda fit: fit.cost)
    return float(np.abs(best.fun).max())


def test_the_families_rise_from_0_and_differ_from_the_law_that_is_fitted() -> None:
    rows = np.array([0.0, 1.0, 100.0, 1e9])
    for family in (*FAMILIES, *UNUSUAL):
        grown = Curve(family, 300.0, 0.5).grown(rows)
        assert grown[0] == pytest.approx(0.0, abs=1e-12)
        assert (np.diff(grown) >= 0).all()
        assert grown[-1] == pytest.approx(1.0, abs=0.01)
    misfit = {f: lomax_misfit(Curve(f, 300.0, 0.7)) for f in (*FAMILIES, *UNUSUAL)}
    assert misfit["power"] < 1e-3
    for family in ("logistic", "delayed", "two waves"):
        assert misfit[family] > 0.02
    assert len({round(value, 4) for value in misfit.values()}) == len(misfit)


def test_worlds_hold_every_family_and_wrong_ones_none_of_the_usual() -> None:
    usual = {curve.family for seed in range(20) for curve in draw_world(seed).curves}
    assert usual == set(FAMILIES)
    wrong = [draw_world(seed, wrong=True) for seed in range(200)]
    assert {curve.family for world in wrong for curve in world.curves} == set(UNUSUAL)
    rates = np.log([np.median([w.rate for (w,) in world.worths]) for world in wrong])
    usual_rates = np.log([np.median([w.rate for (w,) in draw_world(s).worths]) for s in range(200)])
    # One standard deviation up or down, so that the medians of worlds fall into two heaps.
    assert rates.std() > 2 * usual_rates.std()


def plain_world(level: float, abilities: int = 4) -> World:
    """Return a world in which every run scores `level` on all abilities."""
    drawn = draw_world(0, abilities=abilities, chance=[0.0] * abilities)
    return replace(drawn, start=np.full(abilities, level), ceiling=np.full(abilities, level))


def test_seeds_scatter_by_the_stated_sd() -> None:
    counts = np.ones((400, 4, 2)) * np.arange(400)[:, None, None]
    noisy = observe(plain_world(0.5), counts, 0, items=5000, seed_sd=0.03)
    of_items = 0.25 / 5000
    found = np.sqrt((noisy.scores.var(axis=0, ddof=1) - of_items).mean())
    assert found == pytest.approx(0.03, rel=0.1)
    # What a seed does is partly common to all abilities of a run.
    assert 0.15 < np.corrcoef(noisy.scores.T)[np.triu_indices(4, 1)].mean() < 0.45


def test_items_scatter_binomially_and_all_runs_share_them() -> None:
    counts = np.ones((3, 4, 2)) * np.arange(3)[:, None, None]
    world = plain_world(0.7)
    seen = [observe(world, counts, seed, items=100, seed_sd=0.0) for seed in range(400)]
    errors = np.array([one.scores for one in seen]) - 0.7
    assert errors.mean() == pytest.approx(0.0, abs=0.005)
    assert errors.std() == pytest.approx(np.sqrt(0.21 / 100), rel=0.05)
    told = np.mean([one.stderrs.mean() for one in seen])
    assert told == pytest.approx(np.sqrt(0.21 / 100), rel=0.05)
    shared = np.corrcoef(errors[:, 0].ravel(), errors[:, 1].ravel())[0, 1]
    assert 0.2 < shared < 0.6
    apart = np.corrcoef(errors[:, 0, 0], errors[:, 0, 1])[0, 1]
    assert abs(apart) < 0.15  # abilities have questions of their own
    difference = errors[:, 0] - errors[:, 1]
    assert difference.std() < 0.9 * np.sqrt(2) * errors.std()


def test_runs_that_are_added_leave_the_others_as_they_were() -> None:
    world = draw_world(7)
    counts = mixtures(world, 12)
    few, all_of_them = (
        observe(world, counts[:8], 3, outliers=0.2),
        observe(world, counts, 3, outliers=0.2),
    )
    assert (few.scores == all_of_them.scores[:8]).all()


def test_outliers_come_at_the_stated_rate_and_spare_the_base_model() -> None:
    world = draw_world(2, chance=[0.0] * 10)
    counts = np.full((1000, 10, 2), 500.0)
    counts[::2] = 0.0
    clean = observe(world, counts, 0)
    broken = observe(world, counts, 0, outliers=0.1)
    fell = (broken.scores < clean.scores).any(axis=1)
    assert not fell[::2].any()
    assert 0.07 < fell[1::2].mean() < 0.13
    hit = (broken.scores < clean.scores)[fell]
    assert 0.35 < hit.mean() < 0.75
    assert (broken.scores <= clean.scores).all()


def test_items_may_differ_by_ability_and_runs_below_chance_are_scored() -> None:
    levels = np.array([0.5, 0.0])
    world = replace(draw_world(1, abilities=2, chance=levels), start=levels, ceiling=levels)
    counts = np.ones((300, 2, 2)) * np.arange(300)[:, None, None]
    seen = observe(world, counts, 0, items=[50, 500], seed_sd=0.05)
    assert seen.stderrs[:, 0].mean() > 2 * seen.stderrs[:, 1].mean()
    assert seen.scores[:, 0].mean() == pytest.approx(0.5, abs=0.03)
    assert (seen.scores >= 0).all()
    assert (seen.scores <= 1).all()


def test_wrong_requests_are_refused() -> None:
    world = draw_world(0, abilities=2)
    with pytest.raises(UsageError, match="not mixtures of this world"):
        world.scores(np.zeros((4, 3, 2)))
    with pytest.raises(UsageError, match="cannot be drawn"):
        observe(world, np.zeros((4, 2, 2)), 0, items=0)
    with pytest.raises(UsageError, match="cannot be drawn"):
        observe(world, np.zeros((4, 2, 2)), 0, outliers=1.5)
