"""The pieces of a source agree on the types of their columns, and no cell is lost or bent by it."""

import datetime as dt
import json
import math
from decimal import Decimal
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doitkit.source.common_type import common_types, conformed, types_of
from doitkit.source.frame import frame_of_rows
from doitkit.source.raw import RawRow


def _together(*frames: pl.DataFrame) -> pl.DataFrame:
    types = common_types(map(types_of, frames))
    return pl.concat([conformed(frame, types) for frame in frames])


def _column(*parts: pl.Series) -> pl.Series:
    return _together(*(part.alias("x").to_frame() for part in parts))["x"]


def _series(*cells: Any) -> pl.Series:
    return frame_of_rows([RawRow("f", n, {"x": cell}) for n, cell in enumerate(cells)])["x"]


BIG = 2**53 + 1


@pytest.mark.parametrize(
    ("parts", "kind", "cells"),
    [
        ([["a"], [None], ["b"]], pl.String, ["a", None, "b"]),
        ([[1], [2.5], [None]], pl.Float64, [1.0, 2.5, None]),
        ([[1], ["x"]], pl.String, ["1", "x"]),
        ([[3, 2.5], ["x"]], pl.String, ["3", "2.5", "x"]),
        ([[True], [1]], pl.String, ["true", "1"]),
        ([[BIG], [0.5]], pl.String, [str(BIG), "0.5"]),
        ([[0.5], [1], [BIG]], pl.String, ["0.5", "1", str(BIG)]),
        ([[[BIG]], [[0.5]]], pl.String, [f"[{BIG}]", "[0.5]"]),
        ([[{"a": BIG}], [{"a": 0.5}]], pl.String, [f'{{"a": {BIG}}}', '{"a": 0.5}']),
        ([[[]], [["a"]], [None]], pl.List(pl.String), [[], ["a"], None]),
        ([[[1]], [[2.5]]], pl.List(pl.Float64), [[1.0], [2.5]]),
        ([["a"], [["b"]], [{"c": "ü"}]], pl.String, ["a", '["b"]', '{"c": "ü"}']),
        ([[[1]], [["x"]]], pl.String, ["[1]", '["x"]']),
        (
            [[[{"b": "x", "a": 1}]], [[{"a": 2.5}]], [[]]],
            pl.List(pl.Struct({"b": pl.String, "a": pl.Float64})),
            [[{"a": 1.0, "b": "x"}], [{"a": 2.5, "b": None}], []],
        ),
    ],
)
def test_a_column_has_one_type_in_all_pieces(parts: Any, kind: Any, cells: list[Any]) -> None:
    found = _column(*(_series(*part) for part in parts))
    assert found.dtype == kind
    assert found.to_list() == cells


@pytest.mark.parametrize(
    ("parts", "cells"),
    [
        ([pl.Series([2**64 - 1], dtype=pl.UInt64), pl.Series([-1])], [str(2**64 - 1), "-1"]),
        ([pl.Series([7], dtype=pl.UInt64), pl.Series([-1])], [7, -1]),
        ([pl.Series([7], dtype=pl.Int8), pl.Series([2**62])], [7, 2**62]),
        ([pl.Series([1.5], dtype=pl.Float32), pl.Series([3])], [1.5, 3.0]),
        ([pl.Series([Decimal("1.50")]), pl.Series([3])], ["1.50", "3"]),
        ([pl.Series([dt.date(2026, 1, 2)]), pl.Series(["today"])], ["2026-01-02", "today"]),
        ([pl.Series([math.nan, 1.0]), pl.Series(["x"])], [None, "1", "x"]),
        ([pl.Series([["a"]], dtype=pl.List(pl.Enum("a"))), pl.Series([["b"]])], ['["a"]', '["b"]']),
        ([pl.Series([[1, 2]], dtype=pl.Array(pl.Int8, 2)), pl.Series([[3]])], ["[1, 2]", "[3]"]),
    ],
)  # fmt: skip
def test_types_that_only_files_of_columns_have(parts: list[pl.Series], cells: list[Any]) -> None:
    assert _column(*parts).to_list() == cells


def test_objects_meet_by_the_names_of_their_fields() -> None:
    one = pl.Series([{"role": "user", "content": "u"}])
    other = pl.Series([{"content": "a", "role": "assistant", "name": "x"}])
    assert _column(one, other).to_list() == [
        {"role": "user", "content": "u", "name": None},
        {"role": "assistant", "content": "a", "name": "x"},
    ]


def test_columns_that_a_piece_lacks_are_empty_in_it() -> None:
    empty = pl.DataFrame({"a": []}, schema={"a": pl.Int64})
    found = _together(pl.DataFrame({"a": [1]}), pl.DataFrame({"b": ["x"]}), empty)
    assert found.to_dicts() == [{"a": 1, "b": None}, {"a": None, "b": "x"}]
    assert common_types([]) == {}


keys = st.sampled_from(["a", "b", "c"])
cells = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([BIG, -BIG, 2**63 - 1, 2**63, 2**70])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=2),
    max_leaves=5,
)
alike = st.sampled_from(
    [
        st.integers(-3, 3) | st.floats(-1, 1),
        st.integers() | st.none(),
        st.lists(st.integers(-3, 3) | st.sampled_from([BIG, 0.5]), max_size=2),
        st.lists(st.fixed_dictionaries({}, optional={"a": st.integers(), "b": st.text()})),
        cells,
    ]
)


def _same(held: Any, given_value: Any) -> bool:
    """Compare by value: an absent key reads as null, and true among fractions as 1.0."""
    if isinstance(held, dict) and isinstance(given_value, dict):
        return set(given_value) <= set(held) and all(
            _same(held[key], given_value.get(key)) for key in held
        )
    if isinstance(held, list) and isinstance(given_value, list):
        return len(held) == len(given_value) and all(map(_same, held, given_value))
    return bool(held == given_value)


@settings(max_examples=300)
@given(alike.flatmap(lambda kind: st.lists(kind, max_size=8)), st.lists(st.integers(0, 8)))
def test_no_cell_is_lost_or_bent_wherever_the_pieces_are_cut(
    drawn: list[Any], cuts: list[int]
) -> None:
    ends = sorted({0, len(drawn), *(cut for cut in cuts if cut < len(drawn))})
    pieces = [_series(*drawn[begin:end]) for begin, end in pairwise(ends)]
    if not pieces:
        return
    found = _column(*pieces)
    assert len(found) == len(drawn)
    for held, cell in zip(found.to_list(), drawn, strict=True):
        if isinstance(held, str) and not isinstance(cell, str):
            assert _same(json.loads(held), cell)
        else:
            assert _same(held, cell)


@given(st.lists(cells, min_size=1, max_size=4), st.lists(cells, min_size=1, max_size=4))
def test_the_order_of_the_pieces_decides_no_type(one: list[Any], other: list[Any]) -> None:
    parts = [_series(*one), _series(*other)]
    kinds = [_column(*parts).dtype, _column(*reversed(parts)).dtype]
    texts = [kind.is_nested() for kind in kinds]
    assert texts[0] == texts[1]
    if not texts[0]:
        assert kinds[0] == kinds[1]
