"""Purchases keep to every limit, are optimal where that can be counted out, and never worse."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from doitkit.advise.allocate import (
    Value,
    equal_money,
    parts_of,
    water_fill,
    water_fill_each,
)
from doitkit.advise.market import Limit, Market
from doitkit.advise.optimality import optimality_gap
from doitkit.advise.search import best_of, improved
from doitkit.growth.observations import Floats

NOTHING = np.zeros((3, 2))
VALUE = np.array([[1.0, 0.4], [2.0, 0.3], [0.5, 0.9]])
HALF = np.array([[40.0, 20.0], [200.0, 50.0], [10.0, 30.0]])


def concave(mixtures: Floats) -> Floats:
    gains: Floats = (VALUE * mixtures / (mixtures + HALF)).sum(axis=(-2, -1))
    return gains


def late(mixtures: Floats) -> Floats:
    """Nothing for the first rows, much for many; and rows of one cell hurt those of another."""
    grown = VALUE * mixtures**3 / (mixtures**3 + (3 * HALF) ** 3)
    hurt = 0.3 * mixtures[..., 0, 0] / (mixtures[..., 0, 0] + 50) * grown[..., 2, 1]
    result: Floats = grown.sum(axis=(-2, -1)) - hurt
    return result


def worst_of_three(mixtures: Floats) -> Floats:
    grown = (VALUE * mixtures / (mixtures + HALF)).sum(axis=-1)
    result: Floats = grown.min(axis=-1)
    return result


cells = st.lists(st.one_of(st.just(0.0), st.floats(0.001, 5)), min_size=6, max_size=6).map(
    lambda x: np.array(x).reshape(3, 2)
)
marks = st.lists(st.booleans(), min_size=6, max_size=6).map(lambda x: np.array(x).reshape(3, 2))
supplies = st.lists(
    st.one_of(st.floats(0, 400), st.just(np.inf)), min_size=6, max_size=6
).map(lambda x: np.array(x).reshape(3, 2))  # fmt: skip


@st.composite
def markets(draw: st.DrawFn) -> Market:
    prices = draw(cells) + 0.05
    closed = draw(marks) & draw(marks)
    limits = tuple(
        Limit(name, name, draw(cells), draw(st.floats(0, 2000)))
        for name in draw(st.sampled_from([(), ("rows",), ("rows", "tokens")]))
    )
    return Market(
        np.where(closed, np.inf, prices),
        draw(supplies),
        draw(st.floats(0, 1500)),
        draw(st.integers(1, 40)),
        limits,
        draw(marks) & draw(marks),
        draw(supplies),
    )


@settings(deadline=None, max_examples=25)
@given(markets(), st.sampled_from([concave, late, worst_of_three]))
def test_no_limit_supply_cap_lot_or_frozen_part_is_ever_broken(
    market: Market, value: Value
) -> None:
    greedy = water_fill(value, NOTHING, market, steps=20)
    split = equal_money(NOTHING, market, np.ones((3, 2)))
    every = [greedy, split, improved(value, NOTHING, market, greedy)]
    every += list(parts_of(value, NOTHING, market, greedy))
    for bought in every:
        assert market.allows(bought)
        assert (bought % market.lot == 0).all()
        assert (bought <= market.supply).all()
        assert market.at_most is not None
        assert (bought <= market.at_most).all()
        assert market.frozen is not None
        assert not bought[market.frozen].any()
        assert not bought[np.isinf(market.prices)].any()
        for limit in market.all_limits:
            assert limit.used(bought) <= limit.amount * (1 + 1e-6) + 1e-6


@settings(deadline=None, max_examples=25)
@given(markets(), st.sampled_from([concave, late, worst_of_three]))
def test_exchanges_never_lose_to_greedy_buying_or_to_any_start(
    market: Market, value: Value
) -> None:
    greedy = water_fill(value, NOTHING, market, steps=20)
    split = equal_money(NOTHING, market, np.ones((3, 2)))
    best = best_of(value, NOTHING, market, greedy, [split])
    reached = value(np.stack([best, greedy, split]))
    assert reached[0] >= reached[1] - 1e-9
    assert reached[0] >= value(improved(value, NOTHING, market, split, rough=True)[None])[0] - 1e-9


def _counted_out(value: Value, market: Market) -> float:
    """Return the value of the best purchase of all that there are."""
    open_cells = np.argwhere(market.for_sale)
    most = [int(market.room(NOTHING)[tuple(cell)]) for cell in open_cells]
    levels = [np.arange(0, rows + 1, market.lot, dtype=float) for rows in most]
    chosen = np.stack([grid.ravel() for grid in np.meshgrid(*levels)], axis=1)
    bought = np.zeros((len(chosen), 3, 2))
    bought[:, open_cells[:, 0], open_cells[:, 1]] = chosen
    affordable = market.money.used(bought) <= market.budget + 1e-9
    return float(value(bought[affordable]).max())


def _small(budget: float) -> Market:
    prices = np.array([[1.0, np.inf], [1.0, np.inf], [1.0, 0.5]])
    return Market(prices, np.full((3, 2), np.inf), budget, 20)


@pytest.mark.parametrize("budget", [60.0, 100.0, 200.0])
def test_greedy_equals_counting_out_where_the_objective_is_concave(budget: float) -> None:
    prices = np.where([[1, 0], [1, 0], [1, 1]], 1.0, np.inf)
    market = Market(prices, np.full((3, 2), np.inf), budget, 20)
    greedy = water_fill(concave, NOTHING, market)
    best = _counted_out(concave, market)
    assert float(concave(greedy[None])[0]) == pytest.approx(best, abs=1e-12)


@pytest.mark.parametrize("value", [late, worst_of_three])
@pytest.mark.parametrize("budget", [100.0, 200.0, 260.0])
def test_exchanges_find_the_optimum_where_it_is_not_concave(value: Value, budget: float) -> None:
    market = _small(budget)
    greedy = water_fill(value, NOTHING, market)
    alone = [np.where(np.arange(6).reshape(3, 2) == i, market.room(NOTHING), 0) for i in range(6)]
    split = equal_money(NOTHING, market, np.ones((3, 2)))
    found = best_of(value, NOTHING, market, greedy, [*alone, split])
    best = _counted_out(value, market)
    assert float(value(found[None])[0]) == pytest.approx(best, abs=1e-9)


def test_greedy_alone_would_have_missed_it() -> None:
    market = _small(260.0)
    greedy = float(late(water_fill(late, NOTHING, market)[None])[0])
    assert greedy < _counted_out(late, market) - 0.05


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000))
def test_marginal_gains_agree_at_the_optimum_of_a_concave_objective(seed: int) -> None:
    draw = np.random.default_rng(seed)
    market = Market(
        np.exp(draw.uniform(-3, 1, (3, 2))), np.full((3, 2), 5000.0), draw.uniform(50, 3000), 1
    )
    greedy = water_fill(concave, NOTHING, market, steps=64)
    best = improved(concave, NOTHING, market, greedy)
    # What stays is the size of a lot, and the last exchanges that were not worth their time.
    assert optimality_gap(concave, NOTHING, market, best) < 0.05


def test_the_gap_is_large_where_money_lies_wrong_and_counts_every_limit() -> None:
    market = Market(np.ones((3, 2)), np.full((3, 2), np.inf), 600.0, 1)
    wrong = np.zeros((3, 2))
    wrong[2, 0] = 600.0
    assert optimality_gap(concave, NOTHING, market, wrong) > 0.4
    rows = Limit("rows", "rows", np.ones((3, 2)), 300.0)
    both = Market(np.ones((3, 2)) * [1.0, 3.0], market.supply, 600.0, 1, (rows,))
    best = improved(concave, NOTHING, both, water_fill(concave, NOTHING, both))
    assert rows.used(best) <= 300
    assert optimality_gap(concave, NOTHING, both, best) < 0.02


def test_a_batch_of_questions_buys_what_each_would_buy_alone() -> None:
    market = Market(np.ones((3, 2)), np.full((3, 2), 300.0), 400.0, 10)
    scales = np.random.default_rng(0).uniform(0.2, 2, (7, 3, 2))

    def each(mixtures: Floats) -> Floats:
        s = scales[:, None]
        result: Floats = (s * mixtures / (mixtures + HALF)).sum(axis=(-2, -1))
        return result

    together = water_fill_each(each, NOTHING, market, 7)
    for index, scale in enumerate(scales):

        def alone(mixtures: Floats, scale: Floats = scale) -> Floats:
            result: Floats = (scale * mixtures / (mixtures + HALF)).sum(axis=(-2, -1))
            return result

        bought = water_fill(alone, NOTHING, market, steps=64)
        np.testing.assert_array_equal(together[index], bought)


@settings(deadline=None, max_examples=25)
@given(markets())
def test_the_parts_of_a_purchase_grow_from_nothing_to_all_of_it(market: Market) -> None:
    assume(market.for_sale.any())
    bought = water_fill(concave, NOTHING, market, steps=20)
    parts = parts_of(concave, NOTHING, market, bought)
    assert not parts[0].any()
    np.testing.assert_array_equal(parts[-1], bought)
    assert (np.diff(parts, axis=0) >= 0).all()
