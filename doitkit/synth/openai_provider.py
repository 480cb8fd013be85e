"""Answers from any OpenAI-compatible endpoint, through the openai client."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Any

from doitkit.core.errors import CapReachedError, ProviderError, UnreachableError, UsageError
from doitkit.recipe.data import Generator
from doitkit.synth.provider import Answer, Request

_CONCURRENT = 8
_RETRIES = 5
_TIMEOUT_S = 120.0
_BYTES_PER_TOKEN_AT_LEAST = 1.0
_TOKENS_PER_MESSAGE = 8


class OpenAIProvider:
    """One endpoint and model. Retryable failures are retried with backoff by the client."""

    batch_size: int | None = None

    def __init__(self, generator: Generator) -> None:
        self._client: Any = None
        self._generator = generator
        self.identity = {
            "provider": "openai",
            "base_url": generator.base_url,
            "model": generator.model,
            "max_new_tokens": generator.max_new_tokens,
            "temperature": generator.temperature,
        }

    def most_usd(self, request: Request) -> float:
        """Return the cost if every byte were a token and the answer ran to its limit."""
        size = sum(len(m["content"].encode()) for m in request.messages)
        tokens = size / _BYTES_PER_TOKEN_AT_LEAST + _TOKENS_PER_MESSAGE * len(request.messages)
        return self._usd(tokens, self._generator.max_new_tokens)

    def open(self) -> None:
        """Read the key; nothing is sent yet."""
        from openai import OpenAI

        if self._client is not None:
            return
        name = self._generator.api_key_env
        self._key = os.environ.get(name, "")
        if not self._key:
            raise UsageError(
                "no API key for the generator",
                where=f"environment variable {name}",
                why="it is not set",
                next_step=f"export {name}=..., or name another variable with `api_key_env`; "
                "a local server usually takes any value",
            )
        self._client = OpenAI(
            api_key=self._key,
            base_url=self._generator.base_url,
            max_retries=_RETRIES,
            timeout=_TIMEOUT_S,
        )

    def answer(self, requests: Iterable[Request]) -> Iterator[tuple[int, Answer | ProviderError]]:
        """Answer over a few connections at a time.

        Whatever ends it early, a cap or the keyboard, what is under way is waited for first: it
        will be charged for.
        """
        under_way: dict[Future[Answer | ProviderError], int] = {}
        left = enumerate(requests)
        sending = True
        ended: BaseException | None = None
        with ThreadPoolExecutor(_CONCURRENT) as pool:
            while sending or under_way:
                try:
                    if sending:
                        for index, request in islice(left, _CONCURRENT - len(under_way)):
                            under_way[pool.submit(self._one, request)] = index
                        sending = len(under_way) == _CONCURRENT
                    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
                except (CapReachedError, KeyboardInterrupt) as reason:
                    if ended is not None:
                        raise
                    sending, ended = False, reason
                    continue
                for future in done:
                    outcome = future.result()
                    sending = sending and isinstance(outcome, Answer)
                    yield under_way.pop(future), outcome
        if ended is not None:
            raise ended

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()

    def _one(self, request: Request) -> Answer | ProviderError:
        import openai

        try:
            # Typed loosely: compatible servers leave out what the client's types promise.
            reply: Any = self._client.chat.completions.create(
                model=self._generator.model,
                messages=list(request.messages),
                max_tokens=self._generator.max_new_tokens,
                temperature=self._generator.temperature,
            )
            choice = reply.choices[0]
            text = choice.message.content or ""
        except openai.APIStatusError as error:
            return ProviderError(
                f"the endpoint refused a request (HTTP {error.status_code})",
                where=str(error.request.url),
                why=self._reason(error),
                next_step=_advice(error.status_code, self._generator),
            )
        except openai.APIError as error:
            return UnreachableError(
                "the endpoint cannot be reached",
                where=self._generator.base_url or "the default endpoint of the openai client",
                why=f"{type(error).__name__}, after {_RETRIES} retries",
                next_step="check `base_url` and the network; what was answered is kept",
            )
        except (ValueError, AttributeError, LookupError, TypeError) as error:
            return ProviderError(
                "what the endpoint sent is not a chat completion",
                where=self._generator.base_url,
                why=f"it cannot be read as one ({type(error).__name__})",
                next_step="check `base_url`, which usually ends in /v1; what was answered is kept",
            )
        used = reply.usage
        inputs = used.prompt_tokens if used else 0
        outputs = used.completion_tokens if used else 0
        return Answer(
            text=text.encode("utf-8", "replace").decode(),
            finish_reason=choice.finish_reason or "stop",
            input_tokens=inputs,
            output_tokens=outputs,
            usd=self._usd(inputs, outputs) if used else self.most_usd(request),
        )

    def _reason(self, error: Any) -> str:
        body = error.body if isinstance(error.body, dict) else {}
        said = " ".join(str(body.get("message") or error.message).split())
        return said.replace(self._key, "[key]")[:300]

    def _usd(self, inputs: float, outputs: float) -> float:
        return (
            inputs / 1000 * self._generator.usd_per_1k_input
            + outputs / 1000 * self._generator.usd_per_1k_output
        )


def _advice(status: int, generator: Generator) -> str:
    if status in (401, 403):
        return f"check the key in {generator.api_key_env}"
    if status == 404:
        return f"check `model: {generator.model}` and `base_url`"
    if status == 429:
        return "wait, or ask the endpoint for a higher rate; what was answered is kept"
    return "correct the generator in the recipe; what was answered is kept"
