"""The best purchase under the truth: against every purchase there is, and against random ones."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doitkit.core.errors import UsageError
from doitkit.growth.simulate import best_allocation, draw_world, money_splits, share_lost

PRICES = np.array([1.0, 0.1])


@pytest.mark.parametrize("wrong", [False, True])
def test_it_is_the_best_of_all_purchases_there_are(wrong: bool) -> None:
    # Lots of 100 rows cost 100 and 50; a budget of 800 buys a few hundred different purchases.
    prices, budget = np.array([1.0, 0.5]), 800
    costs = np.array([100, 50, 100, 50])
    every = [
        lots
        for lots in product(range(9), range(17), range(9), range(17))
        if np.dot(lots, costs) <= budget
    ]
    purchases = 100.0 * np.array(every).reshape(-1, 2, 2)
    for seed in range(25):
        world = draw_world(seed, abilities=2, rows=400, wrong=wrong)
        most = world.scores(purchases).mean(axis=1).max()
        found = best_allocation(world, prices, budget, lot=100)
        assert world.scores(found[None]).mean() == pytest.approx(most, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), wrong=st.booleans())
def test_no_random_purchase_is_better(seed: int, wrong: bool) -> None:
    world = draw_world(seed, abilities=4, wrong=wrong)
    budget = 3000.0
    best = best_allocation(world, PRICES, budget)
    assert (best * PRICES).sum() <= budget * (1 + 1e-6)
    assert (best % 10 == 0).all()
    draw = np.random.default_rng(seed)
    shares = draw.dirichlet(np.full(8, 0.4), 2000).reshape(-1, 4, 2)
    rows = np.floor(budget * shares / PRICES / 10) * 10
    reached = world.scores(rows).mean(axis=1)
    assert world.scores(best[None]).mean() >= reached.max() - 1e-12
    for split in money_splits(world, PRICES, budget).values():
        assert share_lost(world, split, best) >= -1e-12


def test_holdings_supply_weights_and_what_is_not_for_sale_count() -> None:
    world = draw_world(11, abilities=3, transfer=False)
    held = np.zeros((3, 2))
    held[0, 0] = 50_000
    supply = np.full((3, 2), 300.0)
    prices = np.array([[1.0, 0.1], [1.0, np.inf], [1.0, 0.1]])
    weights = (1.0, 1.0, 0.0)
    bought = best_allocation(
        world, prices, 500.0, today=held, supply=supply, weights=weights, lot=20
    )
    assert (bought <= supply).all()
    assert bought[1, 1] == 0
    assert bought[2].sum() == 0  # counts for nothing
    assert bought[1, 0] == 300  # of the first ability, there is enough already
    assert share_lost(world, bought, bought, today=held, weights=weights) == 0
    nothing = np.zeros((3, 2))
    assert share_lost(world, nothing, bought, today=held, weights=weights) == 1


def test_no_money_buys_nothing_and_endless_free_rows_are_refused() -> None:
    world = draw_world(1, abilities=2)
    assert best_allocation(world, PRICES, 0.0).sum() == 0
    assert best_allocation(world, np.array([np.inf, np.inf]), 100.0).sum() == 0
    with pytest.raises(UsageError, match="no best allocation"):
        best_allocation(world, np.array([1.0, 0.0]), 100.0)
    supply = np.full((2, 2), 100.0)
    free = best_allocation(world, np.array([1.0, 0.0]), 100.0, supply=supply)
    assert (free[:, 1] <= 100).all()


def test_equal_splits_lose_what_the_docstring_says() -> None:
    lost: dict[str, list[float]] = {}
    for seed in range(20_000, 20_024):
        world = draw_world(seed)
        best = best_allocation(world, PRICES, 10_000)
        for kind, rows in money_splits(world, PRICES, 10_000).items():
            lost.setdefault(kind, []).append(100 * share_lost(world, rows, best))
    assert np.min(list(lost.values()), axis=0).mean() == pytest.approx(6.0, abs=1.5)
    assert np.mean(lost["human only"]) == pytest.approx(24.6, abs=4.0)
    assert np.mean(lost["all origins"]) == pytest.approx(7.3, abs=1.5)
