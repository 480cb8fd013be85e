"""What rows mean: the mapping that is found is one by which the reader reads them."""

import json
from pathlib import Path
from typing import Any

import pytest

from doitkit.recipe.data import Rows
from doitkit.source import read_records
from doitkit.source.detect import detect
from doitkit.source.raw import RawRow

TURN = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because it is."}]
SHARED = [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "Because it is."}]
ABOUT = "context || '\n\n' || question"

CASES: dict[str, tuple[dict[str, Any], str, dict[str, str]]] = {
    "messages": ({"messages": TURN}, "messages", {}),
    "conversations": ({"conversations": TURN}, "messages", {"messages": "conversations"}),
    "messages as text": ({"Chat": json.dumps(TURN)}, "messages", {"messages": '"Chat"'}),
    "one turn of a shared chat": (
        {"conversations": SHARED},
        "prompt_completion",
        {"prompt": "conversations[1]->'value'", "completion": "conversations[2]->'value'"},
    ),
    "alpaca": ({"instruction": "Do.", "input": "", "output": "It is done."}, "alpaca", {}),
    "alpaca by other names": (
        {"instruction": "Do.", "context": "this", "response": "It is done.", "category": "x"},
        "alpaca",
        {"output": "response", "input": "context"},
    ),
    "an instruction over a question": (
        {"instruction": "Answer briefly.", "question": "Why so?", "answer": "For a reason."},
        "alpaca",
        {"output": "answer", "input": "question"},
    ),
    "prompt and completion": (
        {"prompt": "Why?", "completion": "Because."},
        "prompt_completion",
        {},
    ),
    "question and answer": (
        {"id": 3, "question": "Why?", "answer": "Because."},
        "prompt_completion",
        {"prompt": "question", "completion": "answer"},
    ),
    "query and response, with a system prompt": (
        {"system_prompt": "Be brief.", "Query": "Why?", "Response": "Because."},
        "prompt_completion",
        {"prompt": '"Query"', "completion": '"Response"', "system": "system_prompt"},
    ),
    "input and target": (
        {"input": "a text", "target": "another text"},
        "prompt_completion",
        {"prompt": "input", "completion": "target"},
    ),
    "names with spaces and quotes": (
        {'The "odd" one': 1, "Question ": "Why?", "model answer": "Because."},
        "prompt_completion",
        {"prompt": '"Question "', "completion": '"model answer"'},
    ),
    "a document and its summary": (
        {"dialogue": ["A: Hello.", "B: Goodbye."], "summary": "They part."},
        "prompt_completion",
        {"prompt": "ARRAY_TO_STRING(dialogue, '\n')", "completion": "summary"},
    ),
    "a question about a text": (
        {"context": "It rains.", "question": "Is it dry?", "answers": {"text": ["It is wet"]}},
        "prompt_completion",
        {"prompt": ABOUT, "completion": "(answers.text)[1]"},
    ),
    "yes and no": (
        {"question": "Is it dry?", "answer": True},
        "prompt_completion",
        {"prompt": "question", "completion": "CAST(answer AS VARCHAR)"},
    ),
    "a bare answer beside its reasons": (
        {"question": "1 + 1?", "answer": ["B"], "analysis": "One and one are two."},
        "prompt_completion",
        {"prompt": "question", "completion": "analysis"},
    ),
    "choices and an index": (
        {"question": "Which?", "choices": ["this", "that"], "answer": 0},
        "multiple_choice",
        {"prompt": "question"},
    ),
    "options and a letter, with a passage": (
        {"passage": "P", "question": "Which?", "options": ["this", "that"], "label": "A"},
        "multiple_choice",
        {"prompt": "passage || '\n\n' || question", "choices": "options", "answer": "label"},
    ),
    "choices with their labels": (
        {
            "question": "Which?",
            "choices": {"text": ["x", "y"], "label": ["A", "B"]},
            "answerKey": "B",
        },
        "multiple_choice",
        {"prompt": "question", "choices": "choices.text", "answer": '"answerKey"'},
    ),
    "choices by letter": (
        {"question": "Which?", "options": {"A": "this", "B": "that"}, "answer": "B"},
        "multiple_choice",
        {
            "prompt": "question",
            "choices": "STRING_TO_ARRAY(options.\"A\" || '\x1f' || options.\"B\", '\x1f')",
        },
    ),
    "a column for each choice": (
        {"Question": "Which?", "A": "this\tone", "B": "that", "Answer": "B"},
        "multiple_choice",
        {
            "prompt": '"Question"',
            "choices": "STRING_TO_ARRAY(\"A\" || '\x1f' || \"B\", '\x1f')",
            "answer": '"Answer"',
        },
    ),
    "distractors": (
        {"question": "Which?", "distractor1": "no", "distractor2": "nor", "correct_answer": "yes"},
        "multiple_choice",
        {
            "prompt": "question",
            "choices": "STRING_TO_ARRAY(correct_answer || '\x1f' || distractor1 || '\x1f' || "
            "distractor2, '\x1f')",
            "answer": "correct_answer",
        },
    ),
}


