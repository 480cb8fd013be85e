"""One spelling for equal text."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace

import polars as pl

from doitkit.core.records import Record

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")
_PLAIN = re.compile(r"[ -~\n]*")
_ODD = r"[^ -~\n]|[ ]\n"
"""What a text holds that needs more than its ends stripped."""
_COMPOSED = (
    r"\x00-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u21ff"
    r"\u3001-\u3029\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60"
)
"""Characters that NFC leaves as they are, whatever stands before and after."""
_TRAILING = re.compile(r"[ \t\u00a0\u3000]+(?=\n)")


def normalize_text(text: str) -> str:
    """Return `text` in its one spelling.

    NFC, Unix line ends, no control characters, no white space at the ends of lines and of the
    whole.
    """
    if _PLAIN.fullmatch(text) and " \n" not in text:
        # Most texts are spelled right already, and this is seen fast.
        return text.strip(" \n")
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    # After the control characters: one of them may have kept a letter and its accent apart.
    return _TRAILING.sub("", unicodedata.normalize("NFC", text)).strip()


def normalize_texts(texts: pl.Series) -> pl.Series:
    """Return texts in their one spelling, as `normalize_text` gives it for each."""
    odd = texts.str.contains(_ODD).arg_true()
    # White space that Polars would leave at the ends is a control character, and so odd.
    spelled = texts.str.strip_chars()
    if not len(odd):
        return spelled
    mended = (
        texts.gather(odd)
        .str.replace_all("\r\n", "\n", literal=True)
        .str.replace_all("\r", "\n", literal=True)
        .str.replace_all(_CONTROL.pattern, "")
    )
    composes = mended.str.contains(f"[^{_COMPOSED}]").arg_true()
    if len(composes):
        mended = mended.scatter(composes, mended.gather(composes).str.normalize("NFC"))
    mended = mended.str.replace_all(r"[ \t\u00a0\u3000]+\n", "\n").str.strip_chars()
    return spelled.scatter(odd, mended)


def normalized(messages: Iterable[Mapping[str, str]]) -> tuple[dict[str, str], ...]:
    """Return messages with every text normalised."""
    return tuple({"role": m["role"], "content": normalize_text(m["content"])} for m in messages)


def normalize(record: Record) -> Record:
    """Return the record with every text normalised."""
    return replace(
        record,
        messages=normalized(record.messages),
        choices=tuple(normalize_text(choice) for choice in record.choices),
        answer=None if record.answer is None else normalize_text(record.answer),
    )
