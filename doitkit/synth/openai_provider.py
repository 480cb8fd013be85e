"""Answers from any OpenAI-compatible endpoint, through the openai client."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, cast

from doitkit.core.errors import ProviderError, UnreachableError, UsageError
from doitkit.recipe.data import Generator
from doitkit.synth.provider import Answer, Request

_CONCURRENT = 8
_RETRIES = 5
_TIMEOUT_S = 120.0
_BYTES_PER_TOKEN_AT_LEAST = 1.0
_TOKENS_PER_MESSAGE = 8


class OpenAIProvider:
    """One endpoint and model. Retryable failures are retried with backoff by the client."""

    whole_batches = False
    batch_size = 4 * _CONCURRENT

    def __init__(self, generator: Generator) -> None:
        from openai import OpenAI

        key = os.environ.get(generator.api_key_env)
        if not key:
            raise UsageError(
                "no API key for the generator",
                where=f"environment variable {generator.api_key_env}",
                why="it is not set",
                next_step=f"export {generator.api_key_env}=..., or name another variable with "
                "`api_key_env`; a local server usually takes any value",
            )
        self._client = OpenAI(
            api_key=key,
            base_url=generator.base_url,
            max_retries=_RETRIES,
            timeout=_TIMEOUT_S,
        )
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

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """Answer the batch over a few connections at a time."""
        failure: ProviderError | None = None
        with ThreadPoolExecutor(_CONCURRENT) as pool:
            futures = {pool.submit(self._one, request): i for i, request in enumerate(requests)}
            for future in as_completed(futures):
                try:
                    yield futures[future], future.result()
                except ProviderError as error:
                    failure = failure or error
        if failure is not None:
            raise failure

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _one(self, request: Request) -> Answer:
        import openai

        try:
            reply = self._client.chat.completions.create(
                model=self._generator.model,
                messages=cast(Any, list(request.messages)),
                max_tokens=self._generator.max_new_tokens,
                temperature=self._generator.temperature,
            )
        except openai.APIStatusError as error:
            raise ProviderError(
                f"the endpoint refused a request (HTTP {error.status_code})",
                where=str(error.request.url),
                why=_reason(error),
                next_step=_advice(error.status_code, self._generator),
            ) from error
        except openai.APIError as error:
            raise UnreachableError(
                "the endpoint cannot be reached",
                where=self._generator.base_url or "the default endpoint of the openai client",
                why=f"{type(error).__name__}, after {_RETRIES} retries",
                next_step="check `base_url` and the network; what was answered is kept",
            ) from error
        # Typed loosely: compatible servers leave out fields that the client's types promise.
        choice: Any = reply.choices[0] if reply.choices else None
        if choice is None or choice.message.content is None:
            raise ProviderError(
                "the endpoint sent an answer without text",
                where=self._generator.model,
                next_step="try another model; what was answered is kept",
            )
        used = reply.usage
        inputs = used.prompt_tokens if used else 0
        outputs = used.completion_tokens if used else 0
        return Answer(
            text=choice.message.content,
            finish_reason=choice.finish_reason or "stop",
            input_tokens=inputs,
            output_tokens=outputs,
            usd=self._usd(inputs, outputs) if used else self.most_usd(request),
        )

    def _usd(self, inputs: float, outputs: float) -> float:
        return (
            inputs / 1000 * self._generator.usd_per_1k_input
            + outputs / 1000 * self._generator.usd_per_1k_output
        )


def _reason(error: Any) -> str:
    body = error.body if isinstance(error.body, dict) else {}
    return str(body.get("message") or error.message)[:300]


def _advice(status: int, generator: Generator) -> str:
    if status in (401, 403):
        return f"check the key in {generator.api_key_env}"
    if status == 404:
        return f"check `model: {generator.model}` and `base_url`"
    if status == 429:
        return "wait, or ask the endpoint for a higher rate; what was answered is kept"
    return "correct the generator in the recipe; what was answered is kept"
