"""The embedded backend, step by step."""

import gc
import shutil
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from doitkit.build import Dataset
from doitkit.core.errors import TrainingError
from doitkit.core.files import read_json, write_json
from doitkit.core.hashing import digest_folder
from doitkit.core.models import MODEL_FILES, require_fit, require_model_folder
from doitkit.recipe.training import Training
from doitkit.train.backend import Job, Outcome, Prepared
from doitkit.train.embedded import fit as fitting
from doitkit.train.embedded.model import (
    device_of,
    hush,
    load_model,
    load_tokenizer,
    probed_dtype,
    require_method,
    require_torch,
    with_adapters,
)
from doitkit.train.embedded.packing import packed
from doitkit.train.rows import TrainingRows, training_rows
from doitkit.train.steps import epochs, fewer_per_pass, steps_per_epoch
from doitkit.train.tokens import Encoded

_OUTCOME = "outcome.json"
_PACKAGES = ("torch", "transformers", "peft")
_NO_MEMORY = ("can't allocate memory", "out of memory")


class EmbeddedBackend:
    """Full fine-tuning, LoRA and QLoRA with transformers and peft."""

    def __init__(self) -> None:
        self._rows: TrainingRows | None = None
        self._sequences: list[tuple[Encoded, ...]] = []
        self._tokenizer: Any = None

    def validate(self, training: Training, base_path: str) -> None:
        """Check that torch is there, the device exists, and a local model folder is one."""
        require_torch()
        require_method(training)
        device_of(training)
        if Path(base_path).is_absolute() or Path(base_path).is_dir():
            require_model_folder(Path(base_path))
        load_tokenizer(base_path)

    def settle(self, training: Training, base_path: str, cache: Path) -> Training:
        """Decide the number format by measuring, if the recipe leaves it open."""
        if training.dtype != "auto":
            return training
        require_method(training)  # before a model is loaded to be measured
        local = Path(base_path).is_dir()
        base_hash = digest_folder(Path(base_path), MODEL_FILES) if local else base_path
        dtype = probed_dtype(training, base_path, base_hash, cache)
        return training.model_copy(update={"dtype": dtype})

    def prepare(self, job: Job) -> Prepared:
        """Encode the rows; write the composition, and which rows were too long."""
        self._use_threads(job.threads)
        self._tokenizer = load_tokenizer(job.base_path)
        rows = training_rows(
            Dataset(job.dataset_folder), job.mixture, self._tokenizer, job.training
        )
        self._rows = rows
        if job.training.packing:
            self._sequences = packed(rows.to_train, job.training.max_length)
        else:
            self._sequences = [(row,) for row in rows.to_train]
        rows.write(job.folder, epochs(len(self._sequences), job.training))
        return rows.prepared()

    def launch(self, job: Job) -> None:
        """Train and save the weights (safetensors) with the tokenizer, under `model/`."""
        from transformers import set_seed

        start = time.perf_counter()
        set_seed(job.seed)
        model = load_model(job.base_path, job.training)
        require_fit(self._tokenizer, model)
        n_params = sum(p.numel() for p in model.parameters())
        outcome: dict[str, Any] = {"n_params": n_params, "loss": None, "losses": [], "steps": 0}
        if self._sequences:
            fitted, micro = self._fitted(job, model)
            self._save(job, fitted)
            outcome |= _told(fitted) | {"micro_batch_size": micro}
            outcome["epochs"] = fitted.steps / steps_per_epoch(len(self._sequences), job.training)
        outcome["wall_s"] = time.perf_counter() - start
        write_json(job.folder / _OUTCOME, outcome)

    def collect(self, job: Job) -> Outcome:
        """Return how the training went."""
        outcome = read_json(job.folder / _OUTCOME)
        for curve in ("losses", "measured"):
            outcome[curve] = tuple((int(s), float(v)) for s, v in outcome.get(curve, ()))
        device = device_of(job.training)
        return Outcome(
            **({"epochs": 0.0} | outcome),
            device=device,
            gpus=int(device == "cuda"),
            versions={name: version(name) for name in _PACKAGES},
        )

    def _fitted(self, job: Job, model: Any) -> tuple[fitting.Fitted, int]:
        """Train, with fewer rows per pass as long as memory does not suffice."""
        from transformers import set_seed

        micro = job.training.micro_batch_size or job.training.batch_size
        while True:
            try:
                return self._fit_once(job, with_adapters(model, job.training), micro), micro
            except RuntimeError as error:
                if not _no_memory(error):
                    raise
                if micro == 1:
                    raise TrainingError(
                        "the device ran out of memory with one row at a time",
                        where=f"run {job.run_id}",
                        next_step="set a smaller `train.max_length`, say "
                        "`gradient_checkpointing: true` or `method: lora`, or use a larger device",
                    ) from error
            fewer = fewer_per_pass(micro, job.training.batch_size)
            print(f"out of memory with {micro} rows per pass; going on with {fewer}", flush=True)
            micro = fewer
            del model
            _free_memory()
            set_seed(job.seed)
            model = load_model(job.base_path, job.training)

    def _fit_once(self, job: Job, model: Any, micro: int) -> fitting.Fitted:
        assert self._rows is not None
        return fitting.fit(
            model,
            self._sequences,
            job.training,
            job.seed,
            job.folder,
            device_of(job.training),
            self._tokenizer.pad_token_id,
            micro=micro,
            held_out=self._rows.to_measure,
        )

    def _save(self, job: Job, fitted: fitting.Fitted) -> None:
        folder = job.folder / "model"
        shutil.rmtree(folder, ignore_errors=True)
        if fitted.weights is None:
            fitted.model.save_pretrained(folder)
        else:
            shutil.copytree(fitted.weights, folder)
        if fitted.watch is not None:
            shutil.rmtree(fitted.watch.best_weights, ignore_errors=True)
        self._tokenizer.save_pretrained(folder)

    def _use_threads(self, threads: int) -> None:
        import torch

        torch.set_num_threads(threads)
        hush()


def _told(fitted: fitting.Fitted) -> dict[str, Any]:
    """Return what the record says of a training."""
    told: dict[str, Any] = {
        "loss": fitted.loss,
        "losses": fitted.losses,
        "steps": fitted.steps,
        "kept_step": fitted.steps,
    }
    watch = fitted.watch
    if watch is not None:
        told |= {"measured": watch.measured, "rule": watch.rule}
        if watch.validation.keep == "best":
            told["kept_step"] = watch.best_step
        if fitted.steps < fitted.asked:
            patience = watch.validation.patience
            told["ended"] = f"{patience} measurements in a row were not better"
    return told


def _no_memory(error: RuntimeError) -> bool:
    """Say whether a device ran out of memory; on a CPU torch raises no error of its own kind."""
    import torch

    said = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or any(words in said for words in _NO_MEMORY)


def _free_memory() -> None:
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
