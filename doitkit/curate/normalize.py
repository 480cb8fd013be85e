"""One spelling for equal text."""

import re
import unicodedata
from dataclasses import replace

from doitkit.core.records import Record

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")
_TRAILING = re.compile(r"[ \t\u00a0\u3000]+(?=\n)")


def normalize_text(text: str) -> str:
    """Return `text` in its one spelling.

    NFC, Unix line ends, no control characters, no white space at the ends of lines and of the
    whole.
    """
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    # After the control characters: one of them may have kept a letter and its accent apart.
    return _TRAILING.sub("", unicodedata.normalize("NFC", text)).strip()


def normalize(record: Record) -> Record:
    """Return the record with every text normalised."""
    return replace(
        record,
        messages=tuple(
            {"role": m["role"], "content": normalize_text(m["content"])} for m in record.messages
        ),
        choices=tuple(normalize_text(choice) for choice in record.choices),
        answer=None if record.answer is None else normalize_text(record.answer),
    )
