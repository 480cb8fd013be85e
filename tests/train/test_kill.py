"""`kill -9` of a training, of the whole or of one worker, and the same weights in the end."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from doitkit.core.workers import WorkerPool
from doitkit.mix import Rung
from doitkit.train.run import PARTIAL
from tests.train.ladder import MIXED, Project, project

pytestmark = pytest.mark.slow

RUNG = Rung(MIXED, (1,))
LONG = {"epochs": None, "max_steps": 200, "checkpoint_steps": 8}
PROGRAM = """
import sys
from pathlib import Path
from doitkit.core.workers import WorkerPool
from tests.train.ladder import project
from tests.train.test_kill import LONG, RUNG

if __name__ == "__main__":
    made = project(Path(sys.argv[1]), sys.argv[2], **LONG)
    with WorkerPool(1, 1, Path(sys.argv[1]) / "workers.log") as pool:
        made.train(pool, RUNG)
"""


def wait_for(found: Callable[[], object], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.002)


def whole_checkpoints(folder: Path) -> list[Path]:
    return list(folder.glob(f"ws/runs/*{PARTIAL}/checkpoints/*/whole"))


def children_of(process: int) -> set[int]:
    """Return the processes that descend from one, from what the kernel lists."""
    parents = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            parents[int(file.parent.name)] = int(file.read_text().rpartition(")")[2].split()[1])
    found: set[int] = set()
    reached = {process}
    while reached:
        reached = {child for child, parent in parents.items() if parent in reached}
        found |= reached
    return found


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.fixture(scope="module")
def uninterrupted(
    tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, pool: WorkerPool
) -> tuple[Project, bytes]:
    made = project(tmp_path_factory.mktemp("uninterrupted"), tiny_model, **LONG)
    _, run = made.train(pool, RUNG)
    return made, made.weights_of(run)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_killed_training_goes_on_and_ends_with_the_same_weights(
    uninterrupted: tuple[Project, bytes], tiny_model: Path, tmp_path: Path, pool: WorkerPool
) -> None:
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, str(script), str(tmp_path / "made"), str(tiny_model)]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(root)}) as process:
        wait_for(lambda: whole_checkpoints(tmp_path / "made") or process.poll() is not None)
        workers = children_of(process.pid)
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    # The workers die with their parent: two must never write one run.
    assert workers
    wait_for(lambda: not any(map(alive, workers)), seconds=10)

    made = project(tmp_path / "made", tiny_model, **LONG)
    assert [run.name for run in made.finished(RUNG)[0]] == ["base"]
    base, run = made.train(pool, RUNG)
    expected = uninterrupted[0].finished(RUNG)[0][1]
    assert made.weights_of(run) == uninterrupted[1]
    assert (run.losses, run.train_loss) == (expected.losses, expected.train_loss)
    assert base.name == "base"
    assert not list(made.workspace.runs.glob(f"*{PARTIAL}"))


def test_a_worker_that_is_killed_is_replaced_and_its_run_goes_on(
    uninterrupted: tuple[Project, bytes], tiny_model: Path, tmp_path: Path
) -> None:
    made = project(tmp_path, tiny_model, **LONG)
    others = multiprocessing.active_children()
    killed: list[int] = []

    def kill() -> None:
        wait_for(lambda: whole_checkpoints(tmp_path))
        for child in multiprocessing.active_children():
            if child not in others:
                killed.append(child.pid or 0)
                os.kill(killed[-1], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with WorkerPool(1, 1, tmp_path / "workers.log") as pool:
        _, run = made.train(pool, RUNG)
    killer.join()
    assert len(killed) == 1
    assert made.weights_of(run) == uninterrupted[1]
