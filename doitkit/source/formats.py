"""What a row of each format means: from canonical columns to messages."""

import json
import math
import string
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

ROLES = ("system", "user", "assistant")

_EXACT = float(1 << 53)


@dataclass(frozen=True)
class Chat:
    """The meaning of a row: the messages, and for a choice question the choices and answer."""

    messages: tuple[dict[str, str], ...]
    choices: tuple[str, ...] = ()
    answer: str | None = None


class RowError(ValueError):
    """Why a row does not make sense in its format."""


def interpret(form: str, row: dict[str, Any]) -> Chat:
    """Return the meaning of `row`, whose keys are the canonical columns of format `form`.

    Raises
    ------
    RowError
        If the row lacks something that the format needs; the text says what.
    """
    return {
        "messages": _messages,
        "alpaca": _alpaca,
        "prompt_completion": _prompt_completion,
        "multiple_choice": _multiple_choice,
    }[form](row)


def required_columns(form: str) -> tuple[str, ...]:
    """Return the columns without which no row of a format can be read."""
    return {
        "messages": ("messages",),
        "alpaca": ("instruction", "output"),
        "prompt_completion": ("prompt", "completion"),
        "multiple_choice": ("prompt", "choices", "answer"),
    }[form]


def _text(row: dict[str, Any], key: str, *, needed: bool = True) -> str:
    value = row.get(key)
    if value is None or (isinstance(value, str) and not value.strip()):
        if needed:
            raise RowError(f"`{key}` is empty")
        return ""
    not_a_number = isinstance(value, float) and not math.isfinite(value)
    if not_a_number or isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RowError(f"`{key}` is not text")
    # A column that holds 3 and 2.5 is one of floats; 3 must not become "3.0" for that.
    return f"{value:.0f}" if _is_whole(value) else str(value)


def _is_whole(value: str | float) -> bool:
    return isinstance(value, float) and value.is_integer() and abs(value) < _EXACT


def _chat(row: dict[str, Any], prompt: str, reply: str) -> tuple[dict[str, str], ...]:
    system = _text(row, "system", needed=False)
    opening = ({"role": "system", "content": system},) if system else ()
    return (
        *opening,
        {"role": "user", "content": prompt},
        {"role": "assistant", "content": reply},
    )


def _messages(row: dict[str, Any]) -> Chat:
    given = _list(row.get("messages"))
    if not given:
        raise RowError("`messages` is not a list of messages")
    messages: list[dict[str, str]] = []
    for index, message in enumerate(given):
        if not isinstance(message, dict):
            raise RowError(f"message {index + 1} is not an object")
        role, content = message.get("role"), message.get("content")
        if role not in ROLES:
            raise RowError(f"message {index + 1} has the role {role!r}; known: {', '.join(ROLES)}")
        if message.get("tool_calls"):
            raise RowError(f"message {index + 1} holds tool calls, which are not read yet")
        if not isinstance(content, str) or not content.strip():
            raise RowError(f"message {index + 1} has no text")
        messages.append({"role": role, "content": content})
    turns = [m["role"] for m in messages if m["role"] != "system"]
    if not turns or turns[-1] != "assistant":
        raise RowError("the last message is not the assistant's")
    if any(a == b for a, b in pairwise(turns)) or turns[0] != "user":
        raise RowError("user and assistant do not take turns")
    if any(m["role"] == "system" for m in messages[1:]):
        raise RowError("a system message stands after the first message")
    choices = _choices(row) if row.get("choices") else ()
    reply = messages[-1]["content"]
    if choices and reply not in choices:
        raise RowError(f"the last message is none of the {len(choices)} choices")
    return Chat(tuple(messages), choices, reply if choices else None)


def _alpaca(row: dict[str, Any]) -> Chat:
    prompt = _text(row, "instruction")
    extra = _text(row, "input", needed=False)
    if extra:
        prompt = f"{prompt}\n\n{extra}"
    return Chat(_chat(row, prompt, _text(row, "output")))


def _prompt_completion(row: dict[str, Any]) -> Chat:
    reply = _text(row, "completion")
    choices = _choices(row) if row.get("choices") is not None else ()
    if choices and reply not in choices:
        raise RowError(f"`completion` is none of the {len(choices)} choices")
    return Chat(_chat(row, _text(row, "prompt"), reply), choices, reply)


def _list(value: Any) -> list[Any] | None:
    """Return a list, also from its JSON text, as a CSV file or a column of mixed kinds holds it."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, list) else None


def _choices(row: dict[str, Any]) -> tuple[str, ...]:
    given = _list(row.get("choices"))
    if given is None or not all(isinstance(choice, str) and choice.strip() for choice in given):
        raise RowError("`choices` is not a list of texts")
    if len(given) < 2 or len(given) > len(string.ascii_uppercase):
        raise RowError(f"{len(given)} choices; a question has 2 to 26")
    return tuple(given)


def _multiple_choice(row: dict[str, Any]) -> Chat:
    choices = _choices(row)
    right = choices[_answer_index(row.get("answer"), choices)]
    reply = _text(row, "completion", needed=False) or right
    return Chat(_chat(row, _text(row, "prompt"), reply), choices, right)


def _answer_index(answer: Any, choices: tuple[str, ...]) -> int:
    """Return which choice is right: given as its text, its letter, or its index from 0."""
    if answer is None:
        raise RowError("`answer` is empty")
    if isinstance(answer, int | float) and not isinstance(answer, bool):
        if answer in range(len(choices)):
            return int(answer)
        raise RowError(f"answer {answer} is no index from 0 to {len(choices) - 1}")
    text = str(answer).strip()
    if text in choices:
        return choices.index(text)
    letter = text.strip("().").upper()
    if len(letter) == 1 and letter in string.ascii_uppercase[: len(choices)]:
        return string.ascii_uppercase.index(letter)
    if text.isdecimal() and len(text) < 3 and int(text) < len(choices):
        return int(text)
    raise RowError(f"answer {text[:40]!r} is none of the {len(choices)} choices")
