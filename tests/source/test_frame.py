"""A frame holds exactly what the rows held: no key, digit or cell is lost on the way."""

import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.source.frame import frame_of_rows
from doitkit.source.raw import RawRow


def _column(*cells: Any) -> pl.Series:
    return frame_of_rows([RawRow("f", i, {"x": cell}) for i, cell in enumerate(cells, 1)])["x"]


@pytest.mark.parametrize(
    ("cells", "read_back"),
    [
        (["a", None, "b"], ["a", None, "b"]),
        ([1, 2.5, None], [1.0, 2.5, None]),
        ([[1], [2.5]], [[1.0], [2.5]]),
        ([{"a": 1}, {"b": 2}], [{"a": 1, "b": None}, {"a": None, "b": 2}]),
        ([[{"a": 1}], [{"a": 2.5, "b": "x"}]], [[{"a": 1, "b": None}], [{"a": 2.5, "b": "x"}]]),
        ([{}, {"a": [[]]}, None], [{"a": None}, {"a": [[]]}, None]),
        ([None, None], [None, None]),
        # Cells of mixed kinds become text, lists and objects as JSON.
        (["a", 1, True], ["a", "1", "true"]),
        ([True, 1.5], ["true", "1.5"]),
        (["a", ["b"], {"c": "ü"}], ["a", '["b"]', '{"c": "ü"}']),
        ([[1], ["x"]], ["[1]", '["x"]']),
        # Numbers that a 64-bit column cannot hold exactly.
        ([2**70], [str(2**70)]),
        ([2**60 + 1, 0.5], [str(2**60 + 1), "0.5"]),
    ],
)
def test_cells_are_kept(cells: list[Any], read_back: list[Any]) -> None:
    assert _column(*cells).to_list() == read_back


def test_deep_nesting_becomes_text() -> None:
    deep: Any = 1
    for _ in range(500):
        deep = [deep]
    assert json.loads(_column(deep, None)[0]) == deep


def test_a_key_that_only_the_last_row_has_is_a_column() -> None:
    rows = [RawRow("f", i, {"a": i}) for i in range(200)] + [RawRow("f", 200, {"b": "late"})]
    frame = frame_of_rows(rows)
    assert frame.columns == ["a", "b", "__file", "__line"]
    assert frame["b"].to_list()[-2:] == [None, "late"]


# Arrow hands column names on as C strings, which end at the first NUL.
keys = st.text(max_size=3).filter(lambda key: "\x00" not in key)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, width=32) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)


def _same(held: Any, given_value: Any) -> bool:
    """Compare by value: an absent key reads as null, and true among fractions as 1.0."""
    if isinstance(held, dict) and isinstance(given_value, dict):
        return all(_same(held[key], given_value.get(key)) for key in held) and set(
            given_value
        ) <= set(held)
    if isinstance(held, list) and isinstance(given_value, list):
        return len(held) == len(given_value) and all(map(_same, held, given_value))
    return bool(held == given_value)


@given(st.lists(json_values, min_size=1, max_size=6))
def test_any_json_is_kept(cells: list[Any]) -> None:
    for held, cell in zip(_column(*cells).to_list(), cells, strict=True):
        if isinstance(held, str) and not isinstance(cell, str):
            assert json.loads(held) == cell
        else:
            assert _same(held, cell)
