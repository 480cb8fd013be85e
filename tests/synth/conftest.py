from collections.abc import Iterator

import pytest

from tests.synth.endpoint import Endpoint

KEY = "sk-test-0123456789abcdef"


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """A chat completions server; the key for it is in the environment."""
    monkeypatch.setenv("TEACHER_KEY", KEY)
    with Endpoint() as server:
        yield server
