"""The content of a message, also where it is given in parts of text, images and sounds."""

from typing import Any

from doitkit.source.formats.chat import RowError

_TEXTS = ("text", "input_text", "output_text")
_HELD = {"image": "an image", "video": "a video", "audio": "audio", "file": "a file"}


def content_text(content: Any, number: int) -> str:
    """Return the text of a message, its parts on lines of their own; empty where there is none.

    Parameters
    ----------
    number
        Which message of the chat it is, from 1, for the reason.

    Raises
    ------
    RowError
        If a part is not text.
    """
    if isinstance(content, str):
        return content if content.strip() else ""
    if not isinstance(content, list):
        return ""
    texts = [_part_text(part, number) for part in content if part is not None]
    return "\n".join(text for text in texts if text.strip())


def are_parts(content: Any) -> bool:
    """Say whether content is a list of parts of a message."""
    return isinstance(content, list) and all(
        isinstance(part, str) or (isinstance(part, dict) and isinstance(part.get("type"), str))
        for part in content
    )


def _part_text(part: Any, number: int) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        raise RowError(f"message {number} holds a part that is not text")
    kind, text = part.get("type"), part.get("text")
    if isinstance(text, str) and (kind is None or kind in _TEXTS):
        return text
    for word, held in _HELD.items():
        if word in str(kind) or part.get(word) is not None or part.get(f"{word}_url") is not None:
            raise RowError(f"message {number} holds {held}; only text is trained on")
    raise RowError(f"message {number} holds a part of the type {kind!r}; only text is trained on")
