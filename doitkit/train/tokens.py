"""From messages to tokens, with the loss on the assistant's turns alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from doitkit.core.errors import ModelError
from doitkit.core.models import rendered

IGNORED = -100
"""The label that the loss skips."""


@dataclass(frozen=True)
class Encoded:
    """The tokens of one record.

    Attributes
    ----------
    input_ids
        Tokens, cut at the end where they were too many.
    labels
        Equal to `input_ids` on what is trained, else -100.
    trained_bytes
        Bytes of the text that is trained, as UTF-8.
    length
        Tokens before anything was cut.
    """

    input_ids: list[int]
    labels: list[int]
    trained_bytes: int
    length: int

    @property
    def trained(self) -> int:
        """How many tokens carry loss."""
        return sum(label != IGNORED for label in self.labels)


def encode(
    tokenizer: Any, messages: Sequence[dict[str, str]], *, most: int | None = None
) -> Encoded:
    """Return the tokens of a chat, labelled on every assistant turn up to its end mark.

    The spans are found in the rendered text, by rendering the chat up to each turn, so that
    templates need no generation markers.

    Parameters
    ----------
    most
        Cut what is beyond so many tokens.

    Raises
    ------
    ModelError
        If the chat template rewrites earlier turns, so that the spans cannot be told.
    """
    text, spans = answers(tokenizer, messages)
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    length = len(encoded["input_ids"])
    ids: list[int] = list(encoded["input_ids"][:most])
    offsets = encoded["offset_mapping"][:most]
    labels = [
        token if _inside(start, end, spans) else IGNORED
        for token, (start, end) in zip(ids, offsets, strict=True)
    ]
    until = max((end for _, end in offsets), default=0)
    trained = (text[start : min(end, until)] for start, end in spans if start < until)
    return Encoded(ids, labels, sum(len(part.encode()) for part in trained), length)


def answers(
    tokenizer: Any, messages: Sequence[dict[str, str]]
) -> tuple[str, list[tuple[int, int]]]:
    """Return a chat as one text, and where in it each of the assistant's turns begins and ends.

    Raises
    ------
    ModelError
        If the chat template rewrites earlier turns, so that they cannot be told.
    """
    chat = list(messages)
    text = rendered(tokenizer, chat, prompt=False)
    spans: list[tuple[int, int]] = []
    for index, message in enumerate(chat):
        if message["role"] != "assistant":
            continue
        before = rendered(tokenizer, chat[:index], prompt=True)
        so_far = rendered(tokenizer, chat[: index + 1], prompt=False).rstrip()
        # Some templates close a chat with a mark that does not stand where a turn follows.
        end = len(_common_start(text, so_far).rstrip())
        whole = end == len(so_far) or message["content"].strip() in text[len(before) : end]
        if not text.startswith(before) or not whole:
            raise ModelError(
                "the chat template rewrites turns when others follow",
                where=tokenizer.name_or_path,
                why="the assistant's turns cannot be told apart in the rendered text",
                next_step="use a tokenizer whose template only appends, or single-turn data",
            )
        spans.append((len(before), end))
    return text, spans


def _common_start(one: str, other: str) -> str:
    pairs = enumerate(zip(one, other, strict=False))
    return one[: next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))]


def _inside(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return start < end and any(first <= start and end <= last for first, last in spans)
