"""The account of requests: caps hold at their edge, and a kill loses nothing."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doitkit.core.errors import CapReachedError
from doitkit.core.workspace import Workspace
from doitkit.recipe.prices import Caps
from doitkit.synth import Ledger, Spending, spending_of
from doitkit.synth.ledger import LEDGER_FILE
from doitkit.synth.provider import Answer

LOOSE = Caps(usd=100.0, requests=100)


def answer(text: str, usd: float = 0.0) -> Answer:
    return Answer(text, "stop", input_tokens=3, output_tokens=2, usd=usd)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


def test_a_request_counts_at_its_full_price_until_it_is_settled(ledger: Ledger) -> None:
    first = ledger.reserve(LOOSE, "talk", "teacher", "a", 0.5)
    second = ledger.reserve(LOOSE, "talk", "teacher", "b", 0.25)
    assert ledger.spending() == Spending(2, 0.75)
    ledger.settle(first, "a", answer("yes", usd=0.125))
    assert ledger.spending() == Spending(2, 0.375)
    ledger.fail(second)
    assert ledger.spending() == Spending(2, 0.125)


def test_answers_are_found_by_key_and_cost_nothing_again(ledger: Ledger) -> None:
    number = ledger.reserve(LOOSE, "talk", "teacher", "a", 0.5)
    ledger.settle(number, "a", answer("yes", usd=0.125))
    assert ledger.answers(["a", "b"]) == {"a": answer("yes", usd=0.0)}


def test_the_first_answer_to_a_key_stays(ledger: Ledger) -> None:
    for text in ("first", "second"):
        number = ledger.reserve(LOOSE, "talk", "teacher", "a", 0.5)
        ledger.settle(number, "a", answer(text, usd=0.5))
    assert ledger.answers(["a"])["a"].text == "first"
    assert ledger.spending() == Spending(2, 1.0)


def test_an_answered_request_cannot_fail_afterwards(ledger: Ledger) -> None:
    number = ledger.reserve(LOOSE, "talk", "teacher", "a", 0.5)
    ledger.settle(number, "a", answer("yes", usd=0.5))
    ledger.fail(number)
    assert ledger.spending() == Spending(1, 0.5)


@settings(max_examples=12)
@given(n=st.integers(1, 12), cents=st.integers(1, 99))
def test_the_caps_hold_exactly_at_their_edge(
    tmp_path_factory: pytest.TempPathFactory, n: int, cents: int
) -> None:
    price = cents / 100
    ledger = Ledger(tmp_path_factory.mktemp("edge") / "ledger.sqlite")
    try:
        # Sums of cents are not exact in binary: the cap must take what arithmetic calls equal.
        caps = Caps(usd=n * cents / 100, requests=n)
        for i in range(n):
            ledger.reserve(caps, "talk", "teacher", str(i), price)
        before = ledger.spending()
        with pytest.raises(CapReachedError, match="requests"):
            ledger.reserve(caps, "talk", "teacher", "more", 0.0)
        wider = Caps(usd=caps.usd, requests=n + 1)
        with pytest.raises(CapReachedError, match="usd"):
            ledger.reserve(wider, "talk", "teacher", "more", 0.001)
        ledger.reserve(wider, "talk", "teacher", "free", 0.0)
        assert ledger.spending() == Spending(n + 1, before.usd)
    finally:
        ledger.close()


def test_a_request_that_would_pass_a_cap_is_not_entered(ledger: Ledger) -> None:
    caps = Caps(usd=1.0, requests=2)
    ledger.reserve(caps, "talk", "teacher", "a", 0.5)
    with pytest.raises(CapReachedError) as caught:
        ledger.reserve(caps, "talk", "teacher", "b", 0.75)
    assert caught.value.exit_code == 1
    assert "caps.usd" in str(caught.value)
    ledger.reserve(caps, "talk", "teacher", "b", 0.25)
    with pytest.raises(CapReachedError, match="requests"):
        ledger.reserve(caps, "talk", "teacher", "c", 0.0)
    assert ledger.spending() == Spending(2, 0.75)


def test_answers_for_which_nobody_was_asked_count_against_no_cap(ledger: Ledger) -> None:
    ledger.keep([("a", answer("yes")), ("b", answer("no"))])
    assert ledger.answers(["a", "b"]) == {"a": answer("yes"), "b": answer("no")}
    assert ledger.spending() == Spending(0, 0.0)


def test_no_cap_means_no_request(ledger: Ledger) -> None:
    with pytest.raises(CapReachedError):
        ledger.reserve(Caps(usd=1.0, requests=0), "talk", "teacher", "a", 0.0)
    with pytest.raises(CapReachedError):
        ledger.reserve(Caps(usd=0.0, requests=9), "talk", "teacher", "a", 1e-9)
    assert ledger.spending() == Spending(0, 0.0)


def test_what_a_killed_process_had_sent_stays_at_its_full_price(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import sys, time
        from pathlib import Path
        from doitkit.recipe.prices import Caps
        from doitkit.synth import Ledger
        from doitkit.synth.provider import Answer

        ledger = Ledger(Path(sys.argv[1]))
        caps = Caps(usd=10.0, requests=10)
        first = ledger.reserve(caps, "talk", "teacher", "a", 1.0)
        ledger.reserve(caps, "talk", "teacher", "b", 2.0)
        ledger.settle(first, "a", Answer("yes", "stop", 1, 1, 0.5))
        print("sent", flush=True)
        time.sleep(60)
    """)
    workspace = Workspace(tmp_path)
    command = [sys.executable, "-c", program, str(workspace.synth / LEDGER_FILE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "sent\n"
        os.kill(process.pid, signal.SIGKILL)
    assert spending_of(workspace) == Spending(2, 2.5)
    ledger = Ledger(workspace.synth / LEDGER_FILE)
    assert ledger.answers(["a", "b"]).keys() == {"a"}
    ledger.close()


def test_a_workspace_without_a_ledger_has_spent_nothing(tmp_path: Path) -> None:
    assert spending_of(Workspace(tmp_path)) == Spending(0, 0.0)
    assert list(tmp_path.iterdir()) == []
