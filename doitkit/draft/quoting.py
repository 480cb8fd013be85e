"""Text from files and their names, as it can stand in YAML."""

import re
from collections.abc import Sequence

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_NOT_TEXT = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n"))
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def scalar(text: str) -> str:
    """Return `text` as a YAML scalar: plain if it is a simple word, else in double quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT:
        return text
    return '"' + "".join(_ESCAPES.get(c, c if c.isprintable() else _code(c)) for c in text) + '"'


def sequence(texts: Sequence[str]) -> str:
    """Return `texts` as a YAML list in brackets."""
    return f"[{', '.join(scalar(text) for text in texts)}]"


def commented(text: str) -> str:
    """Return `text` as it can stand in a comment: on one line, with nothing that YAML refuses."""
    return "".join(c if c.isprintable() else _code(c) for c in text)


def _code(character: str) -> str:
    point = ord(character)
    return f"\\x{point:02x}" if point < 0x100 else f"\\U{point:08x}"
