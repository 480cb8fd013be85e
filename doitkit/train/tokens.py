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
    """The tokens of one record. `labels` equal `input_ids` on what is trained, else -100."""

    input_ids: list[int]
    labels: list[int]

    @property
    def trained(self) -> int:
        """How many tokens carry loss."""
        return sum(label != IGNORED for label in self.labels)


def encode(tokenizer: Any, messages: Sequence[dict[str, str]]) -> Encoded:
    """Return the tokens of a chat, labelled on every assistant turn up to its end mark.

    The spans are found in the rendered text, by rendering the chat up to each turn, so that
    templates need no generation markers.

    Raises
    ------
    ModelError
        If the chat template rewrites earlier turns, so that the spans cannot be told.
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
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids: list[int] = list(encoded["input_ids"])
    labels = [
        token if _inside(start, end, spans) else IGNORED
        for token, (start, end) in zip(ids, encoded["offset_mapping"], strict=True)
    ]
    return Encoded(ids, labels)


def _common_start(one: str, other: str) -> str:
    pairs = enumerate(zip(one, other, strict=False))
    return one[: next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))]


def _inside(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return start < end and any(first <= start and end <= last for first, last in spans)
