"""A place in a file, and something wrong with the YAML that stands there."""

import re
from dataclasses import dataclass

LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""Where a line ends for YAML, by which the lines of a recipe are numbered."""

_SHOWN = 100


@dataclass(frozen=True, order=True, slots=True)
class Position:
    """A place in a file, counted from 1."""

    line: int
    column: int
    file: str = ""


@dataclass(frozen=True)
class Flaw:
    """Something wrong with the YAML itself."""

    code: str
    position: Position
    what: str
    next_step: str


def lines_of(text: str) -> list[str]:
    """Return the lines of a text, without their ends."""
    return LINE_END.split(text)


def shown(value: object) -> str:
    """Return a value as it can stand in a message: short, and without what a screen obeys."""
    text = str(value)
    cut = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    return printable(cut)


def printable(text: str) -> str:
    """Return `text` with tabs made visible, and all else replaced that does not print."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else "\u2192" if c == "\t" else "\ufffd" for c in text)
