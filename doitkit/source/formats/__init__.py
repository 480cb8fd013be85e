"""What a row of each format means: from canonical columns to messages."""

from collections.abc import Callable
from typing import Any

from doitkit.source.formats.chat import Chat, RowError
from doitkit.source.formats.choices import multiple_choice
from doitkit.source.formats.conversations import messages, sharegpt
from doitkit.source.formats.instructions import alpaca, prompt_completion
from doitkit.source.formats.preference import preference

__all__ = ["Chat", "RowError", "interpret", "required_columns"]

_MEANINGS: dict[str, tuple[Callable[[dict[str, Any]], Chat], tuple[str, ...]]] = {
    "messages": (messages, ("messages",)),
    "sharegpt": (sharegpt, ("conversations",)),
    "alpaca": (alpaca, ("instruction", "output")),
    "prompt_completion": (prompt_completion, ("prompt", "completion")),
    "preference": (preference, ("chosen",)),
    "multiple_choice": (multiple_choice, ("prompt", "choices", "answer")),
}


def interpret(form: str, row: dict[str, Any]) -> Chat:
    """Return the meaning of `row`, whose keys are the canonical columns of format `form`.

    Raises
    ------
    RowError
        If the row lacks something that the format needs; the text says what.
    """
    return _MEANINGS[form][0](row)


def required_columns(form: str) -> tuple[str, ...]:
    """Return the columns without which no row of a format can be read."""
    return _MEANINGS[form][1]
