"""JSON documents of any size: whether they are whole, and the list of rows in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doitkit.source.json_window import NoValueError, Window

Valued = tuple[Any, str]
"""A value and the text that it was."""


@dataclass(frozen=True)
class Outline:
    """What a whole document is."""

    kind: str
    """Such as `a list`, or `an object`."""
    keys: tuple[str, ...] = ()
    lists: tuple[bool, ...] = ()
    """Whether there is a list under each of the keys; the last of equal ones counts."""

    def place_of(self, key: str | None) -> int | None:
        """Return under which of the keys the list lies; -1 if it is the document, None if none."""
        if key is None:
            return -1 if self.kind == "a list" else None
        places = [place for place, held in enumerate(self.keys) if held == key]
        return places[-1] if places and self.lists[places[-1]] else None


def name_of(value: Any) -> str:
    """Return what kind of JSON a value is, in words."""
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")


def outline_of(path: Path) -> Outline | None:
    """Return what the document of a file is; None if it is not whole."""
    window = Window(path)
    window.skip()
    try:
        outline = _outline(window)
    except NoValueError:
        return None
    window.skip()
    return outline if not window.peek() else None


def rows_at(window: Window, place: int) -> Iterator[Valued]:
    """Yield the elements of the list at a `place` that an outline has told, and go to the end."""
    window.skip()
    if place < 0:
        yield from _elements(window)
    else:
        for number, _ in enumerate(_keys(window)):
            if number == place:
                yield from _elements(window)
            else:
                _pass(window)
    window.skip()
    window.peek()


def _outline(window: Window) -> Outline:
    mark = window.peek()
    if mark == "[":
        _pass(window)
        return Outline("a list")
    if mark != "{":
        return Outline(name_of(window.value()[0]))
    keys: list[str] = []
    lists: list[bool] = []
    for key in _keys(window):
        keys.append(key)
        lists.append(window.peek() == "[")
        _pass(window)
    return Outline("an object", tuple(keys), tuple(lists))


def _pass(window: Window) -> None:
    """Go over the value that begins here; over a list, element by element."""
    if window.peek() == "[":
        for _ in _elements(window):
            pass
    else:
        window.value()


def _elements(window: Window) -> Iterator[Valued]:
    """Yield the elements of the list that begins here, and stand behind it."""
    window.step()
    window.skip()
    if window.peek() == "]":
        window.step()
        return
    while True:
        yield window.value()
        if _mark(window, ",]") == "]":
            return
        window.skip()


def _keys(window: Window) -> Iterator[str]:
    """Yield the keys of the object that begins here; at each, stand at its value.

    Who takes a key goes over the value.
    """
    window.step()
    window.skip()
    if window.peek() == "}":
        window.step()
        return
    while True:
        if window.peek() != '"':
            raise NoValueError
        key, _ = window.value()
        _mark(window, ":")
        window.skip()
        yield key
        if _mark(window, ",}") == "}":
            return
        window.skip()


def _mark(window: Window, expected: str) -> str:
    """Go over one of the `expected` marks, and return which."""
    window.skip()
    mark = window.peek()
    if not mark or mark not in expected:
        raise NoValueError
    window.step()
    return mark
