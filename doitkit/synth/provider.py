"""What every source of generated answers can do, whatever stands behind it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from doitkit.core.errors import ProviderError
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


Again = Callable[[int, ProviderError], None]
"""Enters one more attempt at a request (its place, what the last attempt met) that is about to
be sent. Raises `CapReachedError` if a cap forbids it."""


class Provider(Protocol):
    """Answers requests. Two ship: an OpenAI-compatible endpoint, and a local model folder."""

    identity: dict[str, Any]
    """All that decides about an answer besides the request: model, settings. No secrets."""

    batch_size: int | None
    """How many requests are answered together, if an answer may depend on its batch (floating
    point on a local model). Such a batch is answered as a whole or not at all, so that a killed
    job that is run again gives the same answers. None if each request stands alone, is sent to
    somebody, and so counts against the caps."""

    def open(self) -> None:
        """Get ready to answer, unless it is: load the model, or read the key.

        Raises
        ------
        UsageError
            If it cannot answer as it is declared.
        """

    def answer(
        self, requests: Iterable[Request], again: Again
    ) -> Iterator[tuple[int, Answer | ProviderError]]:
        """Answer requests; yield (place in the order, answer or error) as each one arrives.

        A request is taken from the iterator when it is about to be sent, and not before, and
        `again` is called before it is sent once more. After an error none is taken any more.
        """

    def close(self) -> None:
        """Let go of connections and memory."""
