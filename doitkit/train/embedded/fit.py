"""The training loop: transformers' own `Trainer`, with our data, order and checkpoints."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from pathlib import Path
from statistics import fmean
from typing import Any

from doitkit.core.errors import TrainingError
from doitkit.recipe.training import Training
from doitkit.train.embedded.measure import Watch, watching
from doitkit.train.embedded.order import EpochOrder
from doitkit.train.embedded.packing import Packing
from doitkit.train.losses import stretches
from doitkit.train.steps import total_steps
from doitkit.train.tokens import IGNORED, Encoded

_WHOLE = "whole"

Collate = Callable[[Sequence[Sequence[Encoded]]], dict[str, Any]]


@dataclass(frozen=True)
class Fitted:
    """What training left: the model, and how it went.

    Attributes
    ----------
    weights
        Where the weights that are kept lie, if they are not those of `model`.
    steps
        Steps taken, of `asked`.
    """

    model: Any
    loss: float
    losses: tuple[tuple[int, float], ...]
    steps: int
    asked: int
    watch: Watch | None

    @property
    def weights(self) -> Path | None:
        """Where the weights that are kept lie, if they are not those that `model` has now."""
        watch = self.watch
        if watch is None or watch.validation.keep == "last" or watch.best_step == self.steps:
            return None
        return watch.best_weights


def fit(
    model: Any,
    sequences: Sequence[Sequence[Encoded]],
    training: Training,
    seed: int,
    folder: Path,
    device: str,
    pad_id: int,
    *,
    micro: int | None = None,
    held_out: Sequence[Encoded] = (),
) -> Fitted:
    """Train `model` on sequences of rows: of one each, or of several where they are packed.

    Checkpoints lie in `folder/checkpoints`; the last whole one is resumed from. The order of
    rows, the initial adapters and dropout follow `seed` alone.

    Parameters
    ----------
    micro
        Sequences per forward pass, a divisor of `training.batch_size`; as `training` says if not
        given.
    held_out
        Rows to measure by, if `training.validation` says so.
    """
    from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

    class MarkWhole(TrainerCallback):  # type: ignore[misc]
        """Marks a checkpoint when all its files are written: a kill may leave half a one."""

        def on_save(self, args: Any, state: Any, *_: Any, **__: Any) -> None:
            (Path(args.output_dir) / f"checkpoint-{state.global_step}" / _WHOLE).touch()

    class Ordered(Trainer):  # type: ignore[misc]
        """Takes the rows in an order that a resumed run continues."""

        def _get_train_sampler(self, *_: Any, **__: Any) -> EpochOrder:
            lengths = [sum(len(row.input_ids) for row in sequence) for sequence in sequences]
            return EpochOrder(lengths, training.batch_size, seed)

    steps = total_steps(len(sequences), training)
    micro = micro or training.micro_batch_size or training.batch_size
    low = training.dtype == "bfloat16" and training.method == "full"
    checkpoints = folder / "checkpoints"
    collate = Packing(pad_id) if training.packing else Padding(pad_id)
    watch = _watch(training, held_out, collate, micro, folder, low=low)
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
        bf16=low,
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
        train_dataset=list(sequences),
        data_collator=collate,
        callbacks=[*([] if watch is None else [watching(watch)]), MarkWhole()],
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
    taken = int(trainer.state.global_step)
    return Fitted(trainer.model, fmean(losses), stretches(losses), taken, steps, watch)


def _watch(
    training: Training,
    held_out: Sequence[Encoded],
    collate: Collate,
    micro: int,
    folder: Path,
    *,
    low: bool,
) -> Watch | None:
    if training.validation is None or not held_out:
        return None
    rows = sorted(held_out, key=lambda row: len(row.input_ids))
    batches = [
        collate([(row,) for row in rows[at : at + micro]]) for at in range(0, len(rows), micro)
    ]
    return Watch(training.validation, rows, batches, folder, low)


@dataclass(frozen=True)
class Padding:
    """Pads a batch on the right. Padding is told by the attention mask, never by its id."""

    pad_id: int

    def __call__(self, sequences: Sequence[Sequence[Encoded]]) -> dict[str, Any]:
        """Return the batch as tensors of shape (rows, longest)."""
        import torch

        rows = [row for (row,) in sequences]
        width = max(len(row.input_ids) for row in rows)

        def padded(values: Sequence[list[int]], fill: int) -> Any:
            return torch.tensor([given + [fill] * (width - len(given)) for given in values])

        return {
            "input_ids": padded([row.input_ids for row in rows], self.pad_id),
            "labels": padded([row.labels for row in rows], IGNORED),
            "attention_mask": padded([[1] * len(row.input_ids) for row in rows], 0),
        }


def _last_whole(checkpoints: Path) -> str | None:
    """Return the newest checkpoint that was written to its end, and remove the others."""
    found = sorted(checkpoints.glob("checkpoint-*"), key=lambda p: int(p.name.split("-")[1]))
    whole = [folder for folder in found if (folder / _WHOLE).exists()]
    for folder in found:
        if not whole or folder != whole[-1]:
            shutil.rmtree(folder, ignore_errors=True)
    return str(whole[-1]) if whole else None
