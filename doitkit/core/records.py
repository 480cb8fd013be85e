"""The canonical record: one instruction with its answer, in memory."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from doitkit.core.hashing import canonical_json, digest, digest_text
from doitkit.core.origins import Origin

_SHOWN = 200
"""Characters of a record's text that its reject holds."""


@dataclass(frozen=True)
class Record:
    """One instruction with its answer, and where it came from."""

    messages: tuple[dict[str, str], ...]
    ability: str
    origin: Origin
    source: str
    file: str
    line: int
    generator: str | None = None
    license: str | None = None
    choices: tuple[str, ...] = ()
    answer: str | None = None

    @cached_property
    def id(self) -> str:
        """The hash of the messages: equal text, equal id, wherever it came from."""
        return messages_id(self.messages)

    @property
    def prompt(self) -> tuple[dict[str, str], ...]:
        """The messages before the last answer."""
        return self.messages[:-1]

    @property
    def reply(self) -> str:
        """The last answer."""
        return self.messages[-1]["content"]

    @cached_property
    def prompt_id(self) -> str:
        """The hash of the prompt, blind to case and white space."""
        return prompt_id(self.messages)

    @property
    def size(self) -> int:
        """Characters in all messages."""
        return sum(len(m["content"]) for m in self.messages)

    def rejected(self, step: str, reason: str, text: str | None = None) -> "Reject":
        """Return the account of leaving this record out; `text` is shown, or the first message."""
        shown = self.messages[0]["content"] if text is None else text
        return Reject(self.source, self.file, self.line, step, reason, shown[:_SHOWN], self.id)

    def row(self) -> dict[str, Any]:
        """Return the record in the form of the `RECORD` table."""
        return {
            "id": self.id,
            "ability": self.ability,
            "origin": self.origin,
            "source": self.source,
            "generator": self.generator,
            "messages": list(self.messages),
            "prompt_id": self.prompt_id,
            "license": self.license,
            "meta": canonical_json({"line": self.line}),
        }


@dataclass(frozen=True)
class Reject:
    """A row that was read and not kept."""

    source: str
    file: str
    line: int
    step: str
    reason: str
    text: str = ""
    id: str | None = None


def messages_id(messages: Sequence[Mapping[str, str]]) -> str:
    """Return the hash of the messages: of their canonical JSON, as pairs of role and content."""
    return digest([[m["role"], m["content"]] for m in messages])


def prompt_id(messages: Sequence[Mapping[str, str]]) -> str:
    """Return the hash of all messages but the last, blind to case and white space."""
    return digest_text("\x1f".join(folded(m["content"]) for m in messages[:-1]))


def folded(text: str) -> str:
    """Return `text` with case, accents' spelling and white space made equal, for comparison."""
    if text.isascii():
        # What follows does the same to it, several times slower.
        return " ".join(text.lower().split())
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()
