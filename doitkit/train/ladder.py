"""Training a ladder: what is done is skipped, what is left runs on the free devices."""

import errno
import os
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from doitkit.build import Dataset
from doitkit.core.errors import DoitkitError, TrainingError, UsageError
from doitkit.core.files import read_json, write_json
from doitkit.core.progress import SILENT, Progress
from doitkit.core.workers import Pool
from doitkit.core.workspace import Workspace
from doitkit.mix import Rung
from doitkit.recipe.model import Recipe
from doitkit.train.backend import Job, open_backend
from doitkit.train.jobs import plan_jobs
from doitkit.train.rows import REJECTS_FILE
from doitkit.train.run import PARTIAL, RUN_FILE, Run, read_run

LOG_FILE = "log.txt"
"""What a run, and the libraries beneath it, printed."""
FAILURE_FILE = "failure.json"

_ATTEMPTS = 2
_LAST_LINES = 20
_TAIL_BYTES = 20_000
_SHOWN = 300
_NO_SPACE = os.strerror(errno.ENOSPC)


def train_rungs(
    recipe: Recipe,
    dataset: Dataset,
    rungs: Sequence[Rung],
    workspace: Workspace,
    pool: Pool,
    *,
    progress: Progress = SILENT,
) -> list[Run]:
    """Train every mixture of `rungs` with every one of its seeds, and record the base model.

    Finished runs are not repeated; a run that was killed goes on from its last checkpoint. A
    run that fails is tried once more; then the others go on, it is recorded with the last lines
    of its log, and the failures are raised together at the end.

    Returns
    -------
    list of Run
        The base model first, then the runs in the order of the rungs and seeds.

    Raises
    ------
    UsageError, ModelError
        If the training settings or the base model cannot work here; nothing was trained then.
    TrainingError
        If runs failed twice. The others are finished and kept.
    """
    jobs = plan_jobs(recipe, dataset, rungs, workspace, threads=pool.threads)
    todo = [job for job in jobs if not (job.folder / RUN_FILE).is_file()]
    if todo:
        open_backend(todo[0].training.backend).validate(todo[0].training, todo[0].base_path)
    failures = _carried_out(todo, pool, progress)
    if failures:
        raise _failed([job for job in todo if job.run_id in failures], failures)
    runs = [_read(job) for job in jobs]
    _tell(runs, progress)
    return runs


def finished_runs(
    recipe: Recipe, dataset: Dataset, rungs: Sequence[Rung], workspace: Workspace
) -> tuple[list[Run], int]:
    """Return the runs of `rungs` that are trained already, and how many are not.

    It takes no more than the core: what is trained can be read where nothing can be trained.
    """
    jobs = plan_jobs(recipe, dataset, rungs, workspace)
    done = [job for job in jobs if (job.folder / RUN_FILE).is_file()]
    return [_read(job) for job in done], len(jobs) - len(done)


def run_job(job: Job) -> None:
    """Make one run, in a worker process."""
    backend = open_backend(job.training.backend)
    partial = _partial(job)
    partial.mkdir(parents=True, exist_ok=True)
    if not (partial / RUN_FILE).is_file():  # else it was killed between the last two lines
        working = replace(job, folder=partial)
        with _logged(partial / LOG_FILE), _explained(partial / LOG_FILE):
            prepared = backend.prepare(working)
            backend.launch(working)
            run = Run.of(working, prepared, backend.collect(working))
        (partial / FAILURE_FILE).unlink(missing_ok=True)
        write_json(partial / RUN_FILE, run.as_json())
    partial.rename(job.folder)


@dataclass(frozen=True)
class Failure:
    """A run that failed twice: why, and the last lines that it printed."""

    name: str
    seed: int
    what: str
    why: str
    log: tuple[str, ...]


def read_failures(folder: Path) -> list[Failure]:
    """Read what is recorded under `folder` of runs that failed and were not made since."""
    files = sorted(folder.glob(f"*{PARTIAL}/{FAILURE_FILE}"))
    return [Failure(**(stored | {"log": tuple(stored["log"])})) for stored in map(read_json, files)]


