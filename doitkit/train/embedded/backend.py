"""The embedded backend, step by step."""

import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from doitkit.build import Dataset, compositions
from doitkit.core.arrow import frame_of, read_arrow, write_arrow
from doitkit.core.errors import TrainingError, UsageError
from doitkit.core.files import read_json, write_json
from doitkit.core.hashing import digest_folder
from doitkit.core.models import MODEL_FILES, require_fit, require_model_folder
from doitkit.core.tables import COMPOSITION
from doitkit.recipe.training import Training
from doitkit.train.backend import Job, Prepared
from doitkit.train.embedded import fit as fitting
from doitkit.train.embedded.model import (
    device_of,
    hush,
    load_model,
    load_tokenizer,
    probed_dtype,
    require_torch,
    with_adapters,
)
from doitkit.train.embedded.tokens import Encoded, encode
from doitkit.train.run import Run

_OUTCOME = "outcome.json"
_COMPOSITION = "composition.arrow"


class EmbeddedBackend:
    """Full fine-tuning and LoRA with transformers and peft."""

    def __init__(self) -> None:
        self._encoded: list[Encoded] = []
        self._tokenizer: Any = None

    def validate(self, training: Training, base_path: str) -> None:
        """Check that torch is there, the device exists, and a local model folder is one."""
        require_torch()
        device_of(training)
        if Path(base_path).is_absolute() or Path(base_path).is_dir():
            require_model_folder(Path(base_path))
        load_tokenizer(base_path)

    def settle(self, training: Training, base_path: str, cache: Path) -> Training:
        """Decide the number format by measuring, if the recipe leaves it open."""
        if training.dtype != "auto":
            return training
        local = Path(base_path).is_dir()
        base_hash = digest_folder(Path(base_path), MODEL_FILES) if local else base_path
        dtype = probed_dtype(training, base_path, base_hash, cache)
        return training.model_copy(update={"dtype": dtype})

    def prepare(self, job: Job) -> Prepared:
        """Encode the rows; write the composition, and which rows were too long."""
        self._use_threads(job.threads)
        self._tokenizer = load_tokenizer(job.base_path)
        rows = Dataset(job.dataset_folder).rows_of(job.mixture)
        # Not by id: a model may have given the very answer of a person, and both rows count.
        encoded = [encode(self._tokenizer, messages) for messages in rows["messages"].to_list()]
        sizes = dict(zip(rows["id"], (len(e.input_ids) for e in encoded), strict=True))
        too_long = {i: size for i, size in sizes.items() if size > job.training.max_length}
        self._encoded = [e for e in encoded if len(e.input_ids) <= job.training.max_length]
        if encoded and not self._encoded:
            raise UsageError(
                f"every row of the mixture `{job.mixture.name}` is too long",
                where=f"train.max_length: {job.training.max_length}",
                why=f"the shortest has {min(too_long.values()):,} tokens",
                next_step="raise `max_length`",
            )
        write_json(job.folder / "left_out.json", too_long)
        tokens = {i: size for i, size in sizes.items() if i not in too_long}
        passes = fitting.epochs(len(self._encoded), job.training)
        table = compositions(rows, tokens, passes)
        write_arrow(job.folder / _COMPOSITION, frame_of(table, COMPOSITION), COMPOSITION)
        return Prepared(
            rows=rows.height,
            left_out=len(encoded) - len(self._encoded),
            tokens=sum(len(row.input_ids) for row in self._encoded),
            trained_tokens=sum(row.trained for row in self._encoded),
        )

    def launch(self, job: Job) -> None:
        """Train and save the weights (safetensors) with the tokenizer, under `model/`."""
        import torch
        from transformers import set_seed

        start = time.perf_counter()
        set_seed(job.seed)
        model = load_model(job.base_path, job.training)
        require_fit(self._tokenizer, model)
        n_params = sum(p.numel() for p in model.parameters())
        outcome: dict[str, Any] = {"n_params": n_params, "loss": None, "losses": [], "steps": 0}
        if self._encoded:
            model = with_adapters(model, job.training)
            try:
                fitted = fitting.fit(
                    model,
                    self._encoded,
                    job.training,
                    job.seed,
                    job.folder,
                    device_of(job.training),
                    self._tokenizer.pad_token_id,
                )
            except torch.OutOfMemoryError as error:
                raise TrainingError(
                    "the device ran out of memory",
                    where=f"run {job.run_id}",
                    next_step="set a smaller `train.micro_batch_size` or `max_length`",
                ) from error
            outcome |= {"loss": fitted.loss, "losses": fitted.losses, "steps": fitted.steps}
            fitted.model.save_pretrained(job.folder / "model")
            self._tokenizer.save_pretrained(job.folder / "model")
        outcome["wall_s"] = time.perf_counter() - start
        write_json(job.folder / _OUTCOME, outcome)

    def collect(self, job: Job, prepared: Prepared) -> Run:
        """Return the run's record."""
        outcome = read_json(job.folder / _OUTCOME)
        return Run(
            run_id=job.run_id,
            name=job.mixture.name,
            dataset_id=job.dataset_id,
            base_model=job.training.base_model,
            base_path=job.base_path,
            base_hash=job.base_hash,
            n_params=outcome["n_params"],
            method=job.training.method if prepared.rows else "none",
            seed=job.seed,
            config_hash=job.config_hash,
            train_loss=outcome["loss"],
            wall_s=outcome["wall_s"],
            device=device_of(job.training),
            dtype=job.training.dtype,
            mixture=job.mixture.as_recipe(),
            trained=_trained(job.folder / _COMPOSITION),
            steps=outcome["steps"],
            tokens=prepared.tokens,
            trained_tokens=prepared.trained_tokens,
            left_out=prepared.left_out,
            losses=tuple((int(step), float(loss)) for step, loss in outcome["losses"]),
            versions={name: version(name) for name in ("torch", "transformers", "peft")},
        )

    def _use_threads(self, threads: int) -> None:
        import torch

        torch.set_num_threads(threads)
        hush()


def _trained(composition: Path) -> dict[str, dict[str, int]]:
    """Return rows per ability and origin, summed over the sources of a cell."""
    found: dict[str, dict[str, int]] = {}
    for row in read_arrow(composition).iter_rows(named=True):
        origins = found.setdefault(row["ability"], {})
        origins[row["origin"]] = origins.get(row["origin"], 0) + row["n_instances"]
    return found
