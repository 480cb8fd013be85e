"""What a person sees while work is under way: rich progress on standard error."""

import sys
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


class _BarTask:
    def __init__(self, bars: Bars, number: TaskID) -> None:
        self._bars, self._number = bars, number

    def advance(self, amount: float = 1, note: str | None = None) -> None:
        if note is None:
            self._bars.update(self._number, advance=amount)
        else:
            self._bars.update(self._number, advance=amount, note=note)


class _LineTask:
    """Progress where there is no terminal: a line at most every few percent."""

    def __init__(self, console: Console, title: str, total: float | None) -> None:
        self._console, self._title, self._total = console, title, total
        self._done, self._shown = 0.0, 0.0

    def advance(self, amount: float = 1, note: str | None = None) -> None:
        self._done += amount
        if self._total and self._done - self._shown >= self._total / 20:
            self._shown = self._done
            extra = f"  {note}" if note else ""
            share = f"{self._done:,.0f}/{self._total:,.0f}"
            self._console.print(f"  {self._title}: {share}{extra}", highlight=False)


class Screen:
    """Draws progress: bars on a terminal, plain lines elsewhere."""

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False)

    @contextmanager
    def task(self, title: str, total: float | None = None) -> Iterator[Task]:
        """Show one task until its block ends."""
        if total == 0:
            yield _LineTask(self.console, title, 0)
            return
        if not self.console.is_terminal:
            self.console.print(f"{title} ...")
            yield _LineTask(self.console, title, total)
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[note]}"),
        )
        with Bars(*columns, console=self.console, transient=False) as bars:
            yield _BarTask(bars, bars.add_task(title, total=total, note=""))

    def note(self, text: str) -> None:
        """Print a line that stays."""
        self.console.print(text)


def screen(*, quiet: bool) -> Progress:
    """Return the progress to hand to the rooms."""
    return SILENT if quiet else Screen()


def is_terminal() -> bool:
    """Return whether results go to a terminal."""
    return sys.stdout.isatty()
