"""From the recipe's `train:` block to Axolotl's configuration."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import yaml

from doitkit.core.files import write_text
from doitkit.recipe.training import Training
from doitkit.train.axolotl.data import Handed
from doitkit.train.axolotl.launch import device_of, passes
from doitkit.train.axolotl.options import attention

_KERNELS = ("lora_mlp_kernel", "lora_qkv_kernel", "lora_o_kernel", "lora_embedding_kernel")
_ROWS_WORTH_A_PROCESS = 20_000
_MESSAGES = {
    "type": "chat_template",
    "field_messages": "messages",
    "message_property_mappings": {"role": "role", "content": "content"},
    "message_field_training": "train",
    "roles_to_train": [],
    "train_on_eot": "turn",
    "train_on_eos": "turn",
}


@dataclass(frozen=True)
class Task:
    """One training, as far as its configuration depends on it.

    Attributes
    ----------
    steps
        Optimiser steps; None where Axolotl packs rows, so that only it knows how many sequences
        there are.
    epochs
        Passes over the rows.
    micro
        Rows per forward pass of each process.
    threads
        CPU threads that prepare the rows.
    """

    training: Training
    base_path: str
    data: Handed
    folder: Path
    seed: int
    steps: int | None
    epochs: float
    micro: int
    threads: int = 1

    @property
    def output(self) -> Path:
        """Where Axolotl writes its checkpoints and the trained model."""
        return self.folder / "output"

    @property
    def prepared(self) -> Path:
        """Where Axolotl keeps the rows that it has prepared."""
        return self.folder / "prepared"


def axolotl_config(task: Task) -> dict[str, Any]:
    """Return the whole configuration of a training, with the options of the recipe."""
    training = task.training
    return {
        "base_model": task.base_path,
        "seed": task.seed,
        "output_dir": str(task.output),
        **_rows(task),
        **_schedule(task),
        **_method(training),
        **_numbers(training),
        **_checkpoints(training),
        **_validation(task),
        **_absolute(training.options),
    }


def write_config(task: Task, file: Path) -> None:
    """Write the configuration as YAML."""
    write_text(file, yaml.safe_dump(axolotl_config(task), sort_keys=False, allow_unicode=True))


def _rows(task: Task) -> dict[str, Any]:
    """Nothing may be cut, dropped or put in another order than the seed's: that is decided."""
    training, data = task.training, task.data
    found: dict[str, Any] = {
        "datasets": [_dataset(data, data.trained)],
        "val_set_size": 0,
        "dataset_prepared_path": str(task.prepared),
        "dataset_num_proc": _workers(task),
        "sequence_len": training.max_length,
        "excess_length_strategy": "raise",
        "shuffle_merged_datasets": False,
        "shuffle_before_merging_datasets": False,
        "group_by_length": False,
        "train_on_inputs": False,
        "sample_packing": training.packing,
        "eval_sample_packing": False,
    }
    if not training.packing:
        found["pad_to_sequence_len"] = False
    if data.held_out is not None:
        found["test_datasets"] = [_dataset(data, data.held_out)]
    if data.template is not None:
        found |= {"chat_template": "jinja", "chat_template_jinja": str(data.template)}
        found["eot_tokens"] = [data.end_mark]
    return found


def _workers(task: Task) -> int:
    """Return in how many processes rows are prepared: to start one takes ten seconds and more."""
    small = task.data.trained_rows < _ROWS_WORTH_A_PROCESS
    return 0 if task.data.template is None or small else task.threads


def _dataset(data: Handed, file: Path) -> dict[str, Any]:
    place: dict[str, Any] = {"path": str(file), "ds_type": "parquet", "split": "train"}
    return place | ({"type": None} if data.template is None else _MESSAGES)


def _schedule(task: Task) -> dict[str, Any]:
    training = task.training
    found: dict[str, Any] = {
        "micro_batch_size": task.micro,
        "gradient_accumulation_steps": passes(training, task.micro),
        "eval_batch_size": task.micro,
        "num_epochs": task.epochs,
        "learning_rate": training.learning_rate,
        "lr_scheduler": training.schedule,
        "weight_decay": training.weight_decay,
        "optimizer": "adamw_torch",
        "logging_steps": 1,
    }
    if task.steps is None:
        return found | {"warmup_ratio": training.warmup_fraction}
    warmup = ceil(training.warmup_fraction * task.steps)
    return found | {"max_steps": task.steps, "warmup_steps": warmup}


def _method(training: Training) -> dict[str, Any]:
    found: dict[str, Any] = {"gradient_checkpointing": training.gradient_checkpointing}
    if training.gradient_checkpointing:
        found["gradient_checkpointing_kwargs"] = {"use_reentrant": False}
    if not training.adapters:
        return found
    lora = training.lora
    found |= {
        "adapter": training.method,
        "load_in_4bit": training.method == "qlora",
        "load_in_8bit": False,
        "lora_r": lora.r,
        "lora_alpha": lora.alpha,
        "lora_dropout": lora.dropout,
    }
    if isinstance(lora.target_modules, str):
        return found | {"lora_target_linear": True}
    return found | {"lora_target_modules": list(lora.target_modules)}


def _numbers(training: Training) -> dict[str, Any]:
    low = training.dtype == "bfloat16"
    found: dict[str, Any] = {"bf16": low, "fp16": False, "tf32": False}
    if attention(training.options) is None:
        found["attn_implementation"] = "sdpa"
    if device_of(training) == "cpu":
        # Axolotl turns them on by itself, and they are written for GPUs.
        found |= dict.fromkeys(_KERNELS, False)
    return found


def _checkpoints(training: Training) -> dict[str, Any]:
    # The last step is always saved: only with a checkpoint come the losses.
    return {
        "save_strategy": "steps",
        "save_steps": training.checkpoint_steps,
        "save_total_limit": 1,
        "save_only_model": False,
        "auto_resume_from_checkpoints": True,
    }


def _validation(task: Task) -> dict[str, Any]:
    validation = task.training.validation
    if validation is None or task.data.held_out is None:
        return {}
    found: dict[str, Any] = {
        "eval_strategy": "steps",
        "eval_steps": validation.every_steps,
        "load_best_model_at_end": validation.keep == "best",
    }
    if validation.keep == "best":
        # Only what is saved can be kept.
        found |= {"save_steps": validation.every_steps, "metric_for_best_model": "eval_loss"}
        found |= {"greater_is_better": False}
    if validation.patience is not None:
        found["early_stopping_patience"] = validation.patience
    return found


def _absolute(options: dict[str, Any]) -> dict[str, Any]:
    """Name a file from the root that is named relative to where doitkit was started."""
    stated = options.get("deepspeed")
    if isinstance(stated, str) and Path(stated).is_file():
        return options | {"deepspeed": str(Path(stated).absolute())}
    return options
