"""Jobs come back in their order, whoever carries them out."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from doitkit.core.engine import SeveralProcesses, ThisProcess
from doitkit.core.errors import DoitkitError, UsageError
from doitkit.core.memory import bytes_of, usual_memory


def _squared(number: int) -> int:
    return number * number


def _pid(_: int) -> int:
    return os.getpid()


def _fails(number: int) -> int:
    if number == 2:
        raise UsageError("two is too much", next_step="say less")
    return number


def _dies(_: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def test_results_stand_in_the_order_of_the_jobs(tmp_path: Path) -> None:
    jobs = list(range(20))
    squares = [number * number for number in jobs]
    assert ThisProcess().map(_squared, jobs) == squares
    assert SeveralProcesses(tmp_path / "log", 2).map(_squared, jobs) == squares


def test_one_job_needs_no_other_process(tmp_path: Path) -> None:
    assert SeveralProcesses(tmp_path / "log", 2).map(_pid, [1]) == [os.getpid()]
    assert os.getpid() not in SeveralProcesses(tmp_path / "log", 2).map(_pid, [1, 2])


def test_errors_of_jobs_and_the_death_of_a_process_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="two is too much"):
        SeveralProcesses(tmp_path / "log", 2).map(_fails, [1, 2, 3])
    with pytest.raises(DoitkitError, match="died"):
        SeveralProcesses(tmp_path / "log", 2).map(_dies, [1, 2])


@pytest.mark.parametrize(
    ("text", "amount"),
    [("2GB", 2 * 10**9), ("1 GiB", 1 << 30), ("512mb", 512 * 10**6), ("1.5g", 1_500_000_000)],
)
def test_amounts_of_memory(text: str, amount: int) -> None:
    assert bytes_of(text) == amount


@pytest.mark.parametrize("text", ["", "lots", "2 apples", "-1GB", "100MB", "0"])
def test_what_is_no_amount_of_memory(text: str) -> None:
    with pytest.raises(UsageError, match="no amount of memory"):
        bytes_of(text)


def test_there_is_always_some_memory_to_work_in() -> None:
    assert usual_memory() >= 256 * 10**6


_SCRIPT = """
import math
from pathlib import Path
from doitkit.core.engine import SeveralProcesses
print("begins")
print(SeveralProcesses(Path("log"), 2).map(math.factorial, [3, 4, 5]))
"""


def test_a_script_needs_no_guard(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(_SCRIPT)
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["begins", "[6, 24, 120]"]
