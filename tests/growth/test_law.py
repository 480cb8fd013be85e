import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.growth.law import (
    LOG_K,
    START,
    Layout,
    Parameters,
    Setting,
    ability_scores,
    ability_slopes,
    helped,
    own_data,
    predict,
)
from doitkit.growth.observations import Floats

LAYOUT = Layout(n_abilities=3, n_others=1)
CHANCE = np.array([0.25, 0.0, 0.5])
UNIT = 100.0


def vectors(seed: int, *, transfer: bool = True) -> Floats:
    flat = np.random.default_rng(seed).normal(0, 1, (3, LAYOUT.size))
    flat[:, START] = np.abs(flat[:, START]) % 0.9
    flat[:, LOG_K] += 4
    flat[:, LAYOUT.log_cap] += 5
    help_ = np.abs(flat[:, LAYOUT.transfer]) * (1 - np.eye(3))
    flat[:, LAYOUT.transfer] = 0.1 * help_ if transfer else 0.0
    return flat


def parameters(seed: int, *, transfer: bool = True) -> Parameters:
    return LAYOUT.unpack(vectors(seed, transfer=transfer))


def mixtures(seed: int, n: int = 6) -> Floats:
    return np.random.default_rng(seed).integers(0, 3000, (n, 3, 2)).astype(float)


def scores(p: Parameters, counts: Floats) -> Floats:
    return predict(p, counts, CHANCE, UNIT)


@pytest.mark.parametrize(("abilities", "others"), [(1, 0), (3, 1), (2, 2)])
def test_unpack_uses_every_number_once(abilities: int, others: int) -> None:
    layout = Layout(abilities, others)
    p = layout.unpack(np.arange(abilities * layout.size, dtype=float).reshape(abilities, -1))
    together = np.concatenate([np.ravel(getattr(p, name)) for name in p.__dataclass_fields__])
    assert sorted(together.tolist()) == list(range(abilities * layout.size))


@given(st.integers(0, 2**31), st.integers(0, 2), st.integers(0, 1))
def test_more_data_never_lowers_a_score_without_negative_transfer(
    seed: int, ability: int, origin: int
) -> None:
    p, counts = parameters(seed), mixtures(seed)
    more = counts.copy()
    more[:, ability, origin] += 100
    assert (scores(p, more) >= scores(p, counts) - 1e-12).all()


@given(st.integers(0, 2**31), st.integers(0, 2), st.integers(0, 1))
def test_gains_shrink_along_every_count(seed: int, ability: int, origin: int) -> None:
    p, counts = parameters(seed), mixtures(seed)
    steps = []
    for extra in (0.0, 50.0, 100.0):
        moved = counts.copy()
        moved[:, ability, origin] += extra
        steps.append(scores(p, moved).sum(axis=-1))
    first, second = steps[1] - steps[0], steps[2] - steps[1]
    assert (second <= first + 1e-9).all()


@given(st.integers(0, 2**31))
def test_scores_stay_between_chance_and_ceiling(seed: int) -> None:
    p, counts = parameters(seed), mixtures(seed)
    ceiling = CHANCE + (1 - CHANCE) / (1 + np.exp(-p.ceiling))
    assert (scores(p, counts) <= ceiling + 1e-12).all()
    assert (scores(p, counts) >= CHANCE - 1e-12).all()


def test_no_data_gives_the_base_model() -> None:
    p = parameters(3)
    ceiling = CHANCE + (1 - CHANCE) / (1 + np.exp(-p.ceiling))
    expected = CHANCE + (ceiling - CHANCE) * p.start
    np.testing.assert_allclose(scores(p, np.zeros((1, 3, 2)))[0], expected, atol=1e-9)


def test_the_first_rows_of_another_origin_are_worth_rho_and_all_of_them_at_most_cap() -> None:
    p = parameters(5)
    tiny, huge = np.zeros((3, 2)), np.zeros((3, 2))
    tiny[:, 1], huge[:, 1] = 1e-6, 1e12
    first, most = (own_data(p.log_rho, p.log_cap, counts) for counts in (tiny, huge))
    np.testing.assert_allclose(first / 1e-6, np.exp(p.log_rho[:, 0]), rtol=1e-3)
    np.testing.assert_allclose(most, np.exp(p.log_cap[:, 0]), rtol=1e-9)


