"""Tools, calls and results of OpenAI's form, there and back again."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.source.formats import interpret
from doitkit.train.export import TARGETS, UnfitError
from doitkit.train.export.tools import Call, calls_in, results_in, tools_in
from tests.train.export.conftest import TOOL, tool_chat

OPENAI = TARGETS["openai"].row


def record(row: dict[str, Any]) -> list[dict[str, str]]:
    return [dict(message) for message in interpret("messages", row).messages]


def test_calls_and_results_get_openais_form() -> None:
    told = OPENAI(record(tool_chat("Paris", 2, text="I look.")))
    assert told["tools"] == [TOOL]
    assert told["messages"] == [
        {"role": "system", "content": "You know the weather of Paris."},
        {"role": "user", "content": "How is it in Paris?"},
        {
            "role": "assistant",
            "weight": 1,
            "content": "I look.",
            "tool_calls": [
                {
                    "id": f"call_{n + 1}",
                    "type": "function",
                    "function": {"name": "weather", "arguments": json.dumps({"at": f"Paris {n}"})},
                }
                for n in range(2)
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": '{"degrees": 0}'},
        {"role": "tool", "tool_call_id": "call_2", "content": '{"degrees": 1}'},
        {"role": "assistant", "weight": 1, "content": "It is fine in Paris."},
    ]


def test_a_call_without_words_has_no_content_and_ids_go_on() -> None:
    chat = tool_chat("Rome")
    again = tool_chat("Rome")["messages"]
    chat["messages"] += [{"role": "user", "content": "And now?"}, *again[2:]]
    told = OPENAI(record(chat))["messages"]
    calls = [message for message in told if "tool_calls" in message]
    assert [message["tool_calls"][0]["id"] for message in calls] == ["call_1", "call_2"]
    assert all("content" not in message for message in calls)


words = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), min_size=1, max_size=12)
texts = words.filter(lambda text: text.strip() == text and text != "")
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
names = st.from_regex(r"[A-Za-z0-9_-]{1,10}", fullmatch=True)


@st.composite
def tool_chats(draw: st.DrawFn) -> str:
    """Draw a row as JSON text, so that every null in it was given."""
    calls = draw(st.lists(st.tuples(names, st.dictionaries(texts, values)), min_size=1, max_size=3))
    results = [draw(texts) for _ in calls]
    tools = [{"name": name, "parameters": {"type": "object"}} for name, _ in calls]
    messages = [
        *([{"role": "system", "content": draw(texts)}] if draw(st.booleans()) else []),
        {"role": "user", "content": draw(texts)},
        {
            "role": "assistant",
            "content": draw(st.none() | texts),
            "tool_calls": [{"function": {"name": n, "arguments": json.dumps(a)}} for n, a in calls],
        },
        *({"role": "tool", "content": result} for result in results),
        {"role": "assistant", "content": draw(texts)},
    ]
    return json.dumps({"tools": tools, "messages": messages})


@given(tool_chats())
def test_what_is_read_back_is_the_same_record(text: str) -> None:
    given_row = json.loads(text)
    before = record(given_row | {"tools": json.dumps(given_row["tools"])})
    told = OPENAI(before)
    after = record(told | {"tools": json.dumps([t["function"] for t in told["tools"]])})
    assert after == before


@pytest.mark.parametrize(
    "answer",
    [
        "<tool_call>\nnot JSON\n</tool_call>",
        '<tool_call>\n{"name": "a"}\n</tool_call>',
        '<tool_call>\n{"name": 1, "arguments": {}}\n</tool_call>',
        '<tool_call>\n{"name": "a", "arguments": {}}\n</tool_call>\nand more',
        'I say <tool_call>\n{"name": "a", "arguments": {}}\n</tool_call>',
        "<tool_call></tool_call>",
    ],
)
def test_what_only_resembles_a_call_stays_a_text(answer: str) -> None:
    assert calls_in(answer) == (answer, [])


def test_parts_are_told_apart() -> None:
    call = '<tool_call>\n{"name": "a", "arguments": {"b": 1}}\n</tool_call>'
    assert calls_in(f"Two\nlines.\n{call}\n{call}") == ("Two\nlines.", [Call("a", '{"b": 1}')] * 2)
    two = "<tool_response>\none\nline\n</tool_response>\n<tool_response>\n\n</tool_response>"
    assert results_in(two) == ["one\nline", ""]
    assert results_in("hello") == []
    assert tools_in("No tools here.") == ("No tools here.", [])


def test_too_many_tools_do_not_fit() -> None:
    tools = [{"name": f"tool_{n}", "parameters": {}} for n in range(129)]
    row = {
        "tools": tools,
        "messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}],
    }
    with pytest.raises(UnfitError, match="129 tools"):
        OPENAI(record(row))
    row["tools"] = tools[:128]
    assert len(OPENAI(record(row))["tools"]) == 128
