"""Columns of a frame as SQL expressions that give texts, or lists of texts."""

import re
from collections.abc import Sequence

import polars as pl
from polars.exceptions import PolarsError

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_SEPARATOR = "\x1f"
"""The unit separator of ASCII, which no choice holds."""


def quoted(column: str) -> str:
    """Return a column as an SQL expression, in quotes where its name needs them."""
    if _PLAIN.fullmatch(column):
        try:
            if pl.sql_expr(column).meta.eq(pl.col(column)):
                return column
        except PolarsError:
            pass
    escaped = column.replace('"', '""')
    return f'"{escaped}"'


def listed(texts: Sequence[str]) -> str:
    """Return several expressions of texts as one list."""
    joined = f" || '{_SEPARATOR}' || ".join(texts)
    return f"STRING_TO_ARRAY({joined}, '{_SEPARATOR}')"


def prompt_text(frame: pl.DataFrame, column: str) -> str | None:
    """Return a column as the text of a prompt, a list of texts as its lines; None if it is none."""
    if frame.schema[column] == pl.List(pl.String):
        return f"ARRAY_TO_STRING({quoted(column)}, '\n')"
    return quoted(column) if is_text(frame, column) else None


def answer_text(frame: pl.DataFrame, column: str) -> str | None:
    """Return a column as the text of an answer, of several the first; None if it is none."""
    kind = frame.schema[column]
    name = quoted(column)
    if kind == pl.Boolean:
        return f"CAST({name} AS VARCHAR)"
    if kind == pl.List(pl.String):
        return f"{name}[1]"
    if isinstance(kind, pl.Struct):
        fields = {field.name: field.dtype for field in kind.fields}
        return f"({name}.text)[1]" if fields.get("text") == pl.List(pl.String) else None
    return name if is_text(frame, column) else None


def is_text(frame: pl.DataFrame, column: str) -> bool:
    """Say whether a column holds texts or numbers."""
    kind = frame.schema[column]
    return kind == pl.String or kind.is_numeric()


def fields_of_elements(frame: pl.DataFrame, column: str) -> set[str]:
    """Return the names of the fields that the objects in a column of lists have."""
    kind = frame.schema[column]
    if not isinstance(kind, pl.List) or not isinstance(kind.inner, pl.Struct):
        return set()
    return {field.name for field in kind.inner.fields}
