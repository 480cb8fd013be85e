import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.advise.allocate import equal_money, marginal_gain, water_fill
from doitkit.advise.market import Market
from doitkit.growth.observations import Floats

VALUE = np.array([[1.0, 0.4], [2.0, 0.0], [0.5, 0.9]])
HALF = np.array([[40.0, 20.0], [200.0, 50.0], [10.0, 30.0]])


def concave(mixtures: Floats) -> Floats:
    gains: Floats = (VALUE * mixtures / (mixtures + HALF)).sum(axis=(1, 2))
    return gains


def market(budget: float, *, supply: float = np.inf, lot: int = 10) -> Market:
    prices = np.array([[1.0, 0.1], [1.0, np.inf], [1.0, 0.1]])
    return Market(prices, np.full((3, 2), supply), budget, lot)


def cost(rows: Floats, at: Market) -> float:
    return float((rows * np.where(np.isfinite(at.prices), at.prices, 0)).sum())


@given(st.floats(0, 3000), st.integers(1, 50), st.floats(0, 400))
def test_the_budget_and_the_supply_are_kept(budget: float, lot: int, supply: float) -> None:
    at = market(budget, supply=supply, lot=lot)
    bought = water_fill(concave, np.zeros((3, 2)), at)
    assert cost(bought, at) <= budget + 1e-6
    assert (bought <= supply + 1e-9).all()
    assert (bought >= 0).all()
    assert bought[1, 1] == 0  # not for sale


def test_greedy_is_optimal_on_a_concave_objective() -> None:
    at = market(100, lot=10)
    bought = water_fill(concave, np.zeros((3, 2)), at)
    reached = concave(bought[None])[0]
    best = 0.0
    levels = range(0, 101, 10)
    for a, b, c in itertools.product(levels, repeat=3):
        if a + b + c > 100:
            continue
        left = 100 - a - b - c
        for share in (0, 0.25, 0.5, 0.75, 1):
            cheap = left / 0.1
            rows = np.array([[a, cheap * share], [b, 0], [c, cheap * (1 - share)]], dtype=float)
            best = max(best, float(concave(rows[None])[0]))
    assert reached >= best - 0.02 * best


def test_marginal_gains_agree_wherever_something_was_bought() -> None:
    at = market(2000, lot=1)
    bought = water_fill(concave, np.zeros((3, 2)), at)
    marginal = marginal_gain(concave, bought, at)
    paid = marginal[(bought > 0) & np.isfinite(marginal)]
    idle = marginal[(bought == 0) & np.isfinite(marginal)]
    assert paid.max() / paid.min() < 1.15
    assert idle.size == 0 or idle.max() <= paid.min() * 1.15


def test_nothing_is_bought_where_nothing_helps() -> None:
    bought = water_fill(lambda m: np.zeros(len(m)), np.zeros((3, 2)), market(100))
    assert not bought.any()


def test_free_rows_are_taken_to_the_end_of_their_supply() -> None:
    prices = np.array([[0.0, 1.0], [1.0, 1.0], [1.0, 1.0]])
    at = Market(prices, np.full((3, 2), 50.0), 0.0, 10)
    bought = water_fill(concave, np.zeros((3, 2)), at)
    assert bought[0, 0] == 50
    assert bought.sum() == 50


@pytest.mark.parametrize("budget", [50.0, 333.0, 5000.0])
def test_an_equal_split_gives_every_cell_the_same_money(budget: float) -> None:
    at = market(budget, lot=1)
    share = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    bought = equal_money(np.zeros((3, 2)), at, share)
    assert np.ptp(bought[:, 0]) <= 1
    assert budget - cost(bought, at) < 3


def test_what_a_short_cell_cannot_take_goes_to_the_others() -> None:
    supply = np.full((3, 2), 1000.0)
    supply[0, 0] = 20
    prices = np.ones((3, 2))
    at = Market(prices, supply, 300.0, 10)
    share = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    bought = equal_money(np.zeros((3, 2)), at, share)
    assert bought[:, 0].tolist() == [20, 140, 140]


@given(st.floats(0, 3000), st.integers(1, 60))
def test_an_equal_split_spends_what_whole_lots_allow(budget: float, lot: int) -> None:
    at = market(budget, lot=lot)
    bought = equal_money(np.zeros((3, 2)), at, np.isfinite(at.prices).astype(float))
    left = budget - cost(bought, at)
    assert left >= -1e-6
    assert left < lot * 1.0  # of the dearest rows, not one more lot; of the cheap ones a few
    assert (bought % lot == 0).all()