def test_harm_takes_a_score_below_the_base_model_and_not_without_end() -> None:
    flat = vectors(1, transfer=False)
    flat[0, LAYOUT.transfer] = [0.0, -50.0, 0.0]
    p = LAYOUT.unpack(flat)
    counts = np.zeros((2, 3, 2))
    counts[1, 1, 0] = 5000
    base, harmed = scores(p, counts)
    assert harmed[0] < base[0]
    deepest = (1 - 0.25) ** -np.exp(p.log_b[0])
    ceiling = CHANCE[0] + (1 - CHANCE[0]) / (1 + np.exp(-p.ceiling[0]))
    least = CHANCE[0] + (ceiling - CHANCE[0]) * (1 - (1 - p.start[0]) * deepest)
    assert harmed[0] >= least - 1e-12


@pytest.mark.parametrize("lead", [(4,), (2, 3)])
def test_leading_axes_are_separate_problems(lead: tuple[int, ...]) -> None:
    flat = np.random.default_rng(0).normal(0, 0.5, (*lead, 3, LAYOUT.size))
    counts = mixtures(2)
    together = scores(LAYOUT.unpack(flat), counts)
    assert together.shape == (*lead, len(counts), 3)
    index = tuple(0 for _ in lead)
    np.testing.assert_allclose(together[index], scores(LAYOUT.unpack(flat[index]), counts))


def test_every_draw_can_be_asked_mixtures_of_its_own() -> None:
    flat = np.stack([vectors(0), vectors(1)])
    counts = np.stack([mixtures(0), mixtures(1)])
    together = scores(LAYOUT.unpack(flat), counts)
    for draw in (0, 1):
        np.testing.assert_allclose(together[draw], scores(LAYOUT.unpack(flat[draw]), counts[draw]))


def test_a_smaller_model_has_a_lower_ceiling_where_size_helps() -> None:
    flat = vectors(4)
    flat[:, 4] = 0.5
    counts = mixtures(4)
    setting = one_ability(flat, counts, 0, log_size=np.log([1, 1, 1, 0.1, 0.1, 0.1]))
    same = one_ability(flat, counts, 0, log_size=np.zeros(6))
    small, large = (ability_scores(LAYOUT, flat[:1], each)[0] for each in (setting, same))
    np.testing.assert_allclose(small[:3], large[:3])
    assert (small[3:] < large[3:]).all()
    np.testing.assert_allclose(large, scores(LAYOUT.unpack(flat), counts)[:, 0])


def one_ability(flat: Floats, counts: Floats, a: int, log_size: Floats) -> Setting:
    p = LAYOUT.unpack(flat)
    helps = helped(own_data(p.log_rho, p.log_cap, counts), UNIT)
    helps[:, a] = 0.0
    return Setting(counts[None, :, a], helps[None], log_size, CHANCE[[a]])


@given(st.integers(0, 2**31), st.integers(1, 4), st.integers(0, 2))
def test_the_slopes_are_the_derivatives(seed: int, abilities: int, others: int) -> None:
    layout = Layout(abilities, others)
    draw = np.random.default_rng(seed)
    flat = draw.normal(0, 0.7, (2, layout.size))
    flat[:, LOG_K] += 4
    flat[:, layout.log_cap] += 5
    flat[:, layout.transfer] *= 0.2
    setting = Setting(
        draw.integers(0, 500, (2, 5, others + 1)).astype(float),
        draw.uniform(0, 3, (2, 5, abilities)),
        draw.normal(0, 1, 5),
        draw.uniform(0, 0.5, 2),
    )
    step = 1e-6
    numeric = [
        ability_scores(layout, flat + step * e, setting)
        - ability_scores(layout, flat - step * e, setting)
        for e in np.eye(layout.size)
    ]
    exact = ability_slopes(layout, flat, setting)
    np.testing.assert_allclose(exact, np.stack(numeric, axis=-1) / (2 * step), atol=1e-6)


@given(st.integers(0, 2**31))
def test_harm_from_elsewhere_never_makes_the_law_undefined(seed: int) -> None:
    flat = np.random.default_rng(seed).normal(0, 3, (3, LAYOUT.size))
    flat[:, LOG_K] -= 6  # abilities that saturate within a row
    flat[:, LAYOUT.transfer] = -np.abs(flat[:, LAYOUT.transfer]) * (1 - np.eye(3))
    counts = mixtures(seed)
    assert np.isfinite(scores(LAYOUT.unpack(flat), counts)).all()
    setting = one_ability(flat, counts, 0, np.zeros(6))
    assert np.isfinite(ability_slopes(LAYOUT, flat[:1], setting)).all()
