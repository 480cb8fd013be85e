"""Watching a run by rows that it does not train on."""

import shutil
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from math import log
from pathlib import Path
from typing import Any

from doitkit.recipe.training import Validation
from doitkit.train.tokens import IGNORED, Encoded

MEASURED = "bits_per_byte"
"""Key of the trainer's log, and so of its checkpoints, under which measurements stand."""

_BEST = "best"


def bits_per_byte(
    model: Any, batches: Sequence[dict[str, Any]], trained_bytes: int, *, low: bool
) -> float:
    """Return the bits that a model needs for the answers of some rows, per byte of their text.

    It is the sum of -log2 p over the tokens that carry a label, by the UTF-8 bytes of these.

    Parameters
    ----------
    batches
        Tensors as a model takes them, with labels.
    low
        Compute in bfloat16, as the training does.
    """
    import torch
    from torch.nn.functional import cross_entropy

    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    nats = 0.0
    with torch.no_grad():
        for batch in batches:
            given = {name: tensor.to(device) for name, tensor in batch.items()}
            labels = given.pop("labels")[:, 1:]
            autocast = torch.autocast(device.type, torch.bfloat16) if low else nullcontext()
            with autocast:
                logits = model(**given).logits[:, :-1].float()
            loss = cross_entropy(
                logits.transpose(1, 2), labels, ignore_index=IGNORED, reduction="sum"
            )
            nats += float(loss)
    model.train(was_training)
    return nats / log(2) / max(trained_bytes, 1)


@dataclass
class Watch:
    """Measures a model as it is trained, keeps the best weights, and says when to stop.

    Attributes
    ----------
    measured
        (step, bits per byte), in order.
    """

    validation: Validation
    rows: Sequence[Encoded]
    batches: Sequence[dict[str, Any]]
    folder: Path
    low: bool
    measured: list[tuple[int, float]] = field(default_factory=list)

    def resume(self, log_history: Sequence[dict[str, Any]]) -> None:
        """Go on from what the log of a checkpoint holds."""
        self.measured = [
            (int(entry["step"]), float(entry[MEASURED]))
            for entry in log_history
            if MEASURED in entry
        ]

    def due(self, step: int, last: int) -> bool:
        """Say whether to measure after a step."""
        return step % self.validation.every_steps == 0 or step == last

    def measure(self, model: Any, step: int) -> float:
        """Measure, and keep the weights if they are the best so far."""
        total = sum(row.trained_bytes for row in self.rows)
        value = bits_per_byte(model, self.batches, total, low=self.low)
        best = min((before for _, before in self.measured), default=float("inf"))
        self.measured.append((step, value))
        if value < best and self.validation.keep == "best":
            # Two renames: a kill leaves the old weights, the new ones, or none, which a run that
            # goes on from its checkpoint writes again.
            aside = self.folder / f"{_BEST}.aside"
            shutil.rmtree(aside, ignore_errors=True)
            model.save_pretrained(aside)
            shutil.rmtree(self.folder / _BEST, ignore_errors=True)
            aside.rename(self.folder / _BEST)
        return value

    @property
    def exhausted(self) -> bool:
        """Whether there was no better measurement for so long that the run should end."""
        patience = self.validation.patience
        return patience is not None and len(self.measured) - 1 - self._best >= patience

    @property
    def best_step(self) -> int:
        """The step that was measured best, the first of equals."""
        return self.measured[self._best][0]

    @property
    def best_weights(self) -> Path:
        """Where the weights of that step lie."""
        return self.folder / _BEST

    @property
    def rule(self) -> str:
        """How the step is chosen whose weights are kept, in words."""
        every = f"measured every {self.validation.every_steps:,} steps and after the last one"
        if self.validation.keep == "last":
            return f"the last step; bits per byte of {len(self.rows):,} rows held out, {every}"
        return (
            f"the step of the fewest bits per byte of {len(self.rows):,} rows held out, {every}; "
            "the first of equals"
        )

    @property
    def _best(self) -> int:
        values = [value for _, value in self.measured]
        return values.index(min(values)) if values else -1


def watching(watch: Watch) -> Any:
    """Return the trainer's callback that measures, and ends a training that no longer helps."""
    from transformers import TrainerCallback

    class Watching(TrainerCallback):  # type: ignore[misc]
        """Keeps the measurements in the trainer's log, which checkpoints hold."""

        def on_train_begin(self, _args: Any, state: Any, *_: Any, **__: Any) -> None:
            watch.resume(state.log_history)

        def on_step_end(
            self, _args: Any, state: Any, control: Any, model: Any = None, **_: Any
        ) -> None:
            if not watch.due(state.global_step, state.max_steps):
                return
            value = watch.measure(model, state.global_step)
            state.log_history.append({"step": state.global_step, MEASURED: value})
            if watch.exhausted:
                control.should_training_stop = True
                # A run that went on from a checkpoint here would not know that it is at its end.
                control.should_save = False

    return Watching()
