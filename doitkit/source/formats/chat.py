"""What every format gives, and how the cells of a row are taken for texts and lists."""

import json
import math
from dataclasses import dataclass
from typing import Any

from doitkit.source.frame import number_text

Messages = tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Chat:
    """The meaning of a row: the messages, and for a choice question the choices and answer."""

    messages: Messages
    choices: tuple[str, ...] = ()
    answer: str | None = None


class RowError(ValueError):
    """Why a row does not make sense in its format."""


def text_of(row: dict[str, Any], key: str, *, needed: bool = True) -> str:
    """Return a cell as text; a number is written out, and white space alone is no text.

    Raises
    ------
    RowError
        If the cell is neither, or is empty though it is `needed`.
    """
    value = row.get(key)
    if value is None or (isinstance(value, str) and not value.strip()):
        if needed:
            raise RowError(f"`{key}` is empty")
        return ""
    not_a_number = isinstance(value, float) and not math.isfinite(value)
    if not_a_number or isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RowError(f"`{key}` is not text")
    return number_text(value) if isinstance(value, float) else str(value)


def list_of(value: Any) -> list[Any] | None:
    """Return a list, also from its JSON text, as a CSV file or a column of mixed kinds holds it."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = parsed(value)
    return value if isinstance(value, list) else None


def parsed(text: str) -> Any:
    """Return what a JSON text holds; None if it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def one_turn(row: dict[str, Any], prompt: str, reply: str) -> Messages:
    """Return a question and its answer as messages, below the row's `system`, if it has one."""
    system = text_of(row, "system", needed=False)
    opening = ({"role": "system", "content": system},) if system else ()
    return (
        *opening,
        {"role": "user", "content": prompt},
        {"role": "assistant", "content": reply},
    )
