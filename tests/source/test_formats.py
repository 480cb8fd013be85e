"""What rows of each format mean, and the reason where one means nothing."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doitkit.recipe.data import COLUMNS
from doitkit.source.formats import RowError, interpret

ABCD = ["one", "two", "three", "four"]


def _said(form: str, row: dict[str, Any]) -> list[tuple[str, str]]:
    return [(m["role"], m["content"]) for m in interpret(form, row).messages]


def test_prompt_and_completion() -> None:
    row = {"prompt": "p", "completion": "c", "system": "s"}
    assert _said("prompt_completion", row) == [("system", "s"), ("user", "p"), ("assistant", "c")]
    assert interpret("prompt_completion", row).answer == "c"
    assert _said("prompt_completion", {"prompt": 3, "completion": 2.5})[0] == ("user", "3")


def test_a_whole_number_reads_the_same_beside_fractions() -> None:
    assert _said("prompt_completion", {"prompt": "p", "completion": 3.0})[1][1] == "3"
    assert _said("prompt_completion", {"prompt": "p", "completion": 1e300})[1][1] == "1e+300"


def test_alpaca_puts_the_input_below_the_instruction() -> None:
    row = {"instruction": "Add.", "input": "1, 2", "output": "3"}
    assert _said("alpaca", row) == [("user", "Add.\n\n1, 2"), ("assistant", "3")]
    assert _said("alpaca", {**row, "input": " "})[0] == ("user", "Add.")


def test_messages_are_taken_as_they_stand_also_from_json_text() -> None:
    chat = [
        {"role": "system", "content": "s", "tool_calls": None},
        {"role": "user", "content": "u"},
        {"role": "assistant", "content": "a"},
    ]
    expected = [("system", "s"), ("user", "u"), ("assistant", "a")]
    assert _said("messages", {"messages": chat}) == expected
    as_text = '[{"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}]'
    assert _said("messages", {"messages": as_text}) == expected[1:]


@pytest.mark.parametrize(
    ("turns", "reason"),
    [
        ([], "not a list of messages"),
        ("[" * 100_000, "not a list of messages"),
        (["hello"], "message 1 is not an object"),
        ([{"role": "bot", "content": "x"}], "message 1 has the role 'bot'"),
        ([{"role": ["user"], "content": "x"}], "has the role"),
        ([{"role": "user", "content": " "}], "message 1 has no text"),
        ([{"role": "user", "content": {"x": 1}}], "message 1 has no text"),
        ([{"role": "user", "content": "x"}], "last message is not the assistant's"),
        ([{"role": "system", "content": "x"}], "last message is not the assistant's"),
        ([{"role": "assistant", "content": "x"}], "do not take turns"),
        (
            [{"role": r, "content": "x"} for r in ("user", "assistant", "assistant")],
            "do not take turns",
        ),
        (
            [{"role": r, "content": "x"} for r in ("user", "system", "assistant")],
            "a system message stands after the first",
        ),
    ],
)
def test_what_is_wrong_with_messages_is_said(turns: Any, reason: str) -> None:
    with pytest.raises(RowError, match=reason):
        interpret("messages", {"messages": turns})


@pytest.mark.parametrize("answer", ["three", "C", "(c)", "c.", 2, 2.0, "2"])
def test_the_right_choice_may_be_its_text_letter_or_index(answer: Any) -> None:
    chat = interpret("multiple_choice", {"prompt": "p", "choices": ABCD, "answer": answer})
    assert chat.answer == "three"
    assert chat.choices == tuple(ABCD)
    assert chat.messages[-1]["content"] == "three"


def test_a_completion_may_stand_for_the_right_choice() -> None:
    row = {"prompt": "p", "choices": '["A", "B"]', "answer": "B", "completion": "It is B."}
    chat = interpret("multiple_choice", row)
    assert (chat.answer, chat.messages[-1]["content"]) == ("B", "It is B.")


def test_the_text_of_a_choice_wins_over_its_index() -> None:
    row = {"prompt": "p", "choices": ["2", "1", "0"], "answer": "0"}
    assert interpret("multiple_choice", row).answer == "0"


@pytest.mark.parametrize(
    "answer",
    [None, True, 4, -1, 0.5, float("nan"), float("inf"), "E", "", "²", "4", "9" * 5000, "five"],
)
def test_an_answer_that_names_no_choice_is_a_reject(answer: Any) -> None:
    with pytest.raises(RowError):
        interpret("multiple_choice", {"prompt": "p", "choices": ABCD, "answer": answer})


@pytest.mark.parametrize(
    "choices", [None, [], ["only"], ["a", None], ["a", ""], "a, b", ["x"] * 27]
)
def test_choices_must_be_two_or_more_texts(choices: Any) -> None:
    with pytest.raises(RowError, match="choices"):
        interpret("multiple_choice", {"prompt": "p", "choices": choices, "answer": 0})


def test_a_completion_with_choices_is_one_of_them() -> None:
    row = {"prompt": "p", "completion": "b", "choices": ["a", "b"]}
    assert interpret("prompt_completion", row).choices == ("a", "b")
    with pytest.raises(RowError, match="none of the 2 choices"):
        interpret("prompt_completion", {**row, "completion": "c"})


KEYS = sorted({column for columns in COLUMNS.values() for column in columns})
INNER = [
    *("role", "content", "from", "value", "type", "text", "tool_calls", "function", "name"),
    *("arguments", "parameters", "image", "x"),
]
WORDS = [
    *("user", "assistant", "system", "tool", "human", "gpt", "function_call", "observation"),
    *("text", "image", "{}", "[]", '[{"name": "f"}]', "\n\nHuman: a\n\nAssistant: b"),
]
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.binary()
    | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(INNER), inner, max_size=3)
    ),
    max_leaves=8,
)
turns = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant", "system", "tool"])},
        optional={"content": anything, "tool_calls": anything},
    )
    | st.fixed_dictionaries({"from": st.sampled_from(WORDS), "value": anything}),
    max_size=5,
)


@settings(max_examples=300)
@given(
    st.sampled_from(sorted(COLUMNS)),
    st.dictionaries(st.sampled_from(KEYS), anything | turns),
)
def test_any_row_is_understood_or_refused_with_a_reason(form: str, row: dict[str, Any]) -> None:
    try:
        chat = interpret(form, row)
    except RowError as error:
        assert str(error)  # noqa: PT017
        return
    roles = [m["role"] for m in chat.messages]
    turns = roles[roles[0] == "system" :]
    assert turns == ["user", "assistant"] * (len(turns) // 2)
    assert all(m["content"].strip() for m in chat.messages)
    assert not chat.choices or chat.answer in chat.choices
