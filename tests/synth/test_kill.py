"""A generation that is killed or interrupted, and run again: nothing is asked or paid twice."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from doitkit.core.workspace import Workspace
from doitkit.recipe import load_recipe
from doitkit.synth import spending_of, synthesize
from doitkit.synth.ledger import LEDGER_FILE
from doitkit.synth.openai_provider import _CONCURRENT
from tests.synth.endpoint import Endpoint
from tests.synth.paired import write_paired

ROWS = 60
PROGRAM = """
import sys
from pathlib import Path
from doitkit.core.workspace import Workspace
from doitkit.recipe import load_recipe
from doitkit.synth import synthesize
synthesize(load_recipe(sys.argv[1]), Workspace(Path(sys.argv[2])))
"""


def answered(workspace: Workspace) -> int:
    """Return how many answers are in the ledger."""
    if not (workspace.synth / LEDGER_FILE).is_file():
        return 0
    db = sqlite3.connect(workspace.synth / LEDGER_FILE)
    try:
        (count,) = db.execute("SELECT COUNT(*) FROM answers").fetchone()
    except sqlite3.OperationalError:  # the table is being made
        count = 0
    finally:
        db.close()
    return int(count)


def stopped_by(number: signal.Signals, recipe: Path, workspace: Workspace, server: Endpoint) -> int:
    """Generate in a process of its own, and stop it when a third is asked; return its status."""
    command = [sys.executable, "-c", PROGRAM, str(recipe), str(workspace.root)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while len(server.asked) < ROWS // 3 and time.monotonic() < deadline:
            time.sleep(0.005)
        os.kill(process.pid, number)
        return process.wait()


@pytest.fixture
def slow(endpoint: Endpoint) -> Endpoint:
    endpoint.delay_s = 0.1
    return endpoint


def test_a_kill_loses_at_most_what_was_in_flight(slow: Endpoint, tmp_path: Path) -> None:
    recipe = write_paired(tmp_path, slow.url, rows=ROWS, price=1.0, usd=60.0)
    workspace = Workspace(tmp_path / "ws")
    assert stopped_by(signal.SIGKILL, recipe, workspace, slow) == -signal.SIGKILL
    asked, kept = len(slow.asked), answered(workspace)
    assert 0 < kept <= asked < ROWS
    assert asked - kept <= _CONCURRENT
    # Every request that reached the server is in the account.
    assert asked <= spending_of(workspace).requests <= asked + _CONCURRENT

    slow.delay_s = 0.0
    file = synthesize(load_recipe(recipe), workspace)["teacher-answers"]
    assert len(slow.asked) == asked + ROWS - kept
    rows = [json.loads(line)["messages"] for line in file.read_text().splitlines()]
    assert len(rows) == ROWS
    assert all(m[-1]["content"] == f"You said: {m[-2]['content']}" for m in rows)


def test_after_an_interrupt_nothing_more_is_sent(slow: Endpoint, tmp_path: Path) -> None:
    recipe = write_paired(tmp_path, slow.url, rows=ROWS)
    workspace = Workspace(tmp_path / "ws")
    assert stopped_by(signal.SIGINT, recipe, workspace, slow) != 0
    asked, kept = len(slow.asked), answered(workspace)
    assert asked <= ROWS // 3 + _CONCURRENT
    assert asked - kept <= _CONCURRENT

    slow.delay_s = 0.0
    synthesize(load_recipe(recipe), workspace)
    assert len(slow.asked) == asked + ROWS - kept
