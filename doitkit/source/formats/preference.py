r"""Two answers to one prompt, of which one is preferred: `preference`.

The chosen answer is what is trained on, like any other; the rejected one is not used for that.
In an evaluation set the two are the choices: the chosen one should be the likelier.

Either answer is a text, or a list of messages: the answer alone, or the whole chat, which then
needs no prompt. A text without a prompt is taken for a transcript, of turns that begin with
`\n\nHuman: ` and `\n\nAssistant: `.
"""

import re
from typing import Any

from doitkit.source.formats.chat import Chat, Messages, RowError, list_of, one_turn, text_of
from doitkit.source.formats.conversations import conversation

_ANSWERING = ("assistant", "gpt")
_SPEAKER = re.compile(r"\n\n(Human|Assistant):")


def preference(row: dict[str, Any]) -> Chat:
    """Return the chat that ends with the chosen answer; the rejected one is the other choice."""
    chosen = _ended_by(row, "chosen")
    if row.get("rejected") is None:
        return Chat(chosen)
    right, wrong = chosen[-1]["content"], _ended_by(row, "rejected")[-1]["content"]
    if right == wrong:
        raise RowError("the chosen and the rejected answer are the same")
    return Chat(chosen, (right, wrong), right)


def _ended_by(row: dict[str, Any], key: str) -> Messages:
    """Return the whole chat that ends with the answer under `key`."""
    answer, prompt = _messages(row.get(key)), _messages(row.get("prompt"))
    if answer is None and prompt is None and row.get("prompt") is not None:
        return one_turn(row, text_of(row, "prompt"), text_of(row, key))
    if answer is None:
        text = text_of(row, key)
        said = {"role": "assistant", "content": text}
        chat = _transcript(text, key) if prompt is None else [*prompt, said]
    elif _is_whole(answer):
        chat = answer
    else:
        chat = [*(prompt or [{"role": "user", "content": text_of(row, "prompt")}]), *answer]
    system = text_of(row, "system", needed=False)
    exact = isinstance(row.get(key), str)
    return conversation(chat, exact=exact, system=system, tools=row.get("tools"))


def _is_whole(answer: list[Any]) -> bool:
    """Say whether an answer is a whole chat: it begins with what it answers."""
    first = answer[0]
    return len(answer) > 1 and first.get("role", first.get("from")) not in _ANSWERING


def _messages(value: Any) -> list[Any] | None:
    if isinstance(value, dict):
        return [value]
    found = list_of(value)
    return found if found and isinstance(found[0], dict) else None


def _transcript(text: str, key: str) -> list[dict[str, str]]:
    _, *turns = _SPEAKER.split(text)
    if not turns:
        raise RowError(f"`{key}` is a text, and there is no `prompt`")
    roles = {"Human": "user", "Assistant": "assistant"}
    pairs = zip(turns[::2], turns[1::2], strict=True)
    return [{"role": roles[name], "content": said.strip()} for name, said in pairs]
