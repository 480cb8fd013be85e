"""What a generator will be asked, and the most that it can cost: the plan and the sender agree."""

from collections.abc import Iterable, Mapping

from doitkit.core.records import Record
from doitkit.recipe.data import AnswerMethod, Generator

Messages = tuple[dict[str, str], ...]

_TOKENS_PER_MESSAGE = 8


def messages_to_send(record: Record, method: AnswerMethod) -> Messages:
    """Return the prompt of `record` as it is sent: an instruction replaces system messages."""
    if method.instruction is None:
        return record.prompt
    rest = tuple(m for m in record.prompt if m["role"] != "system")
    return ({"role": "system", "content": method.instruction}, *rest)


def most_usd(generator: Generator, messages: Iterable[Mapping[str, str]]) -> float:
    """Return the most that one request can cost.

    Every byte counts as a token, since no tokenizer makes more of them, with a few around each
    message; and the answer counts at its limit.
    """
    inputs = sum(len(m["content"].encode()) + _TOKENS_PER_MESSAGE for m in messages)
    return usd(generator, inputs, generator.max_new_tokens)


def usd(generator: Generator, inputs: int, outputs: int) -> float:
    """Return the price of this many tokens."""
    return inputs / 1000 * generator.usd_per_1k_input + outputs / 1000 * generator.usd_per_1k_output
