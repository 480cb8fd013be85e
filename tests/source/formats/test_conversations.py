"""Chats of both kinds: who speaks, what is one turn, and what is no chat."""

import json
from typing import Any

import pytest

from doitkit.source.formats import RowError, interpret
from tests.source.formats.said import said

USER, ANSWER = {"from": "human", "value": "u"}, {"from": "gpt", "value": "a"}


def test_sharegpt_speakers_become_roles() -> None:
    chat = [{"from": "system", "value": "s"}, USER, ANSWER, {"from": "User", "value": "u2"}]
    chat.append({"from": "Assistant", "value": "a2"})
    assert said("sharegpt", {"conversations": chat}) == [
        ("system", "s"),
        ("user", "u"),
        ("assistant", "a"),
        ("user", "u2"),
        ("assistant", "a2"),
    ]


@pytest.mark.parametrize(
    "name", ["gpt", "chatgpt", "GPT", "bing", "bard", "bot", "model", "assistant", " Assistant "]
)
def test_a_model_may_have_many_names(name: str) -> None:
    chat = [{"from": "prompter", "value": "u"}, {"from": name, "value": "a"}]
    assert said("sharegpt", {"conversations": chat})[-1] == ("assistant", "a")


def test_either_format_takes_the_keys_of_the_other() -> None:
    other = [{"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}]
    assert said("sharegpt", {"conversations": other}) == said("messages", {"messages": other})
    assert said("messages", {"messages": [USER, ANSWER]}) == [("user", "u"), ("assistant", "a")]
    # As a file of columns holds the two side by side.
    both = [{"role": None, "content": None} | USER, {"role": None, "content": None} | ANSWER]
    assert said("messages", {"messages": both}) == [("user", "u"), ("assistant", "a")]


def test_a_chat_may_be_json_text() -> None:
    row = {"conversations": json.dumps([USER, ANSWER])}
    assert said("sharegpt", row) == [("user", "u"), ("assistant", "a")]


def test_the_system_column_stands_before_the_chat() -> None:
    assert said("sharegpt", {"conversations": [USER, ANSWER], "system": "Be brief."})[0] == (
        "system",
        "Be brief.",
    )
    own = [{"from": "system", "value": "Be brief."}, USER, ANSWER]
    assert said("sharegpt", {"conversations": own, "system": "Be brief."})[0][1] == "Be brief."
    assert said("sharegpt", {"conversations": own, "system": "Rhyme."})[0][1] == (
        "Rhyme.\n\nBe brief."
    )


def test_an_empty_system_message_is_none() -> None:
    chat = [{"role": "system", "content": " "}, {"role": "user", "content": "u"}]
    chat.append({"role": "assistant", "content": "a"})
    assert said("messages", {"messages": chat}) == [("user", "u"), ("assistant", "a")]
    assert said("sharegpt", {"conversations": [USER, ANSWER], "system": ""})[0][0] == "user"


@pytest.mark.parametrize(
    ("turns", "reason"),
    [
        (None, "`conversations` is not a list of messages"),
        ([USER], "the last message is not the assistant's"),
        ([ANSWER, USER, ANSWER], "do not take turns"),
        ([USER, ANSWER, ANSWER], "do not take turns"),
        ([USER, USER, ANSWER], "do not take turns"),
        ([{"from": "narrator", "value": "x"}, ANSWER], "message 1 has the role 'narrator'"),
        ([{"from": 3, "value": "x"}, ANSWER], "message 1 has the role 3"),
        ([{"value": "x"}, ANSWER], "message 1 has the role None"),
        ([{"from": "human"}, ANSWER], "message 1 has no text"),
        ([USER, {"from": "gpt", "value": 3}], "message 2 has no text"),
        ([USER, ANSWER, {"from": "system", "value": "s"}], "a system message stands after"),
    ],
)
def test_what_is_no_chat_is_refused(turns: Any, reason: str) -> None:
    with pytest.raises(RowError, match=reason):
        interpret("sharegpt", {"conversations": turns})


def test_a_turn_that_was_not_to_be_trained_on_is_not_taken_in_silence() -> None:
    chat = [{"role": "user", "content": "u"}, {"role": "assistant", "content": "a", "weight": 0}]
    with pytest.raises(RowError, match="message 2 has the weight 0"):
        interpret("messages", {"messages": chat})
    chat[1]["weight"] = 1
    assert said("messages", {"messages": chat})[-1] == ("assistant", "a")


def test_the_last_answer_is_one_of_the_choices() -> None:
    row = {"conversations": [USER, ANSWER], "choices": ["a", "b"]}
    assert interpret("sharegpt", row).choices == ("a", "b")
    with pytest.raises(RowError, match="none of the 2 choices"):
        interpret("sharegpt", row | {"choices": ["b", "c"]})
