r"""Tools, calls of tools and their results, as text inside the messages of a chat.

A record's messages hold a role and a text, nothing else: chat templates disagree on what they do
with more. Some drop tool calls, some raise at the role `tool`, some ask for ids of nine letters,
and what they render is not always what was given. So calls travel as JSON text, in the form that
Hermes and Qwen models know and that every template passes on as it stands:

- A call stands in the content of the assistant's message, below its text if it has one::

      <tool_call>
      {"name": "weather", "arguments": {"city": "Paris"}}
      </tool_call>

  It is trained on like any other answer.
- A result becomes a `user` message, so that the two still take turns; results that follow one
  another share one::

      <tool_response>
      {"degrees": 21}
      </tool_response>

- The tools that there are stand at the end of the system message, one a line, in `<tools>`.

The JSON has its keys in the order given, `, ` and `: ` between them, and letters of all scripts
as they are. Ids of calls are not kept: results stand in the order of the calls. In files of
columns, an argument that only other calls have is held as null: there, nulls are left out.
"""

import json
from typing import Any

from doitkit.source.formats.chat import RowError, list_of, parsed

_HEADING = (
    "# Tools\n\nTo use one of the tools below, write its name and its arguments as JSON between "
    "<tool_call> and </tool_call>."
)


def tools_text(value: Any) -> str:
    """Return the tools of a row as a part of its system message; empty if it has none.

    Raises
    ------
    RowError
        If they are no list of objects that have a name.
    """
    if value is None or value == [] or (isinstance(value, str) and not value.strip()):
        return ""
    tools = list_of(value)
    if tools is None:
        raise RowError("`tools` is not a list of tools")
    if not tools:
        return ""
    lines = [_tool_line(tool, exact=isinstance(value, str)) for tool in tools]
    return "\n".join([_HEADING, "", "<tools>", *lines, "</tools>"])


def calls_text(calls: Any, number: int, *, exact: bool) -> str:
    """Return the calls of a message as text; empty if it has none.

    Parameters
    ----------
    calls
        A call or a list of calls, each `{"name", "arguments"}` or under `function`, or their JSON
        text.
    number
        Which message of the chat it is, from 1, for the reason.
    exact
        Whether nulls were given, and do not fill the places of what other calls have.

    Raises
    ------
    RowError
        If a call lacks a name, or its arguments are not an object.
    """
    if isinstance(calls, str):
        calls, exact = parsed(calls), True
        if calls is None:
            raise RowError(f"message {number} calls a tool, but not by an object of JSON")
    given = calls if isinstance(calls, list) else [calls]
    lines = [_call_text(call, number, exact=exact) for call in given if call is not None]
    return "\n".join(lines)


def result_text(content: Any, *, exact: bool) -> str:
    """Return what a tool has answered as the text of a message."""
    if content is None:
        content = ""
    shown = content if isinstance(content, str) else _json(content, exact=exact)
    return f"<tool_response>\n{shown}\n</tool_response>"


def _tool_line(tool: Any, *, exact: bool) -> str:
    declared = tool.get("function") if isinstance(tool, dict) else None
    named = declared if isinstance(declared, dict) else tool
    if not isinstance(named, dict) or not isinstance(named.get("name"), str):
        raise RowError("`tools` holds a tool without a name")
    return _json(tool, exact=exact)


def _call_text(call: Any, number: int, *, exact: bool) -> str:
    inner = call.get("function") if isinstance(call, dict) else None
    found = inner if isinstance(inner, dict) else call
    name = found.get("name") if isinstance(found, dict) else None
    if not isinstance(name, str) or not name.strip():
        raise RowError(f"message {number} calls a tool without a name")
    arguments = found.get("arguments", found.get("parameters"))
    if isinstance(arguments, str) and arguments.strip():
        arguments, exact = parsed(arguments), True
        if arguments is None:
            raise RowError(f"message {number}: the arguments of `{name}` are not JSON")
    if arguments in (None, ""):
        arguments = {}
    if not isinstance(arguments, dict):
        raise RowError(f"message {number}: the arguments of `{name}` are not an object")
    shown = _json({"name": name, "arguments": _held(arguments, exact=exact)}, exact=True)
    return f"<tool_call>\n{shown}\n</tool_call>"


def _json(value: Any, *, exact: bool) -> str:
    return json.dumps(_held(value, exact=exact), ensure_ascii=False, default=str)


def _held(value: Any, *, exact: bool) -> Any:
    """Return a value without the nulls inside its objects, unless these were given."""
    if exact:
        return value
    if isinstance(value, dict):
        return {k: _held(v, exact=False) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [_held(element, exact=False) for element in value]
    return value
