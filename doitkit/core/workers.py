"""A pool of worker processes that die with their parent and keep to their share of cores."""

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Protocol, Self

from doitkit.core.errors import DoitkitError

_PR_SET_PDEATHSIG = 1


class Pool(Protocol):
    """Who carries out jobs, several at a time.

    Attributes
    ----------
    threads
        How many compute threads a job has.
    """

    threads: int

    def run(
        self, function: Callable[..., Any], jobs: Sequence[tuple[Any, ...]]
    ) -> Iterator[tuple[int, Any]]:
        """Run `function(*job)` for every job; yield (index, result) as each one ends.

        A job that raises a `DoitkitError`, or whose process died, yields that error as its
        result; any other exception is a defect of ours and propagates.
        """
        ...

    def close(self) -> None:
        """End what the jobs run in."""
        ...


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
    environments
        What each process finds in its environment besides, as which GPU is its own.
    """

    def __init__(
        self,
        workers: int,
        threads: int,
        log: Path,
        environments: Sequence[Mapping[str, str]] = (),
    ) -> None:
        self.workers = workers
        self.threads = threads
        self.log = log
        self._environments = [dict(each) for each in environments] or [{}] * workers
        # One each, so that when a process dies, no other job ends with it.
        self._executors: list[ProcessPoolExecutor | None] = [None] * workers
        self._running: dict[Future[Any], tuple[int, int]] = {}

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
        under_way = any(not future.done() for future in self._running)
        for slot, executor in enumerate(self._executors):
            if executor is not None:
                if under_way:
                    for process in _processes(executor):
                        process.kill()
                executor.shutdown(wait=wait, cancel_futures=True)
                self._executors[slot] = None

    def run(
        self, function: Callable[..., Any], jobs: Sequence[tuple[Any, ...]]
    ) -> Iterator[tuple[int, Any]]:
        """Run `function(*job)` for every job; see `Pool`."""
        waiting = list(enumerate(jobs))[::-1]
        running = self._running = {}
        free = list(range(self.workers))[::-1]
        while waiting or running:
            while waiting and free:
                index, job = waiting[-1]
                try:
                    with _script_out_of_sight():
                        running[self._opened(free[-1]).submit(function, *job)] = (index, free[-1])
                except BrokenProcessPool:
                    self._discard(free[-1])
                    continue
                waiting.pop()
                free.pop()
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                index, slot = running.pop(future)
                free.append(slot)
                try:
                    yield index, future.result()
                except DoitkitError as error:
                    yield index, error
                except BrokenProcessPool:
                    self._discard(slot)
                    yield index, _died(index)

    def _opened(self, slot: int) -> ProcessPoolExecutor:
        executor = self._executors[slot]
        if executor is not None and not all(map(_is_alive, _processes(executor))):
            # It died at rest, which the executor itself may not have noticed yet.
            self._discard(slot)
            executor = None
        if executor is None:
            executor = self._executors[slot] = ProcessPoolExecutor(
                1,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_enter_worker,
                initargs=(os.getpid(), self.threads, self.log, self._environments[slot]),
            )
        return executor

    def _discard(self, slot: int) -> None:
        """Let go of a process that died."""
        executor = self._executors[slot]
        if executor is not None:
            executor.shutdown(wait=False)
        self._executors[slot] = None


def _processes(executor: ProcessPoolExecutor) -> list[BaseProcess]:
    # A public way to end them, `kill_workers`, comes with Python 3.14.
    return list((executor._processes or {}).values())


def _is_alive(process: BaseProcess) -> bool:
    return process.is_alive()


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


def _enter_worker(parent: int, threads: int, log: Path, environment: Mapping[str, str]) -> None:
    os.environ.update(environment)
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
