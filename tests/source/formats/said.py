"""A chat as pairs, for tests."""

from typing import Any

from doitkit.source.formats import interpret


def said(form: str, row: dict[str, Any]) -> list[tuple[str, str]]:
    return [(m["role"], m["content"]) for m in interpret(form, row).messages]
