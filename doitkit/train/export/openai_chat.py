"""For fine-tuning at OpenAI: chats with tools and calls in its own form."""

import re
from collections.abc import Sequence
from typing import Any

from doitkit.train.export.target import DATA_FILE, Messages, Target, UnfitError
from doitkit.train.export.tools import Call, calls_in, results_in, tools_in

_FUNCTION = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOST_TOOLS = 128
_LEAST_ROWS = 10

_USE = f"""\
Upload {DATA_FILE}, and start a job with it, in Python:

    client = openai.OpenAI()
    file = client.files.create(file=Path("{DATA_FILE}"), purpose="fine-tune")
    client.fine_tuning.jobs.create(model="...", training_file=file.id)

Every message of the assistant has the weight 1: all are trained. Tools, calls and results are in
OpenAI's form. How many tokens a row may have depends on the model, and is not checked here.
"""


def _row(messages: Messages) -> dict[str, Any]:
    """Return a chat in OpenAI's form.

    Calls get ids in their order; the results that follow answer them in that order.
    """
    told: list[dict[str, Any]] = []
    tools: list[dict[str, Any]] = []
    waiting: list[str] = []
    made = 0
    for number, message in enumerate(messages, 1):
        role, content = message["role"], message["content"]
        if role == "system":
            content, tools = tools_in(content)
            if content:
                told.append({"role": "system", "content": content})
        elif role == "assistant":
            text, calls = calls_in(content)
            waiting = [f"call_{made + at}" for at, _ in enumerate(calls, 1)]
            made += len(calls)
            told.append(_answer(text, calls, waiting))
        elif waiting:
            told += _results(content, waiting, number)
            waiting = []
        else:
            told.append({"role": "user", "content": content})
    if not tools:
        return {"messages": told}
    return {"messages": told, "tools": _declared(tools)}


def _answer(text: str, calls: Sequence[Call], ids: Sequence[str]) -> dict[str, Any]:
    answer: dict[str, Any] = {"role": "assistant", "weight": 1}
    if text:
        answer["content"] = text
    if calls:
        answer["tool_calls"] = [
            {
                "id": name_of_call,
                "type": "function",
                "function": {"name": _known(call.name), "arguments": call.arguments},
            }
            for name_of_call, call in zip(ids, calls, strict=True)
        ]
    return answer


def _results(content: str, ids: Sequence[str], number: int) -> list[dict[str, Any]]:
    results = results_in(content)
    if len(results) != len(ids):
        raise UnfitError(
            f"message {number} holds {len(results)} results of tools, for {len(ids)} calls"
        )
    return [
        {"role": "tool", "tool_call_id": call, "content": result}
        for call, result in zip(ids, results, strict=True)
    ]


def _declared(tools: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    if len(tools) > _MOST_TOOLS:
        raise UnfitError(f"{len(tools)} tools, more than {_MOST_TOOLS}")
    declared = [tool if "function" in tool else {"function": tool} for tool in tools]
    for tool in declared:
        _known(tool["function"]["name"])
    return [{"type": "function", "function": tool["function"]} for tool in declared]


def _known(name: str) -> str:
    if _FUNCTION.fullmatch(name) is None:
        raise UnfitError(f"a tool is called `{name}`: letters, digits, _ and - only, 64 at most")
    return name


OPENAI = Target("fine-tuning at OpenAI", _row, None, _USE, least=_LEAST_ROWS)
