"""How long work tells that it is moving, without knowing who listens."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Task(Protocol):
    """One piece of work under way."""

    def advance(self, amount: float = 1, note: str | None = None) -> None:
        """Say that `amount` more of the total is done, and optionally what just happened."""


class Progress(Protocol):
    """Receives progress. The command line draws it; the API is silent unless given one."""

    def task(self, title: str, total: float | None = None) -> AbstractContextManager[Task]:
        """Open a task of `total` units (None when the total is unknown)."""

    def note(self, text: str) -> None:
        """Report one finished fact, a line that stays."""


class _SilentTask:
    def advance(self, amount: float = 1, note: str | None = None) -> None:
        return None


class SilentProgress:
    """Progress that nobody watches."""

    @contextmanager
    def task(self, title: str, total: float | None = None) -> Iterator[Task]:
        yield _SilentTask()

    def note(self, text: str) -> None:
        return None


SILENT = SilentProgress()
