"""The runs of a recipe's ladder, each as a job: planned, and named by all that decides it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from doitkit.build import Dataset
from doitkit.core.errors import UsageError
from doitkit.core.files import read_json, write_json
from doitkit.core.hashing import digest, digest_folder
from doitkit.core.models import MODEL_FILES, require_model_folder
from doitkit.core.version import VERSION
from doitkit.core.workspace import Workspace
from doitkit.mix import Mixture, Rung
from doitkit.recipe.model import Recipe
from doitkit.recipe.training import Training
from doitkit.train.backend import Job, open_backend
from doitkit.train.run import RUN_FILE

STEP_VERSION = 3
_NO_EFFECT = {
    "profile",
    "workers",
    "threads",
    "device",
    "checkpoint_steps",
    "base_model",
    "launch",
}

RunKey = tuple[str, str, int]
"""What tells the runs of a ladder apart: mixture id, model name (see `Rung`), seed."""


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
                _job(recipe, dataset, workspace, training, base, mixture, seed, threads),
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


def _mixtures(rungs: Sequence[Rung]) -> list[tuple[Mixture, int, str]]:
    base = [(Mixture.of("base", {}), 0, "")]
    return base + [(rung.mixture, seed, rung.model) for rung in rungs for seed in rung.seeds]


def _job(
    recipe: Recipe,
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
    prices = {"gpu": recipe.prices.gpu_hour, "cpu": recipe.prices.cpu_hour}
    return Job(
        run_id=run_id,
        recipe_hash=digest(recipe.model_dump(mode="json")),
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
        prices={kind: price for kind, price in prices.items() if price is not None},
    )
