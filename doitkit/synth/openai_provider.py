"""Answers from any OpenAI-compatible endpoint, through the openai client."""

import os
import random
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any

from doitkit.core.errors import CapReachedError, ProviderError, UnreachableError, UsageError
from doitkit.plan import most_usd, usd
from doitkit.recipe.data import Generator
from doitkit.recipe.environment import from_environment
from doitkit.synth.provider import Again, Answer, Request

_CONCURRENT = 8
_RETRIES = 5
_TIMEOUT_S = 120.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 60.0
_PASSING = {408, 409, 429}
_SERVER_ERROR = 500


@dataclass(frozen=True)
class _Attempt:
    """A request under way: its place, and how often it was sent before."""

    index: int
    request: Request
    before: int = 0


@dataclass(frozen=True)
class _Trouble:
    """An attempt that failed, and for how long to wait before the next one; None for no next."""

    error: ProviderError
    wait_s: float | None = None


class OpenAIProvider:
    """One endpoint and model. What may pass is tried again, with growing pauses.

    The client's own retries are off: every request on the wire is entered in the ledger first.
    """

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
        address = self._generator.base_url
        self._client = OpenAI(
            api_key=self._key,
            base_url=address and from_environment(address),
            max_retries=0,
            timeout=_TIMEOUT_S,
        )

    def answer(
        self, requests: Iterable[Request], again: Again
    ) -> Iterator[tuple[int, Answer | ProviderError]]:
        """Answer over a few connections at a time.

        Whatever ends it early, a cap or the keyboard, what is under way is waited for first: it
        will be charged for.
        """
        under_way: dict[Future[Answer | _Trouble], _Attempt] = {}
        left = enumerate(requests)
        sending = True
        ended: BaseException | None = None
        stop = threading.Event()
        with ThreadPoolExecutor(_CONCURRENT) as pool:
            try:
                while sending or under_way:
                    try:
                        if sending:
                            for index, request in islice(left, _CONCURRENT - len(under_way)):
                                first = _Attempt(index, request)
                                under_way[pool.submit(self._one, first)] = first
                            sending = len(under_way) == _CONCURRENT
                        done, _ = wait(under_way, return_when=FIRST_COMPLETED)
                    except (CapReachedError, KeyboardInterrupt) as reason:
                        if ended is not None:
                            raise
                        sending, ended = False, reason
                        stop.set()
                        continue
                    for future in done:
                        attempt, outcome = under_way.pop(future), future.result()
                        if isinstance(outcome, Answer):
                            yield attempt.index, outcome
                            continue
                        if not stop.is_set() and _entered(attempt, outcome, again):
                            more = _Attempt(attempt.index, attempt.request, attempt.before + 1)
                            under_way[pool.submit(self._one, more, outcome, stop)] = more
                            continue
                        sending = False
                        stop.set()
                        yield attempt.index, outcome.error
            finally:
                stop.set()
        if ended is not None:
            raise ended

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()

    def _one(
        self,
        attempt: _Attempt,
        last: _Trouble | None = None,
        stop: threading.Event | None = None,
    ) -> Answer | _Trouble:
        """Send a request once, after the pause that the last attempt asks for."""
        import openai

        if last is not None and stop is not None and stop.wait(last.wait_s):
            return _Trouble(last.error)
        try:
            # Typed loosely: compatible servers leave out what the client's types promise.
            reply: Any = self._client.chat.completions.create(
                model=self._generator.model,
                messages=list(attempt.request.messages),
                max_tokens=self._generator.max_new_tokens,
                temperature=self._generator.temperature,
            )
            choice = reply.choices[0]
            text = choice.message.content or ""
        except openai.APIStatusError as error:
            refusal = ProviderError(
                f"the endpoint refused a request (HTTP {error.status_code})",
                where=str(error.request.url),
                why=self._reason(error),
                next_step=_advice(error.status_code, self._generator),
            )
            return _Trouble(refusal, _wait(error, attempt.before))
        except openai.APIError as error:
            unreachable = UnreachableError(
                "the endpoint cannot be reached",
                where=self._generator.base_url or "the default endpoint of the openai client",
                why=f"{type(error).__name__}, after {attempt.before} retries",
                next_step="check `base_url` and the network; what was answered is kept",
            )
            return _Trouble(unreachable, _backoff(attempt.before))
        except (ValueError, AttributeError, LookupError, TypeError) as error:
            return _Trouble(
                ProviderError(
                    "what the endpoint sent is not a chat completion",
                    where=self._generator.base_url,
                    why=f"it cannot be read as one ({type(error).__name__})",
                    next_step="check `base_url`, which usually ends in /v1; "
                    "what was answered is kept",
                )
            )
        used = reply.usage
        inputs = used.prompt_tokens if used else 0
        outputs = used.completion_tokens if used else 0
        return Answer(
            text=text.encode("utf-8", "replace").decode(),
            finish_reason=choice.finish_reason or "stop",
            input_tokens=inputs,
            output_tokens=outputs,
            usd=usd(self._generator, inputs, outputs)
            if used
            else most_usd(self._generator, attempt.request.messages),
        )

    def _reason(self, error: Any) -> str:
        body = error.body if isinstance(error.body, dict) else {}
        said = " ".join(str(body.get("message") or error.message).split())
        return said.replace(self._key, "[key]")[:300]


def _entered(attempt: _Attempt, trouble: _Trouble, again: Again) -> bool:
    """Enter one more attempt, if there is to be one and the caps allow it."""
    if trouble.wait_s is None or attempt.before >= _RETRIES:
        return False
    try:
        again(attempt.index, trouble.error)
    except CapReachedError as reason:
        trouble.error.why = f"{trouble.error.why}; not tried again: {reason.what}"
        return False
    return True


def _wait(error: Any, before: int) -> float | None:
    """Return for how long to wait before asking again, or None if asking is of no use."""
    if error.status_code not in _PASSING and error.status_code < _SERVER_ERROR:
        return None
    asked = _retry_after(error.response.headers)
    if asked is None:
        return _backoff(before)
    return asked if asked <= _LONGEST_WAIT_S else None


def _retry_after(headers: Any) -> float | None:
    """Return the seconds that an endpoint asks to wait, given in any of three ways."""
    try:
        return max(0.0, float(headers["retry-after-ms"]) / 1000)
    except (KeyError, ValueError):
        pass
    said = headers.get("retry-after", "")
    try:
        return max(0.0, float(said))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except ValueError:
        return None


def _backoff(before: int) -> float:
    # With chance in it, so that requests refused together do not come back together.
    return _FIRST_WAIT_S * 2.0**before * random.uniform(0.75, 1.0)


def _advice(status: int, generator: Generator) -> str:
    if status in (401, 403):
        return f"check the key in {generator.api_key_env}"
    if status == 404:
        return f"check `model: {generator.model}` and `base_url`"
    if status == 429:
        return "wait, or ask the endpoint for a higher rate; what was answered is kept"
    if status in _PASSING or status >= _SERVER_ERROR:
        return "the endpoint's own trouble: wait and run it again; what was answered is kept"
    return "correct the generator in the recipe; what was answered is kept"
