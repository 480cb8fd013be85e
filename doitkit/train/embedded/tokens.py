"""From messages to tokens, with the loss on the assistant's turns alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from doitkit.core.errors import ModelError

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
    text = _render(tokenizer, chat, prompt=False)
    spans: list[tuple[int, int]] = []
    for index, message in enumerate(chat):
        if message["role"] != "assistant":
            continue
        before = _render(tokenizer, chat[:index], prompt=True)
        after = _render(tokenizer, chat[: index + 1], prompt=False).rstrip()
        if not text.startswith(before) or not text.startswith(after):
            raise ModelError(
                "the chat template rewrites earlier turns when a turn is added",
                why="the assistant's turns cannot be told apart in the rendered text",
                next_step="use a tokenizer whose template only appends, or single-turn data",
            )
        spans.append((len(before), len(after)))
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids: list[int] = list(encoded["input_ids"])
    labels = [
        token if _inside(start, end, spans) else IGNORED
        for token, (start, end) in zip(ids, encoded["offset_mapping"], strict=True)
    ]
    return Encoded(ids, labels)


def _render(tokenizer: Any, chat: list[dict[str, str]], *, prompt: bool) -> str:
    return str(tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=prompt))


def _inside(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return start < end and any(first <= start and end <= last for first, last in spans)
