"""Where in a JSON object the rows lie."""

import json
import re
from typing import Any

_SPACE = re.compile(r"[ \t\r\n]*")
_ROWS_BEGIN = re.compile(r"\[[ \t\r\n]*\{")
_DECODER = json.JSONDecoder()


def list_of_objects(text: str) -> str | None:
    """Return the key of the longest list of objects in the JSON object that `text` begins with.

    A list that is cut off by the end of the text is taken for the longest. None if the text
    begins with something else, holds no such list, or is made of lines of objects.
    """
    at = _past_space(text, 0)
    if text[at : at + 1] != "{":
        return None
    longest: tuple[int, str | None] = (0, None)
    at = _past_space(text, at + 1)
    while text[at : at + 1] == '"':
        key, at = _decoded(text, at)
        at = _past_space(text, at)
        if text[at : at + 1] != ":":
            return longest[1]
        begin = _past_space(text, at + 1)
        value, at = _decoded(text, begin)
        if at == len(text):
            return key if _ROWS_BEGIN.match(text, begin) else longest[1]
        if isinstance(value, list) and value and isinstance(value[0], dict):
            longest = max(longest, (len(value), key), key=lambda found: found[0])
        at = _past_space(text, at)
        if text[at : at + 1] == ",":
            at = _past_space(text, at + 1)
    ended = text[at : at + 1] == "}"
    return None if ended and text[at + 1 :].strip() else longest[1]


def _decoded(text: str, at: int) -> tuple[Any, int]:
    """Return the value that begins at `at`, and where it ends: the end of the text if it does not.

    A whole value inside an object is never the last thing of the text.
    """
    try:
        return _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None, len(text)


def _past_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
