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
    """Carries out parts of a step. Who does it changes no byte of what comes out.

    Attributes
    ----------
    elsewhere
        Whether other machines do, so that it pays to hand over what threads of this one could do.
    """

    elsewhere: bool

    def map(self, function: Callable[[Job], Done], jobs: Sequence[Job]) -> list[Done]:
        """Return `function(job)` for every job, in their order.

        Parameters
        ----------
        function
            A function of a module; it leaves what is large in files of the store, and may be
            carried out twice.
        """
        ...

    def release(self) -> None:
        """Let go of what is kept warm between one `map` and the next, which may still come."""
        ...


class ThisProcess:
    """Carries out one job after another."""

    elsewhere = False

    def map(self, function: Callable[[Job], Done], jobs: Sequence[Job]) -> list[Done]:
        """Return `function(job)` for every job."""
        return [function(job) for job in jobs]

    def release(self) -> None:
        """Keep nothing: there is nothing."""


class SeveralProcesses:
    """Carries out jobs side by side on the cores of this machine.

    Parameters
    ----------
    log
        File to which what the processes print is appended.
    """

    elsewhere = False

    def __init__(self, log: Path, workers: int | None = None) -> None:
        self._log = log
        self._workers = workers or os.cpu_count() or 1
        self._pool: WorkerPool | None = None

    def map(self, function: Callable[[Job], Done], jobs: Sequence[Job]) -> list[Done]:
        """Return `function(job)` for every job; the processes stay until `release`."""
        if min(self._workers, len(jobs)) < 2:
            return ThisProcess().map(function, jobs)
        if self._pool is None:
            self._pool = WorkerPool(self._workers, 1, self._log)
        done: dict[int, Done] = {}
        try:
            for index, result in self._pool.run(function, [(job,) for job in jobs]):
                if isinstance(result, DoitkitError):
                    raise result
                done[index] = result
        except BaseException:
            self.release()
            raise
        return [done[index] for index in range(len(jobs))]

    def release(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.close(wait=False)
            self._pool = None
