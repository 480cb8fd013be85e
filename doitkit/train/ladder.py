"""Training a ladder: what is done is skipped, what is left runs on the free workers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from doitkit.build import Dataset
from doitkit.core.errors import DoitkitError, TrainingError, UsageError
from doitkit.core.files import read_json, write_json
from doitkit.core.hashing import digest, digest_folder
from doitkit.core.models import MODEL_FILES, require_model_folder
from doitkit.core.progress import SILENT, Progress
from doitkit.core.version import VERSION
from doitkit.core.workers import WorkerPool
from doitkit.core.workspace import Workspace
from doitkit.mix import Mixture, Rung
from doitkit.recipe.model import Recipe
from doitkit.recipe.training import Training
from doitkit.train.backend import Job, open_backend
from doitkit.train.run import PARTIAL, RUN_FILE, Run, read_run

STEP_VERSION = 2
_NO_EFFECT = {"profile", "workers", "threads", "device", "checkpoint_steps", "base_model"}
_ATTEMPTS = 2

RunKey = tuple[str, str, int]
"""What tells the runs of a ladder apart: mixture id, model name (see `Rung`), seed."""


def train_rungs(
    recipe: Recipe,
    dataset: Dataset,
    rungs: Sequence[Rung],
    workspace: Workspace,
    pool: WorkerPool,
    *,
    progress: Progress = SILENT,
) -> list[Run]:
    """Train every mixture of `rungs` with every one of its seeds, and record the base model.

    Finished runs are not repeated; a run that was killed goes on from its last checkpoint. A
    run that fails is tried once more; then the others go on, and the failures are raised
    together at the end.

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
    failures: dict[str, DoitkitError] = {}
    rows = sum(max(job.mixture.total, 1) for job in todo)
    with progress.task(f"training {len(todo)} runs, in rows", rows) as task:
        for _ in range(_ATTEMPTS):
            failures = {}
            for index, outcome in pool.run(run_job, [(job,) for job in todo]):
                job = todo[index]
                if isinstance(outcome, DoitkitError):
                    failures[job.run_id] = outcome
                else:
                    note = f"{job.mixture.name} seed {job.seed}"
                    task.advance(max(job.mixture.total, 1), note=note)
            todo = [job for job in todo if job.run_id in failures]
            if not todo or any(isinstance(error, UsageError) for error in failures.values()):
                break
    if failures:
        raise _failed(todo, failures)
    runs = [_read(job) for job in jobs]
    left_out = sum(run.left_out for run in runs)
    if left_out:
        progress.note(
            f"{left_out:,} rows over all runs were longer than max_length and left out; "
            "each run's left_out.json names them"
        )
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
    partial = job.folder.with_name(f"{job.folder.name}{PARTIAL}")
    partial.mkdir(parents=True, exist_ok=True)
    if (partial / RUN_FILE).is_file():  # killed between the last two lines below
        partial.rename(job.folder)
        return
    working = replace(job, folder=partial)
    prepared = backend.prepare(working)
    backend.launch(working)
    run = backend.collect(working, prepared)
    write_json(partial / RUN_FILE, run.as_json())
    partial.rename(job.folder)


def finished_run_keys(
    recipe: Recipe, dataset: Dataset, rungs: Sequence[Rung], workspace: Workspace
) -> frozenset[RunKey]:
    """Return which runs of `rungs` are trained already. Nothing is measured for that.

    Where a setting is `auto` and was never decided on this machine, no run can be told.
    """
    keyed = _keyed_jobs(recipe, dataset, rungs, workspace, threads=1, measure=False)
    return frozenset(key for key, job in keyed if (job.folder / RUN_FILE).is_file())


def plan_jobs(
    recipe: Recipe,
    dataset: Dataset,
    rungs: Sequence[Rung],
    workspace: Workspace,
    *,
    threads: int = 1,
) -> list[Job]:
    """Return the job of every run of `rungs`, and first that of each base model.

    A run's id is the hash of all that decides its result: the very rows, the weights of the
    base model, the training settings, the seed, and the version of this step.
    """
    keyed = _keyed_jobs(recipe, dataset, rungs, workspace, threads=threads, measure=True)
    return list({job.run_id: job for _, job in keyed}.values())


