"""A pool of worker processes that die with their parent and keep to their share of cores."""

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from doitkit.core.errors import DoitkitError

_PR_SET_PDEATHSIG = 1


class WorkerPool:
    """Processes that run one job each at a time and stay warm between jobs.

    Parameters
    ----------
    workers
        How many processes.
    threads
        How many compute threads each may use. One thread each gives the same floating-point
        results whatever the number of workers.
    log
        File to which what the processes and their libraries print is appended.
    """

    def __init__(self, workers: int, threads: int, log: Path) -> None:
        self.workers = workers
        self.threads = threads
        self.log = log
        self._executor: ProcessPoolExecutor | None = None
        self._running: dict[Future[Any], tuple[int, ProcessPoolExecutor]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self, *, wait: bool = True) -> None:
        """End the processes; jobs under way are killed, which they must be able to bear.

        Parameters
        ----------
        wait
            Until the last one has ended.
        """
        if self._executor is not None:
            if any(not future.done() for future in self._running):
                # A public way to do so, `kill_workers`, comes with Python 3.14.
                for process in list(self._executor._processes.values()):
                    process.kill()
            self._executor.shutdown(wait=wait, cancel_futures=True)
            self._executor = None

    def run(
        self, function: Callable[..., Any], jobs: Sequence[tuple[Any, ...]]
    ) -> Iterator[tuple[int, Any]]:
        """Run `function(*job)` for every job; yield (index, result) as each one ends.

        A job that raises a `DoitkitError`, or whose process died, yields that error as its
        result; any other exception is a defect of ours and propagates.
        """
        waiting = list(enumerate(jobs))
        running = self._running = {}
        while waiting or running:
            while waiting and len(running) < self.workers:
                index, job = waiting[0]
                executor = self._opened()
                try:
                    with _script_out_of_sight():
                        running[executor.submit(function, *job)] = (index, executor)
                except BrokenProcessPool:
                    self._discard(executor)
                    continue
                waiting.pop(0)
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                index, executor = running.pop(future)
                try:
                    yield index, future.result()
                except DoitkitError as error:
                    yield index, error
                except BrokenProcessPool:
                    self._discard(executor)
                    yield index, _died(index)

    def _opened(self) -> ProcessPoolExecutor:
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                self.workers,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_enter_worker,
                initargs=(os.getpid(), self.threads, self.log),
            )
        return self._executor

    def _discard(self, executor: ProcessPoolExecutor) -> None:
        """Let go of processes one of which died; the jobs of all of them end with it."""
        executor.shutdown(wait=False)
        if self._executor is executor:
            self._executor = None


@contextmanager
def _script_out_of_sight() -> Iterator[None]:
    """Start processes without the script that started this one.

    They would run it again from its first line, and so start processes in their turn, unless its
    author knows that it needs a guard. What they carry out is ours, and none of the script's.
    """
    main = sys.modules["__main__"].__dict__
    hidden: dict[str, Any] = {
        name: main.pop(name) for name in ("__file__", "__spec__") if name in main
    }
    main["__spec__"] = None
    try:
        yield
    finally:
        main |= hidden


def _died(index: int) -> DoitkitError:
    return DoitkitError(
        f"the process of job {index} died",
        why="it was killed from outside, or the machine ran out of memory",
        next_step="run the same command again; finished work is kept",
    )


def _enter_worker(parent: int, threads: int, log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as stream:
        os.dup2(stream.fileno(), 1)
        os.dup2(stream.fileno(), 2)
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = str(threads)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_follow_parent, args=(parent,), daemon=True).start()


def _follow_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
