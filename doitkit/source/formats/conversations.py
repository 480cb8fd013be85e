"""Chats as lists of messages: `messages` (role, content) and `sharegpt` (from, value)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from doitkit.source.formats.chat import Chat, Messages, RowError, list_of, text_of
from doitkit.source.formats.choices import choices_of
from doitkit.source.formats.parts import are_parts, content_text
from doitkit.source.formats.tools import calls_text, result_text, tools_text

_CALL, _TOOL = "call", "tool"

_ROLES = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": _TOOL,
    "function": _TOOL,
}
_SPEAKERS = _ROLES | {
    **dict.fromkeys(("human", "prompter"), "user"),
    **dict.fromkeys(("gpt", "chatgpt", "bing", "bard", "bot", "model", "ai"), "assistant"),
    **dict.fromkeys(("observation", "function_response", "tool_response"), _TOOL),
    **dict.fromkeys(("function_call", "tool_call"), _CALL),
}


@dataclass(frozen=True)
class _Turn:
    """A message as it will stand in the record."""

    role: str
    text: str
    number: int
    is_tool: bool = False
    calls: bool = False
    says: bool = True


def messages(row: dict[str, Any]) -> Chat:
    """Return the chat under `messages`, with the `tools` of the row in its system message."""
    return _chat(row, "messages")


def sharegpt(row: dict[str, Any]) -> Chat:
    """Return the chat under `conversations`, with `system` and `tools` of the row before it."""
    return _chat(row, "conversations", text_of(row, "system", needed=False))


def conversation(
    given: Sequence[Any], *, exact: bool, system: str = "", tools: Any = None
) -> Messages:
    """Return a list of messages, of either format, as those of a record.

    Parameters
    ----------
    exact
        Whether the list was JSON text, in which a null is one that was given.

    Raises
    ------
    RowError
        If it is not a chat that ends with the assistant's answer.
    """
    turns = [_turn(message, index + 1, exact=exact) for index, message in enumerate(given)]
    # Some rows say their system message in both places.
    opening = dict.fromkeys((system, _opening(turns), tools_text(tools)))
    turns = _joined([turn for turn in turns if turn.role != "system"])
    _require_order(turns)
    text = "\n\n".join(part for part in opening if part)
    first = [{"role": "system", "content": text}] if text else []
    return (*first, *({"role": turn.role, "content": turn.text} for turn in turns))


def _chat(row: dict[str, Any], key: str, system: str = "") -> Chat:
    given = list_of(row.get(key))
    if not given:
        raise RowError(f"`{key}` is not a list of messages")
    exact = isinstance(row.get(key), str)
    chat = conversation(given, exact=exact, system=system, tools=row.get("tools"))
    choices = choices_of(row) if row.get("choices") else ()
    reply = chat[-1]["content"]
    if choices and reply not in choices:
        raise RowError(f"the last message is none of the {len(choices)} choices")
    return Chat(chat, choices, reply if choices else None)


def _turn(message: Any, number: int, *, exact: bool) -> _Turn:
    if not isinstance(message, dict):
        raise RowError(f"message {number} is not an object")
    shared = message.get("role") is None and message.get("from") is not None
    role = _role(message.get("from" if shared else "role"), number, shared=shared)
    content = message.get("value" if shared else "content")
    if role == _TOOL:
        result = content_text(content, number) if are_parts(content) else content
        return _Turn("user", result_text(result, exact=exact), number, is_tool=True)
    called = message.get("tool_calls") or message.get("function_call")
    if role == _CALL:
        role, content, called = "assistant", None, content
    text = content_text(content, number)
    calls = calls_text(called, number, exact=exact) if called and role == "assistant" else ""
    if not text and not calls and role != "system":
        raise RowError(f"message {number} has no text")
    if role == "assistant" and message.get("weight") == 0:
        raise RowError(f"message {number} has the weight 0, but every answer is trained on")
    whole = "\n".join(part for part in (text, calls) if part)
    return _Turn(role, whole, number, calls=bool(calls), says=bool(text))


def _role(name: Any, number: int, *, shared: bool) -> str:
    known = _SPEAKERS if shared else _ROLES
    plain = name if isinstance(name, str) else ""
    if shared:
        plain = plain.strip().lower().replace("-", "_").replace(" ", "_")
    if plain not in known:
        raise RowError(f"message {number} has the role {name!r}; known: {', '.join(known)}")
    return known[plain]


def _opening(turns: Sequence[_Turn]) -> str:
    """Return the text of the system message, which may be the first message and no other."""
    for before, turn in enumerate(turns):
        if turn.role == "system" and turn.text and before:
            raise RowError("a system message stands after the first message")
    return turns[0].text if turns[0].role == "system" else ""


def _joined(turns: Sequence[_Turn]) -> list[_Turn]:
    """Return the turns with results of tools, and calls, each in one where they follow another."""
    found: list[_Turn] = []
    for turn in turns:
        last = found[-1] if found else None
        adds = turn.is_tool if turn.role == "user" else turn.calls and not turn.says
        if last is not None and last.role == turn.role and last.is_tool == turn.is_tool and adds:
            text = f"{last.text}\n{turn.text}"
            found[-1] = replace(last, text=text, calls=last.calls or turn.calls)
        else:
            found.append(turn)
    return found


def _require_order(turns: Sequence[_Turn]) -> None:
    if not turns or turns[-1].role != "assistant":
        raise RowError("the last message is not the assistant's")
    for before, turn in pairwise([None, *turns]):
        if turn is not None and turn.is_tool and not (before is not None and before.calls):
            raise RowError(f"message {turn.number} is a tool's, but no call stands before it")
    roles = [turn.role for turn in turns]
    if any(a == b for a, b in pairwise(roles)) or roles[0] != "user":
        raise RowError("user and assistant do not take turns")