def rows_of(values: list[dict[str, Any]]) -> list[RawRow]:
    return [RawRow("f", index + 1, value) for index, value in enumerate(values)]


@pytest.mark.parametrize("case", CASES)
def test_a_meaning_is_found_and_the_reader_reads_by_it(tmp_path: Path, case: str) -> None:
    value, form, columns = CASES[case]
    found = detect(rows_of([value] * 3))
    assert found.meaning is not None, found.why
    assert found.meaning.format == form
    assert dict(found.meaning.columns) == columns
    assert found.share == 1
    (tmp_path / "a.jsonl").write_text((json.dumps(value) + "\n") * 3)
    rows = Rows(
        path="a.jsonl",
        format=found.meaning.format,
        columns=dict(found.meaning.columns),
        explode=found.meaning.explode,
        where=found.meaning.where,
    )
    reading = read_records("s", rows, tmp_path, ability="a", origin="human")
    assert [record.messages for record in reading.records] == [c.messages for c in found.chats]
    assert len(reading.records) == 3
    assert reading.rejects == []


def test_answers_that_count_from_one_are_made_to_count_from_zero() -> None:
    values = [
        {"sentence": f"s {i}", "option1": "p", "option2": "q", "answer": a}
        for i, a in enumerate(["1", "2", "1"])
    ]
    found = detect(rows_of(values))
    assert found.meaning is not None
    assert dict(found.meaning.columns)["answer"] == "CAST(answer AS BIGINT) - 1"
    assert [chat.answer for chat in found.chats] == ["p", "q", "p"]


def test_numbers_among_the_choices_are_taken_by_their_text() -> None:
    values = [{"question": "1 + 1?", "choices": ["1", "2", "3"], "answer": "2"}] * 3
    found = detect(rows_of(values))
    assert [chat.answer for chat in found.chats] == ["2", "2", "2"]


def test_a_context_that_some_rows_lack() -> None:
    values = [{"context": c, "question": "Why?", "answer": "Because."} for c in ("It rains.", None)]
    found = detect(rows_of(values))
    prompts = [chat.messages[0]["content"] for chat in found.chats]
    assert prompts == ["It rains.\n\nWhy?", "Why?"]


def test_rows_inside_rows_are_taken_apart() -> None:
    inner = [{"question": "Which?", "options": ["x", "y"], "answer": "B"}] * 2
    found = detect(rows_of([{"id": 1, "passage": "P", "questions": inner}] * 2))
    assert found.meaning is not None
    assert found.meaning.explode == "questions"
    assert len(found.chats) == 4
    assert found.lines == (1, 1, 2, 2)


def test_an_odd_row_does_not_decide() -> None:
    values: list[dict[str, Any]] = [
        {"question": f"q{i}", "answer": f"It is {i}."} for i in range(40)
    ]
    values[7] = {"question": "", "answer": ["x"]}
    found = detect(rows_of(values))
    assert found.meaning is not None
    assert found.meaning.format == "prompt_completion"
    assert (len(found.chats), found.share) == (39, 39 / 40)
    assert 8 not in found.lines
    assert found.why == "`prompt` is empty"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"text": "only a text"}, "no prompt with its answer among the columns: text"),
        ({"messages": [{"role": "user", "content": "Why?"}]}, "the last message is not"),
        ({"conversations": SHARED * 2}, "chats of `from` and `value`"),
        ({"a;b": "1;2"}, "not separated by commas"),
        ({"column_0": "x", "column_1": "y"}, "its 2 columns have no names"),
        ({"Question": "Which?", "Target": "x", "Choices": ["a", "b"]}, "none of the 2 choices"),
        ({"__line": 3, "prompt": "x", "completion": "y"}, "doitkit needs for itself"),
    ],
)
def test_what_is_not_understood_is_said(value: dict[str, Any], why: str) -> None:
    found = detect(rows_of([value] * 2))
    assert found.meaning is None
    assert found.why is not None
    assert why in found.why


def test_a_chat_of_several_turns_is_never_read_by_its_first() -> None:
    rows = rows_of([{"conversations": SHARED}] * 5 + [{"conversations": SHARED * 2}])
    assert detect(rows).meaning is None


def test_no_rows() -> None:
    assert detect([]).why == "there is no row in it"
