"""Worker processes: results as they come, errors as results, and life after a death."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from doitkit.core.errors import DoitkitError, UsageError
from doitkit.core.workers import WorkerPool


def double(value: int) -> int:
    return 2 * value


def refuse(value: int) -> int:
    raise UsageError(f"no {value}", where="here", next_step="ask for another")


def blunder(value: int) -> int:
    raise ZeroDivisionError(value)


def die_once(mark: Path, value: int) -> int:
    """Kill this very process the first time."""
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return value


def surroundings(_: int) -> tuple[int, str, str]:
    print("said by a worker")
    return os.getpid(), os.environ["OMP_NUM_THREADS"], os.environ["TOKENIZERS_PARALLELISM"]


def slow_then_own_id(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "deep" / "workers.log"


@pytest.fixture(scope="module")
def two(log: Path) -> Iterator[WorkerPool]:
    with WorkerPool(2, 3, log) as pool:
        yield pool


def test_every_job_yields_its_result(two: WorkerPool) -> None:
    assert dict(two.run(double, [(i,) for i in range(7)])) == {i: 2 * i for i in range(7)}
    assert list(two.run(double, [])) == []


def test_an_error_that_we_raise_is_a_result_and_keeps_its_parts(two: WorkerPool) -> None:
    found = dict(two.run(refuse, [(0,), (1,)]))
    assert {(type(e), e.what, e.where, e.next_step) for e in found.values()} == {
        (UsageError, "no 0", "here", "ask for another"),
        (UsageError, "no 1", "here", "ask for another"),
    }


def test_any_other_error_is_a_defect_and_propagates(two: WorkerPool) -> None:
    with pytest.raises(ZeroDivisionError):
        list(two.run(blunder, [(1,)]))
    assert dict(two.run(double, [(1,)])) == {0: 2}


def test_workers_keep_to_their_threads_and_print_into_the_log(two: WorkerPool, log: Path) -> None:
    found = dict(two.run(surroundings, [(i,) for i in range(4)]))
    assert {(threads, fast) for _, threads, fast in found.values()} == {("3", "false")}
    assert os.getpid() not in {process for process, *_ in found.values()}
    two.close()
    assert log.read_text().count("said by a worker") == 4


def test_a_death_is_the_result_of_the_jobs_under_way_and_the_rest_go_on(
    two: WorkerPool, tmp_path: Path
) -> None:
    jobs = [(tmp_path / "died", i) for i in range(6)]
    found = dict(two.run(die_once, jobs))
    assert found.keys() == set(range(6))
    dead = {i for i, outcome in found.items() if isinstance(outcome, DoitkitError)}
    assert 1 <= len(dead) <= 2
    assert all("died" in str(found[i]) for i in dead)
    assert all(found[i] == i for i in range(6) if i not in dead)


def test_a_death_between_two_runs_breaks_nothing(two: WorkerPool) -> None:
    first = set(dict(two.run(slow_then_own_id, [(0.2,), (0.2,)])).values())
    for process in first:
        os.kill(process, signal.SIGKILL)
    # At once, before anyone has noticed, and again when the pool is broken for sure.
    found = list(two.run(double, [(i,) for i in range(4)]))
    time.sleep(0.5)
    assert {i for i, _ in found} == set(range(4))
    assert dict(two.run(double, [(i,) for i in range(4)])) == {i: 2 * i for i in range(4)}


def test_a_pool_that_is_closed_opens_again(two: WorkerPool) -> None:
    two.close()
    assert dict(two.run(double, [(4,)])) == {0: 8}


LONG = """
import sys, time
from pathlib import Path
from doitkit.core.workers import WorkerPool
from tests.core.test_workers import tell_and_sleep

if __name__ == "__main__":
    with WorkerPool(2, 1, Path(sys.argv[1]) / "workers.log") as pool:
        list(pool.run(tell_and_sleep, [(Path(sys.argv[1]), i) for i in range(4)]))
"""


def tell_and_sleep(folder: Path, index: int) -> None:
    (folder / f"began-{index}").write_text(str(os.getpid()))
    time.sleep(120)


def test_an_interrupt_ends_the_jobs_under_way(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LONG, str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while len(list(tmp_path.glob("began-*"))) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        start = time.monotonic()
        assert process.wait(timeout=60) != 0
        assert time.monotonic() - start < 10
    workers = [int(file.read_text()) for file in tmp_path.glob("began-*")]
    assert len(workers) == 2  # the other two were never begun
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)


def test_a_pool_left_in_the_midst_of_its_jobs_does_not_wait_for_them(log: Path) -> None:
    start = time.monotonic()
    with WorkerPool(2, 1, log) as pool:
        outcomes = pool.run(slow_then_own_id, [(0.0,), (120.0,)])
        next(outcomes)
    assert time.monotonic() - start < 60
