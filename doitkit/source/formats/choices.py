"""Questions with choices, one of which is right: `multiple_choice`."""

import string
from typing import Any

from doitkit.source.formats.chat import Chat, RowError, list_of, one_turn, text_of


def multiple_choice(row: dict[str, Any]) -> Chat:
    """Return the question, and as its answer the right choice, or the `completion` if given."""
    choices = choices_of(row)
    right = choices[_answer_index(row.get("answer"), choices)]
    reply = text_of(row, "completion", needed=False) or right
    return Chat(one_turn(row, text_of(row, "prompt"), reply), choices, right)


def choices_of(row: dict[str, Any]) -> tuple[str, ...]:
    """Return the choices of a row.

    Raises
    ------
    RowError
        If they are no list of 2 to 26 texts.
    """
    given = list_of(row.get("choices"))
    if given is None or not all(isinstance(choice, str) and choice.strip() for choice in given):
        raise RowError("`choices` is not a list of texts")
    if len(given) < 2 or len(given) > len(string.ascii_uppercase):
        raise RowError(f"{len(given)} choices; a question has 2 to 26")
    return tuple(given)


def _answer_index(answer: Any, choices: tuple[str, ...]) -> int:
    """Return which choice is right: given as its text, its letter, or its index from 0."""
    if answer is None:
        raise RowError("`answer` is empty")
    if isinstance(answer, int | float) and not isinstance(answer, bool):
        if answer in range(len(choices)):
            return int(answer)
        raise RowError(f"answer {answer} is no index from 0 to {len(choices) - 1}")
    text = str(answer).strip()
    if text in choices:
        return choices.index(text)
    letter = text.strip("().").upper()
    if len(letter) == 1 and letter in string.ascii_uppercase[: len(choices)]:
        return string.ascii_uppercase.index(letter)
    if text.isdecimal() and len(text) < 3 and int(text) < len(choices):
        return int(text)
    raise RowError(f"answer {text[:40]!r} is none of the {len(choices)} choices")
