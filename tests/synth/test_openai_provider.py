"""The real openai client against a real server: what is answered, paid, retried and refused."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from doitkit.core.errors import ProviderError, UnreachableError, UsageError
from doitkit.plan import most_usd
from doitkit.recipe.data import Generator
from doitkit.synth import openai_provider
from doitkit.synth.openai_provider import OpenAIProvider
from doitkit.synth.provider import Answer, Request
from tests.synth.conftest import KEY
from tests.synth.endpoint import Endpoint, Reply, completion, refusal

SCREEN_LINES, SCREEN_COLUMNS = 8, 400


def generator(url: str, **declared: object) -> Generator:
    return Generator.model_validate(
        {
            "provider": "openai",
            "model": "teacher-1",
            "base_url": url,
            "api_key_env": "TEACHER_KEY",
            "max_new_tokens": 20,
            "temperature": 0.5,
            "usd_per_1k_input": 1.0,
            "usd_per_1k_output": 3.0,
            **declared,
        }
    )


def again(index: int, error: ProviderError) -> None:
    """Enter nothing: there is no cap here."""


def ask(url: str, *prompts: str) -> list[Answer | ProviderError]:
    provider = OpenAIProvider(generator(url))
    provider.open()
    try:
        requests = [Request(({"role": "user", "content": p},)) for p in prompts]
        outcomes = sorted(provider.answer(requests, again), key=lambda o: o[0])
        return [outcome for _, outcome in outcomes]
    finally:
        provider.close()


def refused(url: str) -> ProviderError:
    (outcome,) = ask(url, "Hello")
    assert isinstance(outcome, ProviderError)
    shown = str(outcome)
    assert outcome.exit_code == 1
    assert len(shown.splitlines()) <= SCREEN_LINES
    assert max(map(len, shown.splitlines())) <= SCREEN_COLUMNS
    assert KEY not in shown
    return outcome


def test_an_answer_comes_with_its_usage_and_its_price(endpoint: Endpoint) -> None:
    endpoint.respond = lambda *_: completion("Hi", usage=(40, 6), finish="length")
    (found,) = ask(endpoint.url, "Hello")
    assert found == Answer("Hi", "length", 40, 6, usd=pytest.approx(0.040 + 0.018))
    (body,) = endpoint.asked
    assert body["messages"] == [{"role": "user", "content": "Hello"}]
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("teacher-1", 20, 0.5)
    assert endpoint.keys == [f"Bearer {KEY}"]


def test_many_requests_are_answered_each_by_its_own(endpoint: Endpoint) -> None:
    prompts = [f"prompt {i}" for i in range(30)]
    found = ask(endpoint.url, *prompts)
    assert [a.text for a in found if isinstance(a, Answer)] == [f"You said: {p}" for p in prompts]
    assert sorted(endpoint.prompts) == sorted(prompts)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
def test_what_passes_is_tried_again(endpoint: Endpoint, status: int) -> None:
    endpoint.respond = lambda _, n: refusal(status, "busy") if n < 3 else completion("Hi")
    (found,) = ask(endpoint.url, "Hello")
    assert isinstance(found, Answer)
    assert len(endpoint.asked) == 3


def test_what_does_not_pass_is_given_up(endpoint: Endpoint) -> None:
    endpoint.respond = lambda *_: refusal(429, "slow down")
    assert "slow down" in str(refused(endpoint.url))
    assert len(endpoint.asked) == 1 + openai_provider._RETRIES


def test_the_pause_that_the_endpoint_asks_for_is_kept(endpoint: Endpoint) -> None:
    busy = Reply({"error": {"message": "busy"}}, 503, headers={"retry-after": "1"})
    endpoint.respond = lambda _, n: busy if n == 1 else completion("Hi")
    start = time.monotonic()
    (found,) = ask(endpoint.url, "Hello")
    assert isinstance(found, Answer)
    assert 1.0 <= time.monotonic() - start < 5.0


def test_a_pause_longer_than_anyone_waits_is_not_begun(endpoint: Endpoint) -> None:
    tomorrow = Reply({"error": {"message": "quota"}}, 429, headers={"retry-after": "86400"})
    endpoint.respond = lambda *_: tomorrow
    assert "quota" in str(refused(endpoint.url))
    assert len(endpoint.asked) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_the_three_ways_to_ask_for_a_pause(headers: dict[str, str], seconds: float | None) -> None:
    assert openai_provider._retry_after(headers) == seconds


def test_the_trouble_of_a_server_is_not_blamed_on_the_recipe(endpoint: Endpoint) -> None:
    endpoint.respond = lambda *_: refusal(500, "out of order")
    shown = str(refused(endpoint.url))
    assert "wait and run it again" in shown
    assert "recipe" not in shown


def test_a_wrong_key_is_said_without_showing_it(endpoint: Endpoint) -> None:
    endpoint.respond = lambda *_: refusal(401, f"Incorrect API key provided: {KEY}.")
    shown = str(refused(endpoint.url))
    assert "401" in shown
    assert "TEACHER_KEY" in shown
    assert len(endpoint.asked) == 1


def test_an_unknown_model_is_named(endpoint: Endpoint) -> None:
    endpoint.respond = lambda *_: refusal(404, "The model does not exist")
    shown = str(refused(endpoint.url))
    assert "404" in shown
    assert "model: teacher-1" in shown


def test_a_page_in_place_of_an_error_fits_on_a_screen(endpoint: Endpoint) -> None:
    page = "<html>\n" + "<p>Bad gateway</p>\n" * 500
    endpoint.respond = lambda *_: Reply(page, 400, "text/html")
    refused(endpoint.url)


@pytest.mark.parametrize(
    "reply",
    [
        Reply("<html>Welcome to our site</html>", content_type="text/html"),
        Reply('{"choices": [', content_type="application/json"),
        Reply({"choices": []}),
        Reply({"error": {"message": "model is loading"}}),
        Reply({"choices": [{"index": 0, "finish_reason": "stop"}]}),
        Reply([1, 2]),
    ],
    ids=["page", "half", "no-choice", "error", "no-message", "list"],
)
def test_what_is_no_answer_is_refused(endpoint: Endpoint, reply: Reply) -> None:
    endpoint.respond = lambda *_: reply
    assert "base_url" in str(refused(endpoint.url))


@pytest.mark.parametrize("text", [None, ""])
def test_an_empty_answer_was_paid_and_is_kept_as_such(endpoint: Endpoint, text: str | None) -> None:
    endpoint.respond = lambda *_: completion(text, usage=(10, 20), finish="length")
    (found,) = ask(endpoint.url, "Hello")
    assert found == Answer("", "length", 10, 20, usd=pytest.approx(0.070))


def test_an_answer_without_usage_counts_at_its_full_price(endpoint: Endpoint) -> None:
    endpoint.respond = lambda *_: completion("Hi", usage=None)
    (found,) = ask(endpoint.url, "Hello")
    most = most_usd(generator(endpoint.url), [{"role": "user", "content": "Hello"}])
    assert found == Answer("Hi", "stop", 0, 0, usd=most)


def test_half_a_surrogate_pair_does_not_reach_the_files(endpoint: Endpoint) -> None:
    endpoint.respond = lambda *_: completion("ha \ud83d")
    (found,) = ask(endpoint.url, "Hello")
    assert isinstance(found, Answer)
    assert found.text.encode().startswith(b"ha ")


def test_the_most_a_request_can_cost_is_never_passed() -> None:
    long = [{"role": "user", "content": "\u4f60\u597d" * 100}]
    # A token stands for one byte at least, so 600 bytes are at most 600 tokens.
    assert most_usd(generator("http://127.0.0.1:1/v1"), long) == pytest.approx(0.6 + 0.008 + 0.060)


def test_after_a_refusal_nothing_more_is_sent(endpoint: Endpoint) -> None:
    endpoint.delay_s = 0.05
    endpoint.respond = lambda *_: refusal(401, "no")
    found = ask(endpoint.url, *[f"prompt {i}" for i in range(32)])
    assert len(found) == len(endpoint.asked)
    assert len(found) <= 2 * openai_provider._CONCURRENT
    assert all(isinstance(outcome, ProviderError) for outcome in found)


def test_an_interrupt_waits_for_the_answers_under_way(endpoint: Endpoint) -> None:
    endpoint.delay_s = 0.05

    def requests() -> Iterator[Request]:
        for i in range(10):
            yield Request(({"role": "user", "content": f"prompt {i}"},))
        raise KeyboardInterrupt

    provider = OpenAIProvider(generator(endpoint.url))
    provider.open()
    outcomes = provider.answer(requests(), again)
    arrived = [next(outcomes) for _ in range(10)]
    assert sorted(index for index, _ in arrived) == list(range(10))
    assert all(isinstance(outcome, Answer) for _, outcome in arrived)
    with pytest.raises(KeyboardInterrupt):
        next(outcomes)
    provider.close()


def test_a_closed_port_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEACHER_KEY", KEY)
    monkeypatch.setattr(openai_provider, "_RETRIES", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
    error = refused(url)
    assert isinstance(error, UnreachableError)
    assert url in str(error)


def test_a_missing_key_is_a_wrong_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEACHER_KEY", raising=False)
    with pytest.raises(UsageError) as caught:
        OpenAIProvider(generator("http://127.0.0.1:1/v1")).open()
    assert caught.value.exit_code == 2
    assert "export TEACHER_KEY" in str(caught.value)


def test_the_identity_tells_settings_apart_and_holds_no_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TEACHER_KEY", KEY)
    request = Request(({"role": "user", "content": "Hello"},))
    url = "http://127.0.0.1:1/v1"
    declared: list[dict[str, object]] = [
        {},
        {"model": "teacher-2"},
        {"temperature": 1.0},
        {"max_new_tokens": 21},
        {"base_url": "http://127.0.0.1:2/v1"},
    ]
    providers = [OpenAIProvider(generator(url, **d)) for d in declared]
    assert len({request.key(p.identity) for p in providers}) == len(declared)
    assert all(KEY not in str(p.identity) for p in providers)
    priced = OpenAIProvider(generator(url, usd_per_1k_input=9.0))
    assert request.key(priced.identity) == request.key(providers[0].identity)
