"""Who carries out the parts of a step: this process, several, or a cluster."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from doitkit.core.errors import DoitkitError
from doitkit.core.workers import WorkerPool

Job = TypeVar("Job")
Done = TypeVar("Done")


class Engine(Protocol):
    """Carries out parts of a step. Who does it changes no byte of what comes out."""

    def map(self, function: Callable[[Job], Done], jobs: Sequence[Job]) -> list[Done]:
        """Return `function(job)` for every job, in their order.

        Parameters
        ----------
        function
            A function of a module; it leaves what is large in files of the store, and may be
            carried out twice.
        """
        ...


class ThisProcess:
    """Carries out one job after another."""

    def map(self, function: Callable[[Job], Done], jobs: Sequence[Job]) -> list[Done]:
        """Return `function(job)` for every job."""
        return [function(job) for job in jobs]


class SeveralProcesses:
    """Carries out jobs side by side on the cores of this machine.

    Parameters
    ----------
    log
        File to which what the processes print is appended.
    """

    def __init__(self, log: Path, workers: int | None = None) -> None:
        self._log = log
        self._workers = workers or os.cpu_count() or 1

    def map(self, function: Callable[[Job], Done], jobs: Sequence[Job]) -> list[Done]:
        """Return `function(job)` for every job; the processes end with the last one."""
        workers = min(self._workers, len(jobs))
        if workers < 2:
            return ThisProcess().map(function, jobs)
        done: dict[int, Done] = {}
        with WorkerPool(workers, 1, self._log) as pool:
            for index, result in pool.run(function, [(job,) for job in jobs]):
                if isinstance(result, DoitkitError):
                    raise result
                done[index] = result
        return [done[index] for index in range(len(jobs))]
