"""Tools, calls and results, read back from the text in which records hold them.

The form is that of `doitkit.source.formats.tools`. A text that only resembles it stays a text.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from doitkit.source.formats.tools import tools_text

_BLOCK = r"<tool_call>\n[^\n]+\n</tool_call>"
_CALLS = re.compile(rf"(?:(?P<text>(?s:.+?))\n)??(?P<calls>{_BLOCK}(?:\n{_BLOCK})*)")
_CALL = re.compile(r"<tool_call>\n([^\n]+)\n</tool_call>")
_RESULT_OPENS, _RESULT_ENDS = "<tool_response>\n", "\n</tool_response>"
_TOOLS_END = "\n</tools>"


@dataclass(frozen=True)
class Call:
    """A call of a tool; `arguments` are JSON text."""

    name: str
    arguments: str


def tools_in(system: str) -> tuple[str, list[dict[str, Any]]]:
    """Return a system message without its tools, and these."""
    text, found, listed = system.rpartition(_heading())
    if not found or not listed.endswith(_TOOLS_END):
        return system, []
    tools = [_object(line) for line in listed.removesuffix(_TOOLS_END).split("\n")]
    named = [tool for tool in tools if tool is not None and _name(tool) is not None]
    return (text.rstrip(), named) if len(named) == len(tools) else (system, [])


def calls_in(answer: str) -> tuple[str, list[Call]]:
    """Return an answer without the calls at its end, and these."""
    found = _CALLS.fullmatch(answer)
    if found is None:
        return answer, []
    calls = [_call(line) for line in _CALL.findall(found["calls"])]
    known = [call for call in calls if call is not None]
    return (found["text"] or "", known) if len(known) == len(calls) else (answer, [])


def results_in(message: str) -> list[str]:
    """Return the results that a message holds; none if it is no message of results."""
    if not (message.startswith(_RESULT_OPENS) and message.endswith(_RESULT_ENDS)):
        return []
    inner = message.removeprefix(_RESULT_OPENS).removesuffix(_RESULT_ENDS)
    return inner.split(f"{_RESULT_ENDS}\n{_RESULT_OPENS}")


@cache
def _heading() -> str:
    """Return what stands before the first tool of a system message."""
    written = tools_text([{"name": "any"}])
    return written.partition("<tools>\n")[0] + "<tools>\n"


def _call(line: str) -> Call | None:
    call = _object(line)
    if call is None or call.keys() != {"name", "arguments"}:
        return None
    name, arguments = call["name"], call["arguments"]
    if not isinstance(name, str) or not isinstance(arguments, dict):
        return None
    return Call(name, json.dumps(arguments, ensure_ascii=False))


def _name(tool: dict[str, Any]) -> str | None:
    declared = tool.get("function", tool)
    name = declared.get("name") if isinstance(declared, dict) else None
    return name if isinstance(name, str) else None


def _object(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
