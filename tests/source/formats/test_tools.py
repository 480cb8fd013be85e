"""Tools, calls and results become text: exactly what was given, in one form for every template."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from doitkit.recipe.data import Rows
from doitkit.source import read_records
from doitkit.source.formats import RowError, interpret
from tests.source.formats.said import said

ASK = {"role": "user", "content": "Weather in Paris?"}
CALL = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"at":"Paris"}'}}  # fmt: skip # noqa: E501
CALLS = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": '{"degrees": 21}'}
END = {"role": "assistant", "content": "21 degrees."}

CALL_TEXT = '<tool_call>\n{"name": "weather", "arguments": {"at": "Paris"}}\n</tool_call>'
RESULT_TEXT = '<tool_response>\n{"degrees": 21}\n</tool_response>'
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Météo",
        "parameters": {"type": "object", "properties": {"at": {"type": "string"}}},
    },
}


def test_a_chat_with_a_call_and_its_result() -> None:
    assert said("messages", {"messages": [ASK, CALLS, RESULT, END]}) == [
        ("user", "Weather in Paris?"),
        ("assistant", CALL_TEXT),
        ("user", RESULT_TEXT),
        ("assistant", "21 degrees."),
    ]


def test_a_call_may_be_the_last_word_and_stand_below_a_text() -> None:
    calls = CALLS | {"content": "I look it up."}
    assert said("messages", {"messages": [ASK, calls]})[-1] == (
        "assistant",
        f"I look it up.\n{CALL_TEXT}",
    )


def test_several_calls_are_one_turn_and_so_are_their_results() -> None:
    chat = [ASK, CALLS | {"tool_calls": [CALL, CALL]}, RESULT, RESULT, END]
    found = said("messages", {"messages": chat})
    assert found[1] == ("assistant", f"{CALL_TEXT}\n{CALL_TEXT}")
    assert found[2] == ("user", f"{RESULT_TEXT}\n{RESULT_TEXT}")
    apart = [ASK, CALLS, CALLS, RESULT, RESULT, END]
    assert said("messages", {"messages": apart}) == found


def test_sharegpt_calls_are_the_same() -> None:
    chat = [
        {"from": "human", "value": "Weather in Paris?"},
        {"from": "function_call", "value": '{"name": "weather", "arguments": {"at": "Paris"}}'},
        {"from": "observation", "value": '{"degrees": 21}'},
        {"from": "gpt", "value": "21 degrees."},
    ]
    found = said("sharegpt", {"conversations": chat})
    assert found == said("messages", {"messages": [ASK, CALLS, RESULT, END]})
    spoken = [chat[0], {"from": "gpt", "value": "I look it up."}, *chat[1:]]
    assert said("sharegpt", {"conversations": spoken})[1][1] == f"I look it up.\n{CALL_TEXT}"


@pytest.mark.parametrize(
    "call",
    [
        {"function": {"name": "weather", "arguments": {"at": "Paris"}}},
        {"name": "weather", "arguments": {"at": "Paris"}},
        {"name": "weather", "parameters": {"at": "Paris"}},
        {"name": "weather", "arguments": '{"at": "Paris"}'},
    ],
)
def test_calls_are_written_in_several_ways(call: dict[str, Any]) -> None:
    for given_call in ({"tool_calls": [call]}, {"tool_calls": json.dumps([call])}):
        chat = [ASK, {"role": "assistant", "content": ""} | given_call]
        assert said("messages", {"messages": chat})[-1][1] == CALL_TEXT
    old = [ASK, {"role": "assistant", "content": None, "function_call": call}]
    assert said("messages", {"messages": old})[-1][1] == CALL_TEXT


def test_a_call_without_arguments_and_an_empty_result() -> None:
    for nothing in (None, "", "{}", {}):
        call = {"role": "assistant", "tool_calls": [{"name": "now", "arguments": nothing}]}
        found = said("messages", {"messages": [ASK, call, {"role": "tool"}, END]})
        assert found[1][1] == '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>'
        assert found[2][1] == "<tool_response>\n\n</tool_response>"


def test_a_result_may_be_an_object_a_list_or_parts() -> None:
    for content, shown in [
        ({"degrees": 21}, '{"degrees": 21}'),
        ([{"at": "Zürich"}], '[{"at": "Zürich"}]'),
        ([{"type": "text", "text": "21"}], "21"),
    ]:
        chat = [ASK, CALLS, RESULT | {"content": content}, END]
        found = said("messages", {"messages": chat})[2][1]
        assert found == f"<tool_response>\n{shown}\n</tool_response>"


def test_the_tools_end_the_system_message() -> None:
    row = {"messages": [{"role": "system", "content": "Be brief."}, ASK, END]}
    tools = {"tools": [WEATHER, {"name": "now"}]}
    (role, text), *_ = said("messages", row | tools)
    assert role == "system"
    assert text.startswith("Be brief.\n\n# Tools\n\n")
    assert text.endswith(f"<tools>\n{json.dumps(WEATHER, ensure_ascii=False)}\n{{\"name\": \"now\"}}\n</tools>")  # fmt: skip # noqa: E501
    as_text = {"tools": json.dumps(tools["tools"])}
    assert said("messages", row | as_text)[0] == (role, text)
    assert said("messages", {"messages": [ASK, END]} | tools)[0][1].startswith("# Tools")
    for nothing in (None, [], "", " ", "[]"):
        assert said("messages", row | {"tools": nothing})[0][1] == "Be brief."


@pytest.mark.parametrize(
    ("chat", "reason"),
    [
        ([ASK, CALLS | {"tool_calls": [{"function": {"name": ""}}]}], "tool without a name"),
        ([ASK, CALLS | {"tool_calls": "no JSON"}], "not by an object of JSON"),
        ([ASK, CALLS | {"tool_calls": [{"name": "x", "arguments": "{"}]}], "`x` are not JSON"),
        ([ASK, CALLS | {"tool_calls": [{"name": "x", "arguments": [1]}]}], "are not an object"),
        ([ASK, CALLS | {"tool_calls": 3}], "tool without a name"),
        ([ASK, END, RESULT, END], "message 3 is a tool's, but no call stands before it"),
        ([RESULT, END], "message 1 is a tool's"),
        ([ASK, CALLS, RESULT], "the last message is not the assistant's"),
        ([ASK, CALLS, RESULT, ASK, END], "do not take turns"),
    ],
)
def test_what_is_wrong_with_a_call_is_said(chat: Any, reason: str) -> None:
    with pytest.raises(RowError, match=reason):
        interpret("messages", {"messages": chat})


@pytest.mark.parametrize("tools", ["x", 3, [3], [{"type": "function"}], {"name": "x"}])
def test_tools_that_are_none_are_refused(tools: Any) -> None:
    with pytest.raises(RowError, match="`tools`"):
        interpret("messages", {"messages": [ASK, END], "tools": tools})


def _row(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    call = {"name": name, "arguments": arguments}
    return {"messages": [ASK, {"role": "assistant", "content": "", "tool_calls": [call]}]}


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=4,
)
arguments = st.dictionaries(st.text(max_size=3), values, max_size=3)


@given(st.lists(arguments, min_size=1, max_size=4), st.booleans())
def test_arguments_are_those_that_were_given(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[dict[str, Any]], one_by_one: bool
) -> None:
    folder = tmp_path_factory.mktemp("calls")
    lines = [json.dumps(_row("f", held)) for held in drawn]
    (folder / "a.jsonl").write_text("".join(f"{line}\n" for line in ([""] * one_by_one + lines)))
    reading = _read(folder, "a.jsonl")
    found = [record.reply.split("\n")[1] for record in reading]
    assert [json.loads(text) for text in found] == [
        {"name": "f", "arguments": held} for held in drawn
    ]
    assert [list(json.loads(text)["arguments"]) for text in found] == [list(h) for h in drawn]


def _read(folder: Path, path: str) -> list[Any]:
    reading = read_records(
        "s", Rows(path=path, format="messages"), folder, ability="a", origin="human"
    )
    assert reading.rejects == []
    return reading.records


def test_a_file_of_columns_adds_no_arguments(tmp_path: Path) -> None:
    rows = [_row("f", {"at": "Paris"}), _row("g", {"n": 1, "deep": {"x": None, "y": [1]}})]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    found = [json.loads(r.reply.split("\n")[1]) for r in _read(tmp_path, "a.parquet")]
    assert found == [
        {"name": "f", "arguments": {"at": "Paris"}},
        {"name": "g", "arguments": {"n": 1, "deep": {"y": [1]}}},
    ]


def test_tools_of_different_kinds_do_not_mix(tmp_path: Path) -> None:
    other = {"name": "now", "parameters": {"type": "object", "properties": {"zone": {}}}}
    rows = [{"messages": [ASK, END], "tools": [tool]} for tool in (WEATHER, other)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    first, second = (record.messages[0]["content"] for record in _read(tmp_path, "a.jsonl"))
    assert json.dumps(WEATHER, ensure_ascii=False) in first
    assert json.dumps(other) in second
