import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.growth.law import Layout, Parameters, effective_data, own_data, predict, slopes
from doitkit.growth.observations import Floats

LAYOUT = Layout(n_abilities=3, n_others=1)
CHANCE = np.array([0.25, 0.0, 0.5])


def parameters(seed: int, *, transfer: bool = True) -> Parameters:
    flat = np.random.default_rng(seed).normal(0, 1, LAYOUT.size)
    flat[LAYOUT.part(1)] = np.abs(flat[LAYOUT.part(1)]) % 0.9
    flat[LAYOUT.part(2)] += 4
    flat[LAYOUT.part(5)] += 5
    flat[LAYOUT.part(6)] = np.abs(flat[LAYOUT.part(6)]) if transfer else 0.0
    return LAYOUT.unpack(flat)


def mixtures(seed: int, n: int = 6) -> Floats:
    return np.random.default_rng(seed).integers(0, 3000, (n, 3, 2)).astype(float)


def test_unpack_uses_every_number_once() -> None:
    p = LAYOUT.unpack(np.arange(LAYOUT.size, dtype=float))
    together = np.concatenate([np.ravel(getattr(p, name)) for name in p.__dataclass_fields__])
    assert sorted(together.tolist()) == list(range(LAYOUT.size))


@given(st.integers(0, 2**31), st.integers(0, 2), st.integers(0, 1))
def test_more_data_never_lowers_a_score_without_negative_transfer(
    seed: int, ability: int, origin: int
) -> None:
    p, counts = parameters(seed), mixtures(seed)
    more = counts.copy()
    more[:, ability, origin] += 100
    assert (predict(p, more, CHANCE) >= predict(p, counts, CHANCE) - 1e-12).all()


@given(st.integers(0, 2**31), st.integers(0, 2), st.integers(0, 1))
def test_gains_shrink_along_every_count(seed: int, ability: int, origin: int) -> None:
    p, counts = parameters(seed, transfer=False), mixtures(seed)
    steps = []
    for extra in (0.0, 50.0, 100.0):
        moved = counts.copy()
        moved[:, ability, origin] += extra
        steps.append(predict(p, moved, CHANCE)[..., ability])
    first, second = steps[1] - steps[0], steps[2] - steps[1]
    assert (second <= first + 1e-4).all()


@given(st.integers(0, 2**31))
def test_scores_stay_between_start_and_ceiling(seed: int) -> None:
    p, counts = parameters(seed), mixtures(seed)
    ceiling = CHANCE + (1 - CHANCE) / (1 + np.exp(-p.ceiling))
    scores = predict(p, counts, CHANCE)
    assert (scores <= ceiling + 1e-12).all()
    assert (scores >= CHANCE - 1e-12).all()


def test_no_data_gives_the_base_model() -> None:
    p = parameters(3)
    ceiling = CHANCE + (1 - CHANCE) / (1 + np.exp(-p.ceiling))
    expected = CHANCE + (ceiling - CHANCE) * p.start
    np.testing.assert_allclose(predict(p, np.zeros((1, 3, 2)), CHANCE)[0], expected, atol=1e-9)


def test_the_first_rows_of_another_origin_are_worth_rho_and_all_of_them_at_most_cap() -> None:
    p = parameters(5, transfer=False)
    rho, cap = np.exp(p.log_rho[:, 0]), np.exp(p.log_cap[:, 0])
    tiny, huge = np.zeros((1, 3, 2)), np.zeros((1, 3, 2))
    tiny[..., 1], huge[..., 1] = 1e-6, 1e12
    np.testing.assert_allclose(own_data(p, tiny)[0] / 1e-6, rho, rtol=1e-3)
    np.testing.assert_allclose(own_data(p, huge)[0], cap, rtol=1e-9)


def test_negative_transfer_never_makes_an_ability_hold_less_than_nothing() -> None:
    flat = np.zeros(LAYOUT.size)
    flat[LAYOUT.part(6)] = -50.0
    data = effective_data(LAYOUT.unpack(flat), mixtures(1))
    assert (data >= -np.log(2) - 1e-12).all()
    assert np.isfinite(predict(LAYOUT.unpack(flat), mixtures(1), CHANCE)).all()


@pytest.mark.parametrize("lead", [(4,), (2, 3)])
def test_leading_axes_are_separate_problems(lead: tuple[int, ...]) -> None:
    flat = np.random.default_rng(0).normal(0, 0.5, (*lead, LAYOUT.size))
    counts = mixtures(2)
    together = predict(LAYOUT.unpack(flat), counts, CHANCE)
    assert together.shape == (*lead, len(counts), 3)
    index = tuple(0 for _ in lead)
    np.testing.assert_allclose(together[index], predict(LAYOUT.unpack(flat[index]), counts, CHANCE))


@given(st.integers(0, 2**31), st.integers(1, 4), st.integers(0, 2))
def test_the_slopes_are_the_derivatives(seed: int, abilities: int, others: int) -> None:
    layout = Layout(abilities, others)
    draw = np.random.default_rng(seed)
    flat = draw.normal(0, 0.7, (2, layout.size))
    flat[:, layout.part(2)] += 4
    flat[:, layout.part(5)] += 5
    counts = draw.integers(0, 500, (4, abilities, others + 1)).astype(float)
    chance = draw.uniform(0, 0.5, abilities)

    def scores(at: Floats) -> Floats:
        return predict(layout.unpack(at), counts, chance)

    step = 1e-6
    numeric = [(scores(flat + step * e) - scores(flat - step * e)) for e in np.eye(layout.size)]
    exact = slopes(layout, flat, counts, chance)
    np.testing.assert_allclose(exact, np.stack(numeric, axis=-1) / (2 * step), atol=1e-6)


@given(st.integers(0, 2**31))
def test_harm_from_elsewhere_never_makes_the_law_undefined(seed: int) -> None:
    flat = np.random.default_rng(seed).normal(0, 2, LAYOUT.size)
    flat[LAYOUT.part(2)] -= 6  # abilities that saturate within a row
    flat[LAYOUT.part(6)] = -np.abs(flat[LAYOUT.part(6)])
    p = LAYOUT.unpack(flat)
    assert np.isfinite(predict(p, mixtures(seed), CHANCE)).all()
    assert np.isfinite(slopes(LAYOUT, flat[None], mixtures(seed), CHANCE)).all()
