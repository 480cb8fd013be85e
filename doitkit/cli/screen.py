"""What a person sees while work is under way: rich progress on standard error."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Bars

from doitkit.core.progress import SILENT, Progress, Task

_SECONDS_BETWEEN_LINES = 5.0


class _BarTask:
    def __init__(self, bars: Bars, number: TaskID) -> None:
        self._bars, self._number = bars, number

    def advance(self, amount: float = 1, note: str | None = None) -> None:
        if note is None:
            self._bars.update(self._number, advance=amount)
        else:
            self._bars.update(self._number, advance=amount, note=note)


class _LineTask:
    """Progress where there is no terminal: a line every few seconds, and one at the end."""

    def __init__(self, console: Console, title: str, total: float | None) -> None:
        self._console, self._title, self._total = console, title, total
        self._done, self._shown = 0.0, time.monotonic()

    def advance(self, amount: float = 1, note: str | None = None) -> None:
        self._done += amount
        now = time.monotonic()
        if now - self._shown >= _SECONDS_BETWEEN_LINES:
            self._shown = now
            of = f"/{self._total:,.0f}" if self._total else ""
            extra = f"  {note}" if note else ""
            self._console.print(f"  {self._title}: {self._done:,.0f}{of}{extra}")


class Screen:
    """Draws progress: bars on a terminal, plain lines elsewhere."""

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False, markup=False, emoji=False)

    @contextmanager
    def task(self, title: str, total: float | None = None) -> Iterator[Task]:
        """Show one task until its block ends."""
        if total == 0:
            yield _LineTask(self.console, title, 0)
            return
        if not self.console.is_terminal:
            start = time.monotonic()
            self.console.print(f"{title} ...")
            yield _LineTask(self.console, title, total)
            self.console.print(f"{title}: done in {time.monotonic() - start:,.1f} s")
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}", style="dim", markup=False),
        )
        with Bars(*columns, console=self.console, transient=False) as bars:
            yield _BarTask(bars, bars.add_task(title, total=total, note=""))

    def note(self, text: str) -> None:
        """Print a line that stays."""
        self.console.print(text)


def screen(*, quiet: bool) -> Progress:
    """Return the progress to hand to the rooms."""
    return SILENT if quiet else Screen()
