"""The training loop: transformers' own `Trainer`, with our data, order and checkpoints."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from pathlib import Path
from statistics import fmean
from typing import Any

from doitkit.core.errors import TrainingError
from doitkit.recipe.training import Training
from doitkit.train.embedded.order import EpochOrder
from doitkit.train.embedded.tokens import IGNORED, Encoded

_WHOLE = "whole"
_STRETCHES = 20


@dataclass(frozen=True)
class Fitted:
    """What training left: the model, and how it went."""

    model: Any
    loss: float
    losses: tuple[tuple[int, float], ...]
    steps: int


def fit(
    model: Any,
    encoded: Sequence[Encoded],
    training: Training,
    seed: int,
    folder: Path,
    device: str,
    pad_id: int,
) -> Fitted:
    """Train `model` on `encoded` rows.

    Checkpoints lie in `folder/checkpoints`; the last whole one is resumed from. The order of
    rows, the initial adapters and dropout follow `seed` alone.
    """
    from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

    class MarkWhole(TrainerCallback):  # type: ignore[misc]
        """Marks a checkpoint when all its files are written: a kill may leave half a one."""

        def on_save(self, args: Any, state: Any, *_: Any, **__: Any) -> None:
            (Path(args.output_dir) / f"checkpoint-{state.global_step}" / _WHOLE).touch()

    class Ordered(Trainer):  # type: ignore[misc]
        """Takes the rows in an order that a resumed run continues."""

        def _get_train_sampler(self, *_: Any, **__: Any) -> EpochOrder:
            lengths = [len(row.input_ids) for row in encoded]
            return EpochOrder(lengths, training.batch_size, seed)

    steps = total_steps(len(encoded), training)
    micro = training.micro_batch_size or training.batch_size
    checkpoints = folder / "checkpoints"
    arguments = TrainingArguments(
        output_dir=str(checkpoints),
        max_steps=steps,
        per_device_train_batch_size=micro,
        gradient_accumulation_steps=training.batch_size // micro,
        learning_rate=training.learning_rate,
        lr_scheduler_type=training.schedule,
        warmup_steps=ceil(training.warmup_fraction * steps),
        weight_decay=training.weight_decay,
        optim="adamw_torch",
        bf16=training.dtype == "bfloat16" and training.method == "full",
        use_cpu=device == "cpu",
        seed=seed,
        data_seed=seed,
        logging_strategy="steps",
        logging_steps=1,
        logging_nan_inf_filter=False,
        save_strategy="steps" if training.checkpoint_steps < steps else "no",
        save_steps=training.checkpoint_steps,
        save_total_limit=1,
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=device != "cpu",
    )
    trainer = Ordered(
        model=model,
        args=arguments,
        train_dataset=[{"input_ids": row.input_ids, "labels": row.labels} for row in encoded],
        data_collator=Padding(pad_id),
        callbacks=[MarkWhole()],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train(resume_from_checkpoint=_last_whole(checkpoints))
    # Of every step, since the log is all that a resumed run knows about the steps before.
    losses = [float(entry["loss"]) for entry in trainer.state.log_history if "loss" in entry]
    if not all(isfinite(loss) for loss in losses):
        raise TrainingError(
            "the training diverged",
            where=f"step {next(i for i, loss in enumerate(losses, 1) if not isfinite(loss))}",
            why="the loss is no finite number",
            next_step="lower `train.learning_rate`, or raise `warmup_fraction`",
        )
    shutil.rmtree(checkpoints, ignore_errors=True)
    return Fitted(trainer.model, fmean(losses), _thinned(losses), steps)


def _thinned(losses: Sequence[float]) -> tuple[tuple[int, float], ...]:
    """Return (last step, mean loss) of each of some twenty stretches of training."""
    width = max(1, len(losses) // _STRETCHES)
    return tuple(
        (min(start + width, len(losses)), fmean(losses[start : start + width]))
        for start in range(0, len(losses), width)
    )


def total_steps(rows: int, training: Training) -> int:
    """Return how many optimiser steps `training` means for this many rows."""
    if training.max_steps is not None:
        return training.max_steps
    return max(1, ceil(epochs(rows, training) * _steps_per_epoch(rows, training)))


def epochs(rows: int, training: Training) -> float:
    """Return how often each of this many rows is trained."""
    if training.max_steps is not None:
        return training.max_steps / _steps_per_epoch(rows, training)
    return training.epochs or training.default_epochs


def _steps_per_epoch(rows: int, training: Training) -> int:
    return max(1, ceil(rows / training.batch_size))


@dataclass(frozen=True)
class Padding:
    """Pads a batch on the right. Padding is told by the attention mask, never by its id."""

    pad_id: int

    def __call__(self, rows: Sequence[dict[str, list[int]]]) -> dict[str, Any]:
        """Return the batch as tensors of shape (rows, longest)."""
        import torch

        width = max(len(row["input_ids"]) for row in rows)

        def padded(key: str, fill: int) -> Any:
            return torch.tensor([row[key] + [fill] * (width - len(row[key])) for row in rows])

        mask = [[1] * len(r["input_ids"]) + [0] * (width - len(r["input_ids"])) for r in rows]
        return {
            "input_ids": padded("input_ids", self.pad_id),
            "labels": padded("labels", IGNORED),
            "attention_mask": torch.tensor(mask),
        }


def _last_whole(checkpoints: Path) -> str | None:
    """Return the newest checkpoint that was written to its end, and remove the others."""
    found = sorted(checkpoints.glob("checkpoint-*"), key=lambda p: int(p.name.split("-")[1]))
    whole = [folder for folder in found if (folder / _WHOLE).exists()]
    for folder in found:
        if not whole or folder != whole[-1]:
            shutil.rmtree(folder, ignore_errors=True)
    return str(whole[-1]) if whole else None
