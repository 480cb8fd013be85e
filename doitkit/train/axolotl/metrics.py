"""How a training went, from what the trainer leaves with its last checkpoint."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, log
from pathlib import Path
from typing import Any

from doitkit.core.errors import TrainingError
from doitkit.recipe.training import Validation
from doitkit.train.tokens import Encoded

_STATE = "trainer_state.json"


@dataclass(frozen=True)
class State:
    """What the trainer knew when it wrote a checkpoint."""

    folder: Path
    told: dict[str, Any]

    @property
    def step(self) -> int:
        """Steps taken."""
        return int(self.told["global_step"])

    @property
    def asked(self) -> int:
        """Steps that were to be taken."""
        return int(self.told["max_steps"])

    @property
    def epochs(self) -> float:
        """Passes over the rows."""
        return float(self.told["epoch"] or 0.0)

    @property
    def losses(self) -> list[float]:
        """The loss of every step."""
        return [float(entry["loss"]) for entry in self.told["log_history"] if "loss" in entry]

    @property
    def held_out(self) -> list[tuple[int, float]]:
        """(step, loss of the rows held out), without the measurement before the first step."""
        return [
            (int(entry["step"]), float(entry["eval_loss"]))
            for entry in self.told["log_history"]
            if "eval_loss" in entry and entry["step"] > 0
        ]

    @property
    def kept(self) -> int:
        """The step whose weights Axolotl kept."""
        best = self.told.get("best_model_checkpoint")
        return int(str(best).rpartition("-")[2]) if best else self.step


def last_state(output: Path) -> State | None:
    """Return the state of the newest checkpoint that was written to its end."""
    found = sorted(output.glob("checkpoint-*"), key=lambda p: int(p.name.rpartition("-")[2]))
    states = map(state_of, reversed(found))
    return next((state for state in states if state is not None), None)


def state_of(checkpoint: Path) -> State | None:
    """Return the state of a checkpoint; None if it was not written to its end.

    The trainer writes it last, so that a checkpoint without it is half a one.
    """
    try:
        told = json.loads((checkpoint / _STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return State(checkpoint, told)


def require_finite(state: State) -> None:
    """Raise if the training diverged.

    Raises
    ------
    TrainingError
        It names the step.
    """
    for entry in state.told["log_history"]:
        told = [float(entry[key]) for key in ("loss", "grad_norm") if entry.get(key) is not None]
        if not all(map(isfinite, told)):
            raise TrainingError(
                "the training diverged",
                where=f"step {entry['step']}",
                why="the loss, or its gradient, is no finite number",
                next_step="lower `train.learning_rate`, or raise `warmup_fraction`",
            )


def bits_per_byte(loss: float, rows: Sequence[Encoded]) -> float:
    """Return a loss in nats per token as bits per byte of the rows' answers."""
    tokens = sum(row.trained for row in rows)
    return loss * tokens / log(2) / max(sum(row.trained_bytes for row in rows), 1)


def rule(validation: Validation, rows: int, state: State) -> str:
    """Return in words how the step was chosen whose weights are kept."""
    measured = (
        f"bits per byte of {rows:,} rows held out, from Axolotl's mean over passes of the loss "
        f"per token, measured every {validation.every_steps:,} steps and after the last one"
    )
    if validation.keep == "last":
        return f"the last step; {measured}"
    if state.told.get("best_model_checkpoint") is None:
        return f"the last step, since no step was better than the base model; {measured}"
    return f"the step of the fewest {measured}"


def parameters_of(model: str) -> int:
    """Return how many numbers the weights of a model are, from their headers alone.

    Parameters
    ----------
    model
        A folder, or a hub id.
    """
    if not Path(model).is_dir():
        from huggingface_hub import get_safetensors_metadata

        return sum(get_safetensors_metadata(model).parameter_count.values())
    return sum(_in_file(file) for file in Path(model).glob("*.safetensors"))


def _in_file(file: Path) -> int:
    # It begins with the length of its header, in 8 bytes, and the header, as JSON.
    with file.open("rb") as stream:
        header = json.loads(stream.read(int.from_bytes(stream.read(8), "little")))
    found = 0
    for name, tensor in header.items():
        if name != "__metadata__":
            size = 1
            for length in tensor["shape"]:
                size *= length
            found += size
    return found
