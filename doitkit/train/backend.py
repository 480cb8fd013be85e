"""What a training backend does. Ours and others' are registered the same way.

A package that adds one names a class under the entry-point group `doitkit.backends`.
"""

from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

from doitkit.core.errors import UsageError
from doitkit.mix import Mixture
from doitkit.recipe.training import Training
from doitkit.train.run import Run

GROUP = "doitkit.backends"


@dataclass(frozen=True)
class Job:
    """One run to be made. Everything that decides about it, and where it works."""

    run_id: str
    mixture: Mixture
    dataset_folder: Path
    dataset_id: str
    training: Training
    base_path: str
    base_hash: str
    config_hash: str
    seed: int
    folder: Path
    threads: int


@dataclass(frozen=True)
class Prepared:
    """What is known before training: rows in, rows too long, tokens."""

    rows: int
    left_out: int
    tokens: int
    trained_tokens: int


class Backend(Protocol):
    """Turns a job into a run: validate, prepare, launch, collect."""

    def validate(self, training: Training, base_path: str) -> None:
        """Raise a `UsageError` if runs like this cannot be made here; load nothing large."""

    def settle(self, training: Training, base_path: str, cache: Path) -> Training:
        """Return `training` with every `auto` decided for this machine.

        Decisions that took a measurement are kept in the folder `cache`, so that they do not
        change between two commands.
        """

    def prepare(self, job: Job) -> Prepared:
        """Write what the training reads into the job's folder."""

    def launch(self, job: Job) -> None:
        """Train, resuming from the last whole checkpoint in the job's folder if there is one."""

    def collect(self, job: Job, prepared: Prepared) -> Run:
        """Return the record of a run that ended."""


def open_backend(name: str) -> Backend:
    """Return the backend that is registered under `name`.

    Raises
    ------
    UsageError
        If there is none of that name; the message lists the ones there are.
    """
    found = {point.name: point for point in entry_points(group=GROUP)}
    if name not in found:
        raise UsageError(
            f"no training backend is named `{name}`",
            where="train.backend",
            why=f"installed backends: {', '.join(sorted(found)) or 'none'}",
            next_step="correct the name, or install the package that provides it",
        )
    backend: Backend = found[name].load()()
    return backend
