"""What every source of generated answers can do, whatever stands behind it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from doitkit.core.hashing import digest


@dataclass(frozen=True)
class Request:
    """One prompt to be answered: the messages before the answer."""

    messages: tuple[dict[str, str], ...]

    def key(self, identity: dict[str, Any]) -> str:
        """Return the content key: what is asked, and of whom, with which settings."""
        return digest([identity, list(self.messages)])


@dataclass(frozen=True)
class Answer:
    """What came back, and what it cost."""

    text: str
    finish_reason: str
    input_tokens: int
    output_tokens: int
    usd: float


class Provider(Protocol):
    """Answers requests. Two ship: an OpenAI-compatible endpoint, and a local model folder."""

    identity: dict[str, Any]
    """All that decides about an answer besides the request: model, settings. No secrets."""

    batch_size: int
    """How many requests it likes to be given together."""

    whole_batches: bool
    """True if an answer may depend on the batch it is computed in (floating point on a local
    model): a batch is then answered as a whole or not at all, so that a killed job that is run
    again gives the same answers."""

    def most_usd(self, request: Request) -> float:
        """Return the most that `request` can cost."""

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """Answer a batch; yield (index in the batch, answer) as each one arrives.

        Raises
        ------
        ProviderError
            If a request failed for good, after the answers that did arrive were yielded.
        """

    def close(self) -> None:
        """Let go of connections and memory."""
