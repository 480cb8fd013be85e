"""All filters together: order, parts, and what is missing."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.curate.filters import left_out, require_plugins
from doitkit.recipe.filters import Filters
from tests.curate.filters.made import Talk, answers, reasons, talks

EVERYTHING: dict[str, Any] = {
    "length": {"answer_chars": {"min": 2, "max": 90}, "prompt_words": {"max": 30}},
    "refusals": {},
    "boilerplate": {"also": ["kind regards"]},
    "repetition": {"min_words": 4},
    "personal": {"then": "drop"},
    "where": {"asks": "prompt like '%?%' or system is not null"},
}
ANSWERS = [
    "", "a", "I cannot assist you.", "Sure, here is one: a@b.org", "no no no no no no no no",
    "x" * 91, "Kind regards", "call 212-684-4700", "你好你好你好你好你好", "fine", None,
]  # fmt: skip


def test_the_first_filter_that_hits_gives_the_reason() -> None:
    both = "I cannot assist you. Call 212-684-4700. Kind regards. " * 3
    assert reasons(answers(both), **EVERYTHING) == ["answer of 162 characters, more than 90"]
    del_length = {key: value for key, value in EVERYTHING.items() if key != "length"}
    assert reasons(answers(both), **del_length) == ['a refusal: "i cannot assist"']
    del_refusals = {key: value for key, value in del_length.items() if key != "refusals"}
    assert reasons(answers(both), **del_refusals) == ['a set phrase: "kind regards"']


def test_nothing_declared_leaves_nothing_out() -> None:
    rows = answers(*ANSWERS)
    said = left_out(rows, Filters())
    assert (said.name, said.dtype, said.to_list()) == ("reason", pl.String, [None] * rows.height)
    require_plugins(Filters())


def test_no_rows_give_no_reasons() -> None:
    said = left_out(answers("a").head(0), Filters.model_validate(EVERYTHING))
    assert (said.name, said.dtype, len(said)) == ("reason", pl.String, 0)


def test_a_condition_that_is_false_of_all_leaves_all_out() -> None:
    said = left_out(answers("a", "b"), Filters(where={"never": "1 = 2"}))
    assert (said.name, said.to_list()) == ("reason", ["where: never"] * 2)


_TALKS = st.lists(
    st.tuples(st.sampled_from(["system", "user", "assistant"]), st.sampled_from(ANSWERS)),
    max_size=4,
)


@given(rows=st.lists(_TALKS, min_size=1, max_size=12), part=st.integers(1, 5))
def test_in_what_parts_rows_come_makes_no_difference(rows: list[Talk], part: int) -> None:
    frame = talks(*rows)
    filters = Filters.model_validate(EVERYTHING)
    whole = left_out(frame, filters)
    parts = [left_out(frame[at : at + part], filters) for at in range(0, frame.height, part)]
    assert pl.concat(parts).equals(whole, null_equal=True)
    backwards = left_out(frame.reverse(), filters)
    assert backwards.reverse().equals(whole, null_equal=True)


def test_filters_that_are_declared_are_ready() -> None:
    require_plugins(Filters.model_validate(EVERYTHING))
    with pytest.raises(ValueError, match="no `tokens`"):
        left_out(answers("a"), Filters.model_validate({"length": {"tokens": {"max": 3}}}))
