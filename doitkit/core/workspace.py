"""The folder in which doitkit keeps what it has built, trained and scored."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from doitkit.core.errors import UsageError, WorkspaceBusyError
from doitkit.core.files import sweep_aside

DEFAULT_WORKSPACE = Path("doitkit-workspace")


@dataclass(frozen=True)
class Workspace:
    """Paths of one workspace. Content-addressed: a finished folder is never changed."""

    root: Path

    @property
    def synth(self) -> Path:
        """Generated answers, and the ledger of what they cost."""
        return self.root / "synth"

    @property
    def datasets(self) -> Path:
        """Built datasets, a folder each, named by content."""
        return self.root / "datasets"

    @property
    def steps(self) -> Path:
        """Finished steps of building, a folder for each kind of step."""
        return self.root / "steps"

    @property
    def runs(self) -> Path:
        """Trained runs, a folder each, named by content."""
        return self.root / "runs"

    @property
    def scores(self) -> Path:
        """Scores of runs, a folder per run and evaluation."""
        return self.root / "scores"

    @property
    def tasks(self) -> Path:
        """Evaluation tasks as the harness reads them."""
        return self.root / "tasks"

    @property
    def advice(self) -> Path:
        """Recommendations, named by content, and the latest check of one."""
        return self.root / "advice"

    @property
    def probes(self) -> Path:
        """What was measured of this machine, so that two commands decide alike."""
        return self.root / "probes"

    @property
    def tables(self) -> Path:
        """The tables of the latest report, as CSV."""
        return self.root / "tables"

    @property
    def log(self) -> Path:
        """What worker processes print."""
        return self.root / "workers.log"

    @property
    def report(self) -> Path:
        """The latest report."""
        return self.root / "report.html"

    @contextmanager
    def locked(self, activity: str) -> Iterator[None]:
        """Hold the workspace for one writing process; the lock dies with its holder.

        Raises
        ------
        WorkspaceBusyError
            If another process holds it; the message names that process.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            stream = (self.root / "lock").open("a+b", buffering=0)
        except OSError as error:
            raise UsageError(
                "the workspace cannot be written",
                where=self.root,
                why=str(error),
                next_step="name another folder with --workspace",
            ) from error
        with stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                stream.seek(0)
                holder = stream.read().decode().strip() or "another doitkit process"
                raise WorkspaceBusyError(
                    "the workspace is in use",
                    where=self.root,
                    why=f"held by {holder}",
                    next_step="wait for it to end, or name another folder with --workspace",
                ) from error
            stream.truncate(0)
            with suppress(OSError):  # on a full disk, the lock holds without a name in it
                stream.write(f"process {os.getpid()} ({activity})".encode())
            kept = (self.synth, self.datasets, self.runs, self.scores, self.tasks)
            for folder in (*kept, *self.steps.glob("*")):
                if folder.is_dir():
                    sweep_aside(folder)
            yield
