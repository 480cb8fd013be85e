"""Rows of one instruction and its answer: `alpaca` and `prompt_completion`."""

from typing import Any

from doitkit.source.formats.chat import Chat, RowError, one_turn, text_of
from doitkit.source.formats.choices import choices_of


def alpaca(row: dict[str, Any]) -> Chat:
    """Return an instruction, with its input below it, and the output."""
    prompt = text_of(row, "instruction")
    extra = text_of(row, "input", needed=False)
    if extra:
        prompt = f"{prompt}\n\n{extra}"
    return Chat(one_turn(row, prompt, text_of(row, "output")))


def prompt_completion(row: dict[str, Any]) -> Chat:
    """Return a prompt and its completion, which is one of the `choices` where these are given."""
    reply = text_of(row, "completion")
    choices = choices_of(row) if row.get("choices") is not None else ()
    if choices and reply not in choices:
        raise RowError(f"`completion` is none of the {len(choices)} choices")
    return Chat(one_turn(row, text_of(row, "prompt"), reply), choices, reply)
