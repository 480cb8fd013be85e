"""From five units to rows: exact, and never one field with two meanings."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.core.errors import PlanError
from doitkit.core.origins import Cell
from doitkit.mix import Mixture, Stock, mixture_of
from doitkit.recipe.amounts import Amounts

MATH, MATH_MODEL = Cell("math", "human"), Cell("math", "synthetic")
CODE, TALK = Cell("code", "human"), Cell("talk", "human")
LENGTHS = {MATH: [10] * 100, MATH_MODEL: [30, 10, 20], CODE: [7] * 40, TALK: [1] * 5}
PRICES = {MATH: 2.5, CODE: 0.0, TALK: 0.1}
STOCK = Stock(
    {cell: len(lengths) for cell, lengths in LENGTHS.items()}, LENGTHS.__getitem__, PRICES.get
)


def _mixture(**declared: Any) -> Mixture:
    return mixture_of("m", Amounts.model_validate(declared), STOCK)


def test_one_is_a_row_and_one_point_nought_is_all_of_them() -> None:
    # open-instruct #1434: there, 1 meant a row and 1.0 all rows, in one field.
    assert _mixture(counts={"math": {"human": 1}})[MATH] == 1
    assert _mixture(fractions={"math": {"human": 1.0}})[MATH] == 100
    assert _mixture(fractions={"math": {"human": 1}})[MATH] == 100


def test_nought_is_none_in_every_unit() -> None:
    # data-juicer: there, a quota of 0 meant no limit, and 5,000 rows came.
    for unit in ("counts", "fractions", "tokens", "budgets"):
        assert _mixture(**{unit: {"math": {"human": 0}}}).total == 0
    weights = {"math": {"human": 0}, "code": {"human": 1}}
    assert _mixture(total=5, weights=weights).as_recipe() == {"code": {"human": 5}}
    assert _mixture(total=0, weights={"math": {"human": 1}}).total == 0


def test_fractions_are_rounded_as_they_are_written() -> None:
    rows = {0.005: 1, 0.014: 1, 0.015: 2, 0.29: 29, 0.999: 100}
    assert {f: _mixture(fractions={"math": {"human": f}})[MATH] for f in rows} == rows


def test_tokens_are_as_many_rows_as_hold_no_more() -> None:
    rows = {0: 0, 29: 0, 30: 1, 39: 1, 40: 2, 60: 3, 1000: 3}
    assert {t: _mixture(tokens={"math": {"synthetic": t}})[MATH_MODEL] for t in rows} == rows
    twice = {60: 3, 89: 3, 90: 4, 100: 5, 120: 6, 9999: 6}
    found = {
        t: _mixture(tokens={"math": {"synthetic": t}}, repeat_at_most=2)[MATH_MODEL] for t in twice
    }
    assert found == twice


def test_a_budget_is_as_many_rows_as_it_pays_for() -> None:
    assert _mixture(budgets={"math": {"human": 9.99}})[MATH] == 3
    assert _mixture(budgets={"talk": {"human": 0.3}})[TALK] == 3
    # More than there is: what is paid for may be yet to be written.
    assert _mixture(budgets={"math": {"human": 1000}})[MATH] == 400
    with pytest.raises(PlanError, match="are free"):
        _mixture(budgets={"code": {"human": 1}})


def test_weights_share_what_the_others_leave() -> None:
    # The paper's reconstruct in small: some counted, one whole, the rest split evenly.
    found = _mixture(
        total=80,
        counts={"talk": {"human": 2}},
        fractions={"math": {"synthetic": 1.0}},
        weights={"math": {"human": 1}, "code": {"human": 1}},
    )
    assert found.as_recipe() == {
        "code": {"human": 37},
        "math": {"human": 38, "synthetic": 3},
        "talk": {"human": 2},
    }


def test_seven_equal_cells_of_ten_rows_lose_none() -> None:
    # data-juicer: seven equal sources, ten rows wanted, quotas [2, 2, 2, 2, 2, 0, 0].
    cells = {Cell(f"a{i}", "human"): 5000 for i in range(7)}
    weights = {cell.ability: {"human": 1.0} for cell in cells}
    amounts = Amounts.model_validate({"total": 10, "weights": weights})
    found = mixture_of("m", amounts, Stock(cells))
    assert sorted(n for _, n in found.counts) == [1, 1, 1, 1, 2, 2, 2]


def test_what_a_cell_cannot_give_goes_to_the_others() -> None:
    weights = {"talk": {"human": 1}, "math": {"human": 1}}
    assert _mixture(total=50, weights=weights).as_recipe() == {
        "math": {"human": 45},
        "talk": {"human": 5},
    }
    assert _mixture(total=50, weights=weights, repeat_at_most=3)[TALK] == 15
    with pytest.raises(PlanError, match="more rows than there are") as caught:
        _mixture(total=106, weights=weights)
    assert "1 more than these hold" in str(caught.value.why)


def test_tables_that_exceed_the_total_are_refused() -> None:
    with pytest.raises(PlanError, match="more rows than its `total`"):
        _mixture(total=50, fractions={"math": {"human": 1.0}}, weights={"code": {"human": 1}})
    with pytest.raises(ValueError, match="more than `total`"):
        _mixture(total=5, counts={"math": {"human": 6}}, weights={"code": {"human": 1}})


@pytest.mark.parametrize(
    "declared",
    [
        {"counts": {"math": {"human": 1}}, "fractions": {"math": {"human": 1.0}}},
        {"tokens": {"math": {"human": 1}}, "budgets": {"math": {"human": 1.0}}},
        {"counts": {"math": {"human": 1.0}}},
        {"total": 10},
        {"weights": {"math": {"human": 1}}},
        {"total": 10, "weights": {"math": {"human": 0}}},
        {"counts": {"math": {"human": -1}}},
        {"fractions": {"math": {"human": -0.1}}},
        {"repeat_at_most": 0},
    ],
)
def test_what_has_two_meanings_or_none_is_refused(declared: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Amounts.model_validate_json(json.dumps(declared), strict=True)


@given(
    total=st.integers(0, 400),
    weights=st.dictionaries(
        st.sampled_from(["math", "code", "talk"]),
        st.dictionaries(st.just("human"), st.floats(0.01, 10), min_size=1),
        min_size=1,
    ),
    repeat=st.integers(1, 4),
)
def test_a_total_is_met_exactly_or_refused(
    total: int, weights: dict[str, dict[str, float]], repeat: int
) -> None:
    most = sum(STOCK.rows[Cell(ability, "human")] for ability in weights) * repeat
    if total > most:
        with pytest.raises(PlanError):
            _mixture(total=total, weights=weights, repeat_at_most=repeat)
    else:
        found = _mixture(total=total, weights=weights, repeat_at_most=repeat)
        assert found.total == total
        assert all(n <= STOCK.rows[cell] * repeat for cell, n in found.counts)
