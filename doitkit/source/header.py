"""Whether the first line of a CSV file names its columns, and what to call them if it does not."""

import re
import string
from collections.abc import Sequence

from doitkit.source.names import is_known_name

_MAX_NAME = 40
_NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?")
_LETTER = re.compile(r"\(?[A-Z]\)?")


def guessed_header(lines: Sequence[Sequence[str]]) -> bool | list[str]:
    """Return True if the first line names the columns; otherwise the names to give them, or False.

    Parameters
    ----------
    lines
        The fields of the first lines of the file.
    """
    if not lines or _names_columns(lines):
        return True
    return _names_for([line for line in lines if len(line) == len(lines[0])]) or False


def _names_columns(lines: Sequence[Sequence[str]]) -> bool:
    """Say whether the first line looks like names, and unlike the lines below it."""
    first, below = lines[0], lines[1:]
    if any(len(name) > _MAX_NAME or _NUMBER.fullmatch(name) for name in first):
        return False
    if any(is_known_name(name) for name in first):
        return True
    if len({name for name in first if name}) < len([name for name in first if name]):
        return False
    for index, name in enumerate(first):
        column = {line[index] for line in below if len(line) > index}
        for kind in (_NUMBER, _LETTER):
            if column and all(kind.fullmatch(value) for value in column):
                return kind.fullmatch(name) is None
    return True


def _names_for(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return names for columns that have none: of a question, its choices and the right letter."""
    letters = string.ascii_uppercase[: len(lines[0]) - 2]
    marks = {line[-1].strip("() ").upper() for line in lines}
    if len(letters) > 1 and marks <= set(letters):
        return ["question", *letters, "answer"]
    return []
