"""Pairs of answers: the chosen one is trained on, and set against the rejected one in a test."""

import json
from pathlib import Path
from typing import Any

import pytest

from doitkit.recipe.data import EvaluationSet, FileSource
from doitkit.source import read_records
from doitkit.source.formats import RowError, interpret
from tests.source.formats.said import said

ASK = {"role": "user", "content": "p"}
PAIR = [("user", "p"), ("assistant", "good")]


def _answer(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


ROWS: dict[str, dict[str, Any]] = {
    "texts": {"prompt": "p", "chosen": "good", "rejected": "bad"},
    "whole chats": {"chosen": [ASK, _answer("good")], "rejected": [ASK, _answer("bad")]},
    "whole chats, and the prompt again": {
        "prompt": "p",
        "chosen": [ASK, _answer("good")],
        "rejected": [ASK, _answer("bad")],
    },
    "answers as messages": {
        "prompt": [ASK],
        "chosen": [_answer("good")],
        "rejected": [_answer("bad")],
    },
    "answers as objects": {"prompt": "p", "chosen": _answer("good"), "rejected": _answer("bad")},
    "a chat and texts": {"prompt": [ASK], "chosen": "good", "rejected": "bad"},
    "JSON text": {
        "chosen": json.dumps([ASK, _answer("good")]),
        "rejected": json.dumps([ASK, _answer("bad")]),
    },
    "shared chats": {
        "chosen": [{"from": "human", "value": "p"}, {"from": "gpt", "value": "good"}],
        "rejected": [{"from": "human", "value": "p"}, {"from": "gpt", "value": "bad"}],
    },
    "transcripts": {
        "chosen": "\n\nHuman: p\n\nAssistant: good",
        "rejected": "\n\nHuman: p\n\nAssistant: bad",
    },
}


@pytest.mark.parametrize("case", ROWS)
def test_the_chosen_answer_ends_the_chat(case: str) -> None:
    chat = interpret("preference", ROWS[case])
    assert said("preference", ROWS[case]) == PAIR
    assert (chat.choices, chat.answer) == (("good", "bad"), "good")
    without = {key: value for key, value in ROWS[case].items() if key != "rejected"}
    assert said("preference", without) == PAIR
    assert interpret("preference", without).choices == ()


def test_several_turns_and_a_system_message() -> None:
    prompt = [ASK, _answer("a"), {"role": "user", "content": "more"}]
    row = {"prompt": prompt, "chosen": "good", "rejected": "bad", "system": "s"}
    assert said("preference", row)[0] == ("system", "s")
    assert said("preference", row)[-2:] == [("user", "more"), ("assistant", "good")]
    text = "\n\nHuman: p\n\nAssistant: a\n\nHuman: more\n\nAssistant: good"
    assert said("preference", {"chosen": text}) == said("preference", row)[1:]
    assert said("preference", {"prompt": "p", "chosen": "good", "system": "s"})[0][1] == "s"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"prompt": "p", "chosen": None, "rejected": "bad"}, "`chosen` is empty"),
        ({"prompt": " ", "chosen": "good", "rejected": "bad"}, "`prompt` is empty"),
        ({"chosen": "good", "rejected": "bad"}, "`chosen` is a text, and there is no `prompt`"),
        ({"prompt": "p", "chosen": "same", "rejected": "same"}, "are the same"),
        ({"prompt": "p", "chosen": ["x"]}, "`chosen` is not text"),
        ({"chosen": [_answer("good")]}, "`prompt` is empty"),
        ({"chosen": [ASK]}, "do not take turns|not the assistant's|`prompt` is empty"),
        ({"chosen": "\n\nHuman: p"}, "the last message is not the assistant's"),
        ({"chosen": "\n\nHuman: p\n\nAssistant: "}, "message 2 has no text"),
    ],
)
def test_what_is_no_preference_is_refused(row: dict[str, Any], reason: str) -> None:
    with pytest.raises(RowError, match=reason):
        interpret("preference", row)


def test_training_does_not_look_at_what_was_rejected(tmp_path: Path) -> None:
    rows = [ROWS["texts"], {"prompt": "p", "chosen": "same", "rejected": "same"}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    source = FileSource(path="a.jsonl", format="preference", origin="human")
    trained = read_records("s", source, tmp_path, ability="a", origin="human")
    assert [(r.reply, r.choices, r.answer) for r in trained.records] == [
        ("good", (), "good"),
        ("same", (), "same"),
    ]
    items = EvaluationSet(path="a.jsonl", format="preference", metric="choice_likelihood")
    scored = read_records("s", items, tmp_path, ability="a", origin="human")
    assert [(r.reply, r.choices, r.answer) for r in scored.records] == [
        ("good", ("good", "bad"), "good")
    ]
    assert [r.reason for r in scored.rejects] == ["the chosen and the rejected answer are the same"]
