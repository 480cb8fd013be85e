"""The Axolotl backend, step by step."""

import shutil
import time
from dataclasses import replace
from importlib.metadata import distributions
from importlib.util import find_spec
from math import ceil
from pathlib import Path
from statistics import fmean
from typing import Any

from doitkit.build import Dataset
from doitkit.core.errors import MissingExtraError, UsageError
from doitkit.core.files import read_json, write_json
from doitkit.core.models import require_model_folder
from doitkit.recipe.training import Training
from doitkit.train.axolotl import launch, metrics
from doitkit.train.axolotl.config import Task, axolotl_config, write_config
from doitkit.train.axolotl.data import Handed, hand_over
from doitkit.train.axolotl.environment import Environment, require_environment
from doitkit.train.axolotl.model import keep_model
from doitkit.train.axolotl.options import require_options
from doitkit.train.axolotl.training import train
from doitkit.train.axolotl.validate import require_valid
from doitkit.train.backend import Job, Outcome, Prepared
from doitkit.train.embedded.model import load_tokenizer
from doitkit.train.embedded.packing import packed
from doitkit.train.losses import stretches
from doitkit.train.rows import TrainingRows, training_rows
from doitkit.train.run import PARTIAL
from doitkit.train.steps import epochs, total_steps

CONFIG_FILE = "config.yml"
"""Axolotl's configuration, beside the rows that belong to it."""
_OUTCOME = "outcome.json"
_PACKAGES = ("axolotl", "torch", "transformers", "peft")


class AxolotlBackend:
    """Full fine-tuning, LoRA and QLoRA with Axolotl, on one device or many machines."""

    def __init__(self) -> None:
        self._rows: TrainingRows | None = None
        self._tokenizer: Any = None
        self._task: Task | None = None

    def validate(self, training: Training, base_path: str) -> None:
        """Check the environment, the keys, the devices, and what Axolotl itself has against it."""
        environment = require_environment()
        if find_spec("transformers") is None:
            raise MissingExtraError("rows cannot be made into tokens", extra="train")
        require_options(training)
        _require_handover(training)
        launch.require_launch(training, environment)
        if Path(base_path).is_absolute() or Path(base_path).is_dir():
            require_model_folder(Path(base_path))
        load_tokenizer(base_path)
        elsewhere = launch.on_cluster(training) or training.launch.launcher == "ray"
        assumed = launch.processes(training) if elsewhere else None
        if launch.device_of(training) == "cpu":
            assumed = None
        require_valid(example_config(training, base_path), environment, assume_gpus=assumed)

    def settle(
        self,
        training: Training,
        base_path: str,  # noqa: ARG002 - nothing is measured
        cache: Path,  # noqa: ARG002
    ) -> Training:
        """Decide the number format: float32 on a CPU, bfloat16 on GPUs."""
        if training.dtype != "auto":
            return training
        dtype = "float32" if launch.device_of(training) == "cpu" else "bfloat16"
        return training.model_copy(update={"dtype": dtype})

    def prepare(self, job: Job) -> Prepared:
        """Write the rows and the configuration that belongs to them, and the composition."""
        self._tokenizer = load_tokenizer(job.base_path)
        training = job.training
        rows = training_rows(Dataset(job.dataset_folder), job.mixture, self._tokenizer, training)
        self._rows = rows
        count = len(packed(rows.to_train, training.max_length)) if training.packing else 0
        count = count or len(rows.trained)
        passes = epochs(count, training)
        rows.write(job.folder, passes)
        if rows.trained:
            folder = job.folder / "axolotl"
            # How many sequences Axolotl makes of the rows, only Axolotl knows.
            packing = training.packing
            steps = training.max_steps if packing else total_steps(count, training)
            self._task = Task(
                training=training,
                base_path=_absolute(job.base_path),
                data=hand_over(rows, self._tokenizer, training, folder),
                folder=folder,
                seed=job.seed,
                steps=steps,
                epochs=float(ceil(passes)) if steps else passes,
                micro=launch.first_micro(training),
                threads=job.threads,
            )
            write_config(self._task, self._task.data.folder / CONFIG_FILE)
        return rows.prepared()

    def launch(self, job: Job) -> None:
        """Train in Axolotl's environment, and leave the model under `model/`."""
        environment = require_environment()
        start = time.perf_counter()
        outcome: dict[str, Any] = {"n_params": metrics.parameters_of(job.base_path)}
        if self._task is not None:
            config = self._task.data.folder / CONFIG_FILE
            task, state = train(job, self._task, config, environment)
            metrics.require_finite(state)
            keep_model(
                task.output,
                job.folder / "model",
                self._tokenizer,
                job.base_path,
                adapters=job.training.adapters,
            )
            outcome |= self._told(job, task, state)
            _tidy(job, task)
        outcome["wall_s"] = time.perf_counter() - start
        write_json(job.folder / _OUTCOME, outcome)

    def collect(self, job: Job) -> Outcome:
        """Return how the training went."""
        told: dict[str, Any] = {"loss": None, "losses": (), "steps": 0, "epochs": 0.0}
        told |= read_json(job.folder / _OUTCOME)
        for curve in ("losses", "measured"):
            told[curve] = tuple((int(s), float(v)) for s, v in told.get(curve, ()))
        device = launch.device_of(job.training)
        return Outcome(
            **told,
            device=device,
            gpus=launch.processes(job.training) if device == "cuda" else 0,
            versions=_versions(require_environment()),
        )

    def _told(self, job: Job, task: Task, state: metrics.State) -> dict[str, Any]:
        """Return what the record says of a training."""
        assert self._rows is not None
        losses = state.losses
        told: dict[str, Any] = {
            "loss": fmean(losses),
            "losses": stretches(losses),
            "steps": state.step,
            "epochs": state.epochs,
            "kept_step": state.step,
            "micro_batch_size": task.micro,
        }
        validation, held_out = job.training.validation, self._rows.to_measure
        if validation is not None and held_out:
            told["measured"] = [
                (step, metrics.bits_per_byte(loss, held_out)) for step, loss in state.held_out
            ]
            told["rule"] = metrics.rule(validation, len(held_out), state)
            if validation.keep == "best":
                told["kept_step"] = state.kept
            if state.step < state.asked:
                told["ended"] = f"{validation.patience} measurements in a row were not better"
        return told


