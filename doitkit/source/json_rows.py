"""Rows of JSON files: a line each, or the elements of a list."""

import json
from pathlib import Path
from typing import Any

from doitkit.core.errors import SourceError
from doitkit.source.json_document import Outline, name_of, outline_of, rows_at
from doitkit.source.json_window import DECODER, NoValueError, Window
from doitkit.source.raw import RawRow, RawRows, Unreadable, is_unicode, unreadable
from doitkit.source.stream import lines
from doitkit.source.stretch import Stretch

_CHARS_IN_MEMORY = 16 << 20
_SHOWN = 200
_SHOWN_KEYS = 8
_INDENT = 1 << 16


def jsonl_rows(stretch: Stretch) -> RawRows:
    """Yield the objects of a file, or a stretch, that holds one a line; blank lines hold none."""
    path = stretch.path
    for number, line, damage in lines(stretch):
        if damage is not None:
            yield unreadable(path, number, damage)
        elif line.strip():
            yield _parsed(path, number, line)


def json_rows(path: Path, records_at: str | None) -> RawRows:
    """Yield the objects of a JSON list; lines of objects under a .json name are taken as jsonl.

    A long document is gone over twice, and never held as a whole: only at its end is it known to
    be one. Its rows have their place in the list for a number; where something is wrong with it,
    the line of the file.

    Raises
    ------
    SourceError
        If the document is whole, but there is no list where one is looked for.
    """
    window = Window(path)
    text = window.whole(_CHARS_IN_MEMORY)
    begins = window.ahead(_INDENT).lstrip()[:1]
    if text is None:
        del window
        outline = outline_of(path)
        if outline is not None:
            yield from _rows_of_long(path, outline, records_at)
            return
    else:
        try:
            document = DECODER.decode(text)
        except (ValueError, RecursionError):
            pass
        else:
            yield from _rows_of(path, document, records_at, text)
            if window.damage is not None:
                yield unreadable(path, text.count("\n") + 1, window.damage)
            return
    if records_at is None and begins == "{":
        yield from jsonl_rows(Stretch(path))
    else:
        yield from _salvaged(path, records_at)


def _rows_of(path: Path, document: Any, records_at: str | None, text: str) -> RawRows:
    held = document if isinstance(document, dict) else {}
    lists = tuple(isinstance(value, list) for value in held.values())
    _require_list(path, Outline(name_of(document), tuple(held), lists), records_at)
    suspect = _may_hold_surrogates(text)
    rows = document if records_at is None else document[records_at]
    for number, value in enumerate(rows, 1):
        yield _row(path, number, value, suspect)


def _rows_of_long(path: Path, outline: Outline, records_at: str | None) -> RawRows:
    window = Window(path)
    place = _require_list(path, outline, records_at)
    for number, (value, text) in enumerate(rows_at(window, place), 1):
        yield _row(path, number, value, _may_hold_surrogates(text))
    if window.damage is not None:
        yield unreadable(path, window.line, window.damage)


def _parsed(path: Path, number: int, text: str) -> RawRow | Unreadable:
    """Return the object that stands in one line of a file, or why there is none."""
    if not is_unicode(text):
        return unreadable(path, number, "not UTF-8 text", text)
    if text.startswith("\ufeff"):
        reason = "not JSON: a byte order mark (BOM) in the middle of the file"
        return unreadable(path, number, reason, text)
    try:
        value = DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        return unreadable(path, number, f"not JSON: {error}", text)
    return _row(path, number, value, _may_hold_surrogates(text))


def _row(path: Path, number: int, value: Any, suspect: bool) -> RawRow | Unreadable:
    if suspect and not is_unicode(json.dumps(value, ensure_ascii=False)):
        reason = "not Unicode text: a byte that is no UTF-8, or half of a surrogate pair"
        return unreadable(path, number, reason, json.dumps(value, ensure_ascii=False))
    if not isinstance(value, dict):
        reason = f"a row must be an object, not {name_of(value)}"
        return unreadable(path, number, reason, json.dumps(value, ensure_ascii=False))
    return RawRow(str(path), number, value)


def _may_hold_surrogates(text: str) -> bool:
    return "\\ud" in text or "\\uD" in text or not is_unicode(text)


def _require_list(path: Path, outline: Outline, records_at: str | None) -> int:
    """Return the place of the list; raise a `SourceError` if there is none."""
    place = outline.place_of(records_at)
    if place is not None:
        return place
    keys = ", ".join(list(dict.fromkeys(outline.keys))[:_SHOWN_KEYS])
    if records_at is None:
        raise SourceError(
            "the JSON file is not a list of rows",
            where=path,
            why=f"it holds {outline.kind}" + (f" with the keys: {keys}" if keys else ""),
            next_step="name the key that holds the list with `records_at`",
        )
    raise SourceError(
        f"there is no list under `{records_at}`",
        where=path,
        why=f"the file has the keys: {keys}" if keys else f"it holds {outline.kind}",
        next_step="correct `records_at`, or remove it if the file is itself a list",
    )


def _salvaged(path: Path, records_at: str | None) -> RawRows:
    """Read the objects of a damaged JSON list one by one; the damaged ones become rejects.

    Line numbers are those of the text, since the position in the list is no longer known.
    """
    window = _at_list(path, records_at)
    yield from _objects(path, window, records_at)
    while window.find("\n"):
        window.step()
    if window.damage is not None:
        yield unreadable(path, window.line, window.damage)


def _at_list(path: Path, records_at: str | None) -> Window:
    """Return a window behind the bracket with which the list probably opens."""
    window = Window(path)
    begin = window.offset if records_at is not None and window.find(f'"{records_at}"') else 0
    window = Window(path)
    window.go_to(begin)
    if not window.find("["):
        return Window(path)
    window.step()
    return window


def _objects(path: Path, window: Window, records_at: str | None) -> RawRows:
    while True:
        window.skip(" \t\r\n,")
        mark, line = window.peek(), window.line
        if not mark:
            yield unreadable(path, line, "the list has no end: the file is cut off")
            return
        if mark == "]":
            window.step()
            after = _rest(window) if records_at is None else ""
            if after:
                yield unreadable(path, line, "the list ended before this text", after)
            return
        try:
            value, text = window.value()
        except NoValueError as error:
            shown = window.ahead(_SHOWN)
            found = window.find_line("{")
            extent = "" if found else " from here on"
            yield unreadable(path, line, f"not JSON{extent}: {error}", shown)
            if not found:
                return
        else:
            yield _row(path, line, value, _may_hold_surrogates(text))


def _rest(window: Window) -> str:
    """Return the beginning of what follows, without white space around it."""
    while (text := window.ahead(_SHOWN)) and not text.strip():
        window.go_to(window.offset + len(text))
    return text.strip()