def _carried_out(todo: Sequence[Job], pool: Pool, progress: Progress) -> dict[str, DoitkitError]:
    """Make the runs; return what came of those that failed, by id."""
    failures: dict[str, DoitkitError] = {}
    rows = sum(max(job.mixture.total, 1) for job in todo)
    with progress.task(f"training {len(todo)} runs, in rows", rows) as task:
        for attempt in range(_ATTEMPTS):
            failures = {}
            for index, outcome in pool.run(run_job, [(job,) for job in todo]):
                job = todo[index]
                name = f"{job.mixture.name} seed {job.seed}"
                if isinstance(outcome, DoitkitError):
                    failures[job.run_id] = outcome
                    if attempt + 1 < _ATTEMPTS and not isinstance(outcome, UsageError):
                        progress.note(f"{name} failed and is tried once more: {outcome.what}")
                    else:
                        _record(job, outcome)
                else:
                    task.advance(max(job.mixture.total, 1), note=name)
            todo = [job for job in todo if job.run_id in failures]
            if not todo or any(isinstance(error, UsageError) for error in failures.values()):
                break
    return failures


def _record(job: Job, error: DoitkitError) -> None:
    partial = _partial(job)
    partial.mkdir(parents=True, exist_ok=True)
    failure = Failure(
        job.mixture.name, job.seed, error.what, error.why or "", _last_lines(partial / LOG_FILE)
    )
    write_json(partial / FAILURE_FILE, asdict(failure))


def _last_lines(log: Path) -> tuple[str, ...]:
    if not log.is_file():
        return ()
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        lines = stream.read().decode(errors="replace").splitlines()
    return tuple(line for line in lines if line.strip())[-_LAST_LINES:]


@contextmanager
def _explained(log: Path) -> Iterator[None]:
    """Turn whatever the libraries beneath raise into an error that the ladder records."""
    try:
        yield
    except DoitkitError:
        raise
    except Exception as error:
        traceback.print_exc()
        said = next((line for line in str(error).splitlines() if line.strip()), "")
        full = _NO_SPACE in str(error)
        raise TrainingError(
            "the disk is full" if full else "the training broke off",
            where=log,
            why=f"{type(error).__name__}: {said[:_SHOWN]}",
            next_step="make room and run the same command again; finished runs are kept"
            if full
            else "see the log; finished runs are kept when the same command is run again",
        ) from error


@contextmanager
def _logged(file: Path) -> Iterator[None]:
    """Append what this process and its libraries print to `file`."""
    kept = [os.dup(stream) for stream in (1, 2)]
    with file.open("ab") as log:
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)
    try:
        yield
    finally:
        for stream, before in zip((1, 2), kept, strict=True):
            os.dup2(before, stream)
            os.close(before)


def _partial(job: Job) -> Path:
    return job.folder.with_name(f"{job.folder.name}{PARTIAL}")


def _read(job: Job) -> Run:
    """Return the run of a job. Folders move: where the base model lies is told by the recipe."""
    return replace(read_run(job.folder), base_path=job.base_path)


def _tell(runs: Sequence[Run], progress: Progress) -> None:
    """Say what was not done quite as it was asked for."""
    left_out = sum(run.left_out for run in runs)
    if left_out:
        progress.note(
            f"{left_out:,} rows over all runs were longer than `max_length` and left out; each "
            f"run's {REJECTS_FILE} names them"
        )
    truncated = sum(run.truncated for run in runs)
    if truncated:
        progress.note(f"{truncated:,} rows over all runs were longer than `max_length` and cut")
    smaller = [run for run in runs if run.asked_micro_batch_size > run.micro_batch_size > 0]
    if smaller:
        progress.note(
            f"memory did not suffice for {len(smaller)} runs, so that fewer rows were passed at a "
            "time, and gradients gathered over more passes"
        )


def _failed(todo: Sequence[Job], failures: dict[str, DoitkitError]) -> DoitkitError:
    first = failures[todo[0].run_id]
    usage = next((e for e in failures.values() if isinstance(e, UsageError)), None)
    if usage is not None:
        return usage
    names = ", ".join(f"{job.mixture.name} seed {job.seed}" for job in todo[:5])
    return TrainingError(
        f"{len(todo)} of the runs failed twice: {names}{' ...' if len(todo) > 5 else ''}",
        where=_partial(todo[0]) / LOG_FILE,
        why=f"the first says: {first.what}" + (f" ({first.why})" if first.why else ""),
        next_step=first.next_step
        or "mend the cause and run the same command again; finished runs are kept",
    )
