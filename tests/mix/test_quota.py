"""Quotas sum exactly, keep within caps, and lie within a unit of the share."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.mix import largest_remainder

names = st.text("abcdefg", min_size=1, max_size=2)
weight = st.floats(min_value=0, max_value=1e300, allow_subnormal=True)
weight_tables = st.dictionaries(names, weight, min_size=1).filter(lambda t: any(t.values()))
totals = st.integers(min_value=0, max_value=10**18)


def test_seven_equal_sources_of_plenty_share_ten_rows() -> None:
    sources = [f"source-{i}" for i in range(7)]
    quotas = largest_remainder(10, dict.fromkeys(sources, 5000), dict.fromkeys(sources, 5000))
    assert list(quotas.values()) == [2, 2, 2, 1, 1, 1, 1]


def test_the_largest_fraction_gets_the_unit_left() -> None:
    assert largest_remainder(10, {"a": 0.75, "b": 1.35, "c": 1.9}) == {"a": 2, "b": 3, "c": 5}
    assert largest_remainder(2, {"a": 1, "b": 1, "c": 1}) == {"a": 1, "b": 1, "c": 0}


def test_what_a_capped_key_cannot_take_goes_to_the_others() -> None:
    weights = {"a": 1, "b": 1, "c": 2}
    assert largest_remainder(100, weights, {"a": 5, "b": 90, "c": 90}) == {"a": 5, "b": 32, "c": 63}
    assert largest_remainder(100, weights, {"a": 5, "b": 9, "c": 9}) == {"a": 5, "b": 9, "c": 9}


def test_a_key_without_a_cap_entry_has_none_to_give() -> None:
    assert largest_remainder(3, {"a": 1, "b": 1}, {"a": 10}) == {"a": 3, "b": 0}


@given(totals, weight_tables)
def test_uncapped_quotas_sum_and_lie_within_a_unit_of_the_share(
    total: int, weights: dict[str, float]
) -> None:
    quotas = largest_remainder(total, weights)
    assert list(quotas) == list(weights)
    assert sum(quotas.values()) == total
    scale = sum(map(Fraction, weights.values()))
    for key, quota in quotas.items():
        assert abs(quota - total * Fraction(weights[key]) / scale) < 1


@given(totals, weight_tables, st.data())
def test_capped_quotas_sum_to_what_there_is(
    total: int, weights: dict[str, float], data: st.DataObject
) -> None:
    small = st.integers(min_value=0, max_value=20)
    caps = {key: data.draw(small | totals, label=f"cap of {key}") for key in weights}
    quotas = largest_remainder(total, weights, caps)
    usable = sum(caps[key] for key, share in weights.items() if share > 0)
    assert sum(quotas.values()) == min(total, usable)
    for key, quota in quotas.items():
        assert 0 <= quota <= caps[key]
        assert weights[key] > 0 or quota == 0


@given(totals, weight_tables)
def test_caps_that_do_not_bind_change_nothing(total: int, weights: dict[str, float]) -> None:
    caps = dict.fromkeys(weights, total + 1)
    assert largest_remainder(total, weights, caps) == largest_remainder(total, weights)


@pytest.mark.parametrize(
    ("total", "weights", "caps"),
    [
        (-1, {"a": 1.0}, None),
        (1, {"a": -1.0}, None),
        (1, {"a": float("nan")}, None),
        (1, {"a": float("inf")}, None),
        (1, {"a": 0.0}, None),
        (1, {}, None),
        (1, {"a": 1.0}, {"a": -1}),
    ],
)
def test_what_cannot_be_split_is_refused(
    total: int, weights: dict[str, float], caps: dict[str, int] | None
) -> None:
    with pytest.raises(ValueError, match=r"negative|finite|all weights are 0"):
        largest_remainder(total, weights, caps)


def test_nothing_is_split_into_nothing() -> None:
    assert largest_remainder(0, {"a": 0.0, "b": 2.0}) == {"a": 0, "b": 0}
