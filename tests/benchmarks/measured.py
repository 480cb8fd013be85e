"""A command, timed, with the memory that it and all its children took together."""

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_EVERY_S = 0.1


@dataclass(frozen=True)
class Measured:
    """What a command took: wall time, and the highest proportional memory of its processes."""

    seconds: float
    peak_mb: float
    output: str


def measured(command: Sequence[str], **environment: str) -> Measured:
    """Run a command to its end and measure it.

    Memory is the sum over the processes of their proportional set size, so that pages that they
    share count once. It is slow to find out, so it is only looked at, ten times a second, where
    the sum of their resident sizes, which is never less, says that it may be higher than before.
    """
    start = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
    ) as process:
        watch = _Watch(process.pid)
        watch.start()
        output, _ = process.communicate()
        seconds = time.perf_counter() - start
        watch.stop()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Measured(round(seconds, 2), round(watch.peak / 1e6, 1), output)


class _Watch(threading.Thread):
    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._over = threading.Event()
        self.peak = 0

    def run(self) -> None:
        while not self._over.wait(_EVERY_S):
            processes = _tree(self._pid)
            if sum(map(_resident, processes)) > self.peak:
                self.peak = max(self.peak, sum(map(_proportional, processes)))

    def stop(self) -> None:
        self._over.set()
        self.join()


def _tree(pid: int) -> list[int]:
    found = [pid]
    for known in found:
        for task in Path(f"/proc/{known}/task").glob("*/children"):
            try:
                found += map(int, task.read_text().split())
            except OSError:
                continue
    return found


def _resident(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
