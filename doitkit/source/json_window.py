"""A long JSON text, of which no more is held than the value that is read."""

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from doitkit.source.stream import chunks

_MARGIN = 16
"""A number or an escape may go on behind the end of what is held; no more than so many of their
characters are looked at together."""

# Python writes NaN where a value is missing; JSON knows no such thing, so it is read as null.
DECODER = json.JSONDecoder(parse_constant=lambda _: None)


class NoValueError(ValueError):
    """There is no JSON value where one is looked for; the text says why, and where in the file."""


class Window:
    """A part of the text of a file, which moves along it.

    Bytes that are not UTF-8 become surrogates, which no UTF-8 text holds.

    Attributes
    ----------
    line
        The line of the file, from 1, at which the window stands.
    damage
        What is wrong with the archive, once the window has come to where it is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.line = 1
        self.damage: str | None = None
        self._text = ""
        self._at = 0
        self._ended = False
        self._dropped = 0
        self._column = 0
        """Characters of the line that were dropped."""
        self._parts = self._decoded(path)

    def whole(self, most: int) -> str | None:
        """Return the whole text, if it is no longer than `most` characters."""
        while not self._ended and len(self._text) <= most:
            self._grow()
        return self._text if self._ended and len(self._text) <= most else None

    def peek(self) -> str:
        """Return the character at which the window stands; none at the end of the text."""
        if self._at == len(self._text):
            self._grow()
        return self._text[self._at : self._at + 1]

    def step(self) -> None:
        """Go over one character."""
        self._move(self._at + 1)

    def skip(self, marks: str = " \t\r\n") -> None:
        """Go over all characters that are among `marks`."""
        while True:
            text, at = self._text, self._at
            while at < len(text) and text[at] in marks:
                at += 1
            self._move(at)
            if at < len(text) or self._ended:
                return
            self._grow()

    def value(self) -> tuple[Any, str]:
        """Return the value that begins here, and its text; stand behind it.

        Raises
        ------
        NoValueError
            If there is none.
        """
        said = ""
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if self._is_final(error, said):
                    raise NoValueError(self._account(error)) from error
                said = str(error)
            else:
                if self._ended or end < len(self._text) - _MARGIN:
                    text = self._text[self._at : end]
                    self._move(end)
                    return value, text
            self._grow()

    def ahead(self, most: int) -> str:
        """Return up to `most` characters of what follows."""
        while not self._ended and len(self._text) - self._at < most:
            self._grow()
        return self._text[self._at : self._at + most]

    def find(self, text: str) -> bool:
        """Go to where `text` stands next, and say whether it does; otherwise to the end."""
        while True:
            found = self._text.find(text, self._at)
            if found >= 0:
                self._move(found)
                return True
            self._move(len(self._text) if self._ended else self._last(len(text) - 1))
            if self._ended:
                return False
            self._grow()

    def find_line(self, mark: str) -> bool:
        """Go to where the next line begins with `mark`, behind blanks; say whether one does."""
        while self.find("\n"):
            self.step()
            self.skip(" \t")
            if self.peek() == mark:
                return True
        return False

    def go_to(self, offset: int) -> None:
        """Go to the character that so many stand before."""
        while self.offset < offset:
            self._move(min(len(self._text), self._at + offset - self.offset))
            if self.offset < offset:
                self._grow()

    @property
    def offset(self) -> int:
        """How many characters stand before the window."""
        return self._dropped + self._at

    def _last(self, characters: int) -> int:
        return max(self._at, len(self._text) - characters)

    def _move(self, at: int) -> None:
        self.line += self._text.count("\n", self._at, at)
        self._at = at

    def _grow(self) -> None:
        """Hold on to what was not gone over yet, and to as much again."""
        before = self._text[: self._at]
        self._column = (len(before) - before.rfind("\n") - 1) + (
            self._column if "\n" not in before else 0
        )
        self._dropped += self._at
        held = [self._text[self._at :]]
        wanted = max(len(held[0]), 1)
        self._at = 0
        while wanted > 0 and not self._ended:
            part = next(self._parts, None)
            if part is None:
                self._ended = True
            else:
                held.append(part)
                wanted -= len(part)
        self._text = "".join(held)

    def _decoded(self, path: Path) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
        for part, damage in chunks(path):
            self.damage = damage
            yield decoder.decode(part)
        yield decoder.decode(b"", final=True)

    def _is_final(self, error: Exception, said_before: str) -> bool:
        """Say whether an error is there, and not at the end of what is held."""
        if self._ended or isinstance(error, RecursionError):
            return True
        if not isinstance(error, json.JSONDecodeError):
            # A number of too many digits: the count is said, of those that are held.
            return str(error) == said_before
        in_text = error.msg.startswith("Unterminated string")
        return not in_text and error.pos < len(self._text) - _MARGIN

    def _account(self, error: Exception) -> str:
        if not isinstance(error, json.JSONDecodeError):
            return str(error)
        line = self.line + self._text.count("\n", self._at, error.pos)
        begin = self._text.rfind("\n", 0, error.pos)
        column = error.pos - begin if begin >= 0 else self._column + error.pos + 1
        return f"{error.msg}: line {line} column {column} (char {self._dropped + error.pos})"