def _keyed_jobs(
    recipe: Recipe,
    dataset: Dataset,
    rungs: Sequence[Rung],
    workspace: Workspace,
    *,
    threads: int,
    measure: bool,
) -> list[tuple[RunKey, Job]]:
    if recipe.train is None:
        raise UsageError(
            "the recipe does not say how to train",
            where="train",
            next_step="add a `train:` block with at least `base_model`",
        )
    _require_carried_out(recipe)
    first = recipe.train.base_model
    several = len(recipe.base_models()) > 1
    keyed = []
    for model, name in recipe.base_models().items():
        own = [rung for rung in rungs if (rung.model or first) == model]
        if model != first and not own:
            continue
        base = _Base.of(resolve_model(recipe, name), model if several else "")
        declared = recipe.train.model_copy(update={"base_model": name})
        training = _settled(declared, base, workspace.probes, measure=measure)
        keyed += [
            (
                (mixture.id, rung_model, seed),
                _job(dataset, workspace, training, base, mixture, seed, threads),
            )
            for mixture, seed, rung_model in _mixtures(own)
        ]
    return keyed


@dataclass(frozen=True)
class _Base:
    """A base model: where it lies, what it is, and its name where there are several."""

    path: str
    hash: str
    name: str

    @classmethod
    def of(cls, path: str, name: str) -> "_Base":
        local = Path(path)
        if not (local.is_absolute() or local.is_dir()):
            return cls(path, path, name)
        require_model_folder(local)
        return cls(path, digest_folder(local, MODEL_FILES), name)


def _require_carried_out(recipe: Recipe) -> None:
    """Raise where the recipe asks for something that this version does not do."""
    if recipe.tracking is not None:
        raise UsageError(
            f"run records cannot be sent to {recipe.tracking.to} yet",
            where=recipe.place("tracking"),
            next_step="remove `tracking`; the records lie in the workspace under runs/",
        )


def _settled(declared: Training, base: _Base, cache: Path, *, measure: bool) -> Training:
    """Return `declared` with every `auto` decided; where nothing can be trained, as it was."""
    stated = declared.model_dump(mode="json")
    file = cache / f"settled-{digest([base.hash, stated])}.json"
    if not measure:
        return declared.model_copy(update=read_json(file)) if file.is_file() else declared
    backend = open_backend(declared.backend)
    try:
        training = backend.settle(declared, base.path, cache)
    except ImportError:
        if not file.is_file():
            backend.validate(declared, base.path)
            raise
        return declared.model_copy(update=read_json(file))
    decided = {k: v for k, v in training.model_dump(mode="json").items() if v != stated[k]}
    if decided and not (file.is_file() and read_json(file) == decided):
        write_json(file, decided)
    return training


def resolve_model(recipe: Recipe, name: str) -> str:
    """Return the folder of a model that the recipe names, or the name itself for the hub.

    `models/base` reads like a hub id. Where there is a folder `models`, it is none: who mistypes
    a local name should hear of it, and not wait for a network.
    """
    folder = recipe.folder / name
    local = name.startswith((".", "/")) or name.count("/") != 1
    return str(folder) if local or folder.parent.is_dir() else name


def _read(job: Job) -> Run:
    """Return the run of a job. Folders move: where the base model lies is told by the recipe."""
    return replace(read_run(job.folder), base_path=job.base_path)


def _mixtures(rungs: Sequence[Rung]) -> list[tuple[Mixture, int, str]]:
    base = [(Mixture.of("base", {}), 0, "")]
    return base + [(rung.mixture, seed, rung.model) for rung in rungs for seed in rung.seeds]


def _job(
    dataset: Dataset,
    workspace: Workspace,
    training: Training,
    base: _Base,
    mixture: Mixture,
    seed: int,
    threads: int,
) -> Job:
    rows_id = dataset.id_of(mixture)
    settings = {k: v for k, v in training.model_dump(mode="json").items() if k not in _NO_EFFECT}
    config_hash = digest(settings)
    if mixture.total:
        run_id = digest([VERSION, STEP_VERSION, rows_id, base.hash, config_hash, seed])
    else:
        run_id = digest([VERSION, STEP_VERSION, "base", base.hash, training.dtype])
    return Job(
        run_id=run_id,
        mixture=replace(mixture, name=f"{mixture.name}, {base.name}") if base.name else mixture,
        dataset_folder=dataset.folder,
        dataset_id=rows_id,
        training=training,
        base_path=base.path,
        base_hash=base.hash,
        config_hash=config_hash,
        seed=seed,
        folder=workspace.runs / run_id,
        threads=threads,
    )


def _failed(todo: Sequence[Job], failures: dict[str, DoitkitError]) -> DoitkitError:
    first = failures[todo[0].run_id]
    if isinstance(first, UsageError):
        return first
    names = ", ".join(f"{job.mixture.name} seed {job.seed}" for job in todo[:5])
    return TrainingError(
        f"{len(todo)} of the runs failed twice: {names}{' ...' if len(todo) > 5 else ''}",
        where=todo[0].folder.with_name(f"{todo[0].folder.name}{PARTIAL}"),
        why=f"the first says: {first.what}" + (f" ({first.why})" if first.why else ""),
        next_step=first.next_step
        or "mend the cause and run the same command again; finished runs are kept",
    )