def example_config(training: Training, base_path: str) -> dict[str, Any]:
    """Return the configuration of a training whose rows are not there yet."""
    messages = training.handover == "messages"
    measured = int(training.validation is not None)
    data = Handed(Path("/rows"), 1, measured, "</s>" if messages else None)
    steps = None if training.packing else training.max_steps or 1
    task = Task(
        training=training,
        base_path=_absolute(base_path),
        data=data,
        folder=Path("/run"),
        seed=0,
        steps=steps,
        epochs=training.epochs or training.default_epochs,
        micro=launch.first_micro(training),
    )
    return axolotl_config(task)


def _require_handover(training: Training) -> None:
    if training.handover == "messages" and training.on_overflow == "truncate":
        raise UsageError(
            "messages cannot be cut",
            where="train.on_overflow: truncate",
            why="rows are cut by tokens, and with `handover: messages` Axolotl makes these",
            next_step="say `handover: tokens`, or `on_overflow: drop`",
        )
    validation = training.validation
    if validation is not None and validation.patience is not None and validation.keep == "last":
        raise UsageError(
            "Axolotl keeps the best weights where it may end early",
            where="train.validation.keep: last",
            next_step="say `keep: best`, or remove `patience`",
        )


def _tidy(job: Job, task: Task) -> None:
    """Leave the rows and a configuration that names them where the run will lie in the end."""
    for folder in (task.output, task.prepared, task.folder / "cache"):
        shutil.rmtree(folder, ignore_errors=True)
    place = job.folder.with_name(job.folder.name.removesuffix(PARTIAL)) / task.folder.name
    data = replace(task.data, folder=place / task.data.folder.name)
    write_config(replace(task, folder=place, data=data), task.data.folder / CONFIG_FILE)


def _absolute(base_path: str) -> str:
    return str(Path(base_path).absolute()) if Path(base_path).is_dir() else base_path


def _versions(environment: Environment) -> dict[str, str]:
    places = [str(place) for place in environment.folder.glob("lib/python*/site-packages")]
    found = {found.name: found.version for found in distributions(path=places)}
    return {name: found[name] for name in _PACKAGES if name in found}
