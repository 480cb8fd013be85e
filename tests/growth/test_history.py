"""Past curves of the same ability sharpen what is said of larger sizes."""

from dataclasses import replace

import numpy as np
import pytest

from doitkit.advise import first_design
from doitkit.growth import GrowthFit, Observations, fit_growth
from doitkit.growth.curve import Curve
from doitkit.growth.history import Past, curve_of
from doitkit.growth.observations import Floats
from doitkit.growth.simulate import World, draw_world, observe

ABILITIES = 4
SIZES = np.geomspace(25.0, 12_800.0, 10)
FAR = np.array([6000.0])


def alike(world: World, seed: int) -> World:
    """Return a world of the same abilities for another model: scales and levels differ a little."""
    draw = np.random.default_rng(seed)
    faster = np.exp(0.4 * draw.standard_normal())
    curves = tuple(replace(curve, scale=curve.scale * faster) for curve in world.curves)
    start = np.clip(world.start + 0.03 * draw.standard_normal(ABILITIES), world.chance, 0.9)
    return replace(world, curves=curves, start=start, ceiling=np.maximum(world.ceiling, start))


def past_of(world: World, models: int) -> Past:
    past: dict[str, list[Curve]] = {ability: [] for ability in world.abilities}
    for model in range(models):
        other = alike(world, model)
        for a, ability in enumerate(world.abilities):
            scores = other.scores(alone(SIZES, a))[:, a]
            left = np.maximum(1 - (scores - other.chance[a]) / (1 - other.chance[a]), 0)
            past[ability].append(Curve.of(SIZES, left, 0.005))
    return past


def alone(sizes: Floats, a: int) -> Floats:
    counts = np.zeros((len(sizes), ABILITIES, 2))
    counts[:, a, 0] = sizes
    return counts


def small_runs(world: World, seed: int) -> Observations:
    runs = first_design(11, ABILITIES, 2, np.tile([400.0, 2000.0], (ABILITIES, 1)), seed=seed)
    return observe(world, np.concatenate([np.zeros((1, ABILITIES, 2)), runs]), seed=seed)


def far_off(fit: GrowthFit, world: World) -> float:
    counts = np.zeros((len(FAR), ABILITIES, 2))
    counts[:, :, 0] = FAR[:, None]
    error = fit.forecast(counts).mean(axis=0) - world.scores(counts)
    return float(np.sqrt((error**2).mean()))


def test_past_curves_cut_the_error_far_beyond_the_runs() -> None:
    without, told = [], []
    for seed in range(12):
        world = draw_world(600 + seed, abilities=ABILITIES, transfer=False)
        seen = small_runs(world, seed)
        without.append(far_off(fit_growth(seen, draws=30), world))
        told.append(far_off(fit_growth(seen, past=past_of(world, 6), draws=30), world))
    assert np.mean(told) < 0.85 * np.mean(without)


def test_the_answer_says_what_the_past_did() -> None:
    world = draw_world(1, abilities=ABILITIES, transfer=False)
    seen = small_runs(world, 1)
    past = {"ability 1": past_of(world, 3)["ability 1"], "ability 2": [flat(10.0, 40.0)] * 2}
    fit = fit_growth(seen, past=past, draws=5)
    assert fit.history[0].startswith("ability 1: 3 past curves say how it goes on up to")
    assert fit.history[1] == "ability 2: none of its 2 past curves covers the sizes of these runs"
    assert len(fit.history) == 2
    # What was foretold is no run: the fit knows only those that were made.
    assert fit.seen is seen
    assert fit.noise.sd.shape == seen.scores.shape


def test_without_a_past_nothing_changes() -> None:
    world = draw_world(2, abilities=ABILITIES)
    seen = small_runs(world, 2)
    np.testing.assert_array_equal(fit_growth(seen).draws, fit_growth(seen, past={}).draws)
    other = fit_growth(seen, past={"another ability": [flat(10.0, 4000.0)] * 3})
    np.testing.assert_array_equal(fit_growth(seen).draws, other.draws)


def test_runs_become_a_curve_by_their_effective_data() -> None:
    seen = Observations(
        abilities=("one",),
        origins=("human",),
        runs=tuple("abcdef"),
        counts=np.array([0, 100, 104, 200, 400, 800.0])[:, None, None],
        scores=np.array([0.25, 0.40, 0.44, 0.55, 0.70, np.nan])[:, None],
        stderrs=np.full((6, 1), 0.02),
        chance=np.array([0.25]),
    )
    assert curve_of(seen, seen.counts[:, 0, 0], seen.stderrs[:, 0], 0) is None  # three sizes
    longer = replace(seen, scores=np.array([0.25, 0.40, 0.44, 0.55, 0.70, 0.85])[:, None])
    curve = curve_of(longer, longer.counts[:, 0, 0], longer.stderrs[:, 0], 0)
    assert curve is not None
    np.testing.assert_allclose(curve.sizes, [np.sqrt(100 * 104), 200, 400, 800])
    np.testing.assert_allclose(curve.left, [1 - 0.17 / 0.75, 0.6, 0.4, 0.2])
    np.testing.assert_allclose(curve.stderrs[1:], 0.02 / 0.75)
    assert curve.stderrs[0] == pytest.approx(0.02 / 0.75 / np.sqrt(2))


def test_the_runs_of_a_smaller_model_are_no_part_of_the_curve() -> None:
    sizes = np.array([100, 200, 400, 800.0])
    large = 1 - 0.9 / (1 + sizes / 300)
    seen = Observations(
        abilities=("one",),
        origins=("human",),
        runs=tuple("abcdefgh"),
        counts=np.tile(sizes, 2)[:, None, None],
        scores=np.concatenate([0.5 * large, large])[:, None],
        stderrs=np.full((8, 1), 0.02),
        chance=np.zeros(1),
        n_params=np.repeat([1e8, 1e9], 4),
    )
    curve = curve_of(seen, seen.counts[:, 0, 0], seen.stderrs[:, 0], 0)
    assert curve is not None
    np.testing.assert_allclose(curve.left, 1 - large)


def flat(first: float, last: float) -> Curve:
    return Curve.of(np.geomspace(first, last, 6), np.full(6, 0.5), 0.01)
