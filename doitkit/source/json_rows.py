"""Rows of JSON files: a line each, or the elements of a list."""

import json
import re
from pathlib import Path
from typing import Any

from doitkit.core.errors import SourceError
from doitkit.source.raw import RawRow, RawRows, Unreadable, is_unicode, unreadable
from doitkit.source.stream import lines, whole_text
from doitkit.source.stretch import Stretch

_NEXT_OBJECT = re.compile(r"\n[ \t]*(?=\{)")
_SHOWN_KEYS = 8

# Python writes NaN where a value is missing; JSON knows no such thing, so it is read as null.
_DECODER = json.JSONDecoder(parse_constant=lambda _: None)


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

    Raises
    ------
    SourceError
        If the document is whole, but there is no list where one is looked for.
    """
    text, damage = whole_text(path)
    suspect = _may_hold_surrogates(text)
    try:
        document = _DECODER.decode(text)
    except (ValueError, RecursionError):
        if records_at is None and text.lstrip().startswith("{"):
            yield from jsonl_rows(Stretch(path))
            return
        yield from _salvaged(path, text, records_at, suspect)
        if damage is not None:
            yield unreadable(path, text.count("\n") + 1, damage)
        return
    for index, value in enumerate(_list_in(path, document, records_at)):
        yield _row(path, index + 1, value, suspect)


def _parsed(path: Path, number: int, text: str) -> RawRow | Unreadable:
    """Return the object that stands in one line of a file, or why there is none."""
    if not is_unicode(text):
        return unreadable(path, number, "not UTF-8 text", text)
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        return unreadable(path, number, f"not JSON: {error}", text)
    return _row(path, number, value, _may_hold_surrogates(text))


def _row(path: Path, number: int, value: Any, suspect: bool) -> RawRow | Unreadable:
    if suspect and not is_unicode(json.dumps(value, ensure_ascii=False)):
        reason = "not Unicode text: a byte that is no UTF-8, or half of a surrogate pair"
        return unreadable(path, number, reason, json.dumps(value, ensure_ascii=False))
    if not isinstance(value, dict):
        reason = f"a row must be an object, not {_name(value)}"
        return unreadable(path, number, reason, json.dumps(value, ensure_ascii=False))
    return RawRow(str(path), number, value)


def _may_hold_surrogates(text: str) -> bool:
    return "\\ud" in text or "\\uD" in text or not is_unicode(text)


def _name(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")


def _list_in(path: Path, document: Any, records_at: str | None) -> list[Any]:
    keys = list(document)[:_SHOWN_KEYS] if isinstance(document, dict) else []
    rows = document
    if records_at is not None:
        rows = document.get(records_at) if isinstance(document, dict) else None
    if isinstance(rows, list):
        return rows
    if records_at is None:
        raise SourceError(
            "the JSON file is not a list of rows",
            where=path,
            why=f"it holds {_name(document)}"
            + (f" with the keys: {', '.join(keys)}" if keys else ""),
            next_step="name the key that holds the list with `records_at`",
        )
    raise SourceError(
        f"there is no list under `{records_at}`",
        where=path,
        why=f"the file has the keys: {', '.join(keys)}" if keys else f"it holds {_name(document)}",
        next_step="correct `records_at`, or remove it if the file is itself a list",
    )


def _salvaged(path: Path, text: str, records_at: str | None, suspect: bool) -> RawRows:
    """Read the objects of a damaged JSON list one by one; the damaged ones become rejects.

    Line numbers are those of the text, since the position in the list is no longer known.
    """
    opening = max(0, text.find(f'"{records_at}"')) if records_at is not None else 0
    at = text.find("[", opening) + 1
    line, seen = 1, 0
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        line += text.count("\n", seen, at)
        seen = at
        if at >= len(text):
            yield unreadable(path, line, "the list has no end: the file is cut off")
            return
        if text[at] == "]":
            after = text[at + 1 :].strip()
            if after and records_at is None:
                yield unreadable(path, line, "the list ended before this text", after)
            return
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            following = _NEXT_OBJECT.search(text, at)
            extent = " from here on" if following is None else ""
            yield unreadable(path, line, f"not JSON{extent}: {error}", text[at:])
            if following is None:
                return
            at = following.end()
        else:
            yield _row(path, line, value, suspect)
