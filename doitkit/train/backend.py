"""What a training backend does. Ours and others' are registered the same way.

A package that adds one names a class under the entry-point group `doitkit.backends`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

from doitkit.core.errors import UsageError
from doitkit.mix import Mixture
from doitkit.recipe.training import Training

GROUP = "doitkit.backends"


@dataclass(frozen=True)
class Job:
    """One run to be made. Everything that decides about it, and where it works."""

    run_id: str
    recipe_hash: str
    mixture: Mixture
    dataset_folder: Path
    dataset_id: str
    training: Training
    base_path: str
    base_hash: str
    config_hash: str
    seed: int
    folder: Path
    threads: int
    prices: Mapping[str, float] = field(default_factory=dict)
    """What an hour of `cpu` and of `gpu` costs, where the recipe says so."""


@dataclass(frozen=True)
class Prepared:
    """What is known before training.

    Attributes
    ----------
    rows
        Rows of the mixture.
    left_out, truncated, held_out
        How many of them are too long, are cut, and only measure.
    tokens, trained_tokens
        Of one pass over the rows that are trained: all, and those that carry loss.
    tokens_of
        The tokens of one pass by ability.
    trained
        The rows that are trained, by ability and origin.
    """

    rows: int
    left_out: int
    truncated: int
    held_out: int
    tokens: int
    trained_tokens: int
    tokens_of: Mapping[str, int]
    trained: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Outcome:
    """How a training went.

    Attributes
    ----------
    loss, losses
        The mean over all steps, and over stretches of them as (last step, loss); None and empty
        where nothing was trained.
    steps, epochs
        What was carried out: early stopping makes it less than was asked for.
    wall_s
        Seconds, with loading and saving.
    device, gpus
        `cpu` or `cuda`, and how many of the latter.
    micro_batch_size
        Rows per forward pass in the end; smaller than asked for where memory did not suffice.
    measured
        (step, bits per byte of the rows held out), in order.
    kept_step
        The step whose weights were kept.
    rule
        By which rule it was chosen, in words.
    ended
        Why training ended.
    """

    n_params: int
    loss: float | None
    losses: tuple[tuple[int, float], ...]
    steps: int
    epochs: float
    wall_s: float
    device: str
    gpus: int = 0
    micro_batch_size: int = 0
    measured: tuple[tuple[int, float], ...] = ()
    kept_step: int = 0
    rule: str = "the last step"
    ended: str = "all steps were taken"
    versions: Mapping[str, str] = field(default_factory=dict)


class Backend(Protocol):
    """Turns a job into a trained model: validate, settle, prepare, launch, collect.

    A trained model is left in the folder `model` of the job's folder: a Hugging Face model, or
    the adapters of one, as safetensors, with its tokenizer.
    """

    def validate(self, training: Training, base_path: str) -> None:
        """Raise a `UsageError` if runs like this cannot be made here; load nothing large."""

    def settle(self, training: Training, base_path: str, cache: Path) -> Training:
        """Return `training` with every `auto` decided for this machine.

        Decisions that took a measurement are kept in the folder `cache`, so that they do not
        change between two commands.
        """

    def prepare(self, job: Job) -> Prepared:
        """Write what the training reads into the job's folder."""

    def launch(self, job: Job) -> None:
        """Train, resuming from the last whole checkpoint in the job's folder if there is one."""

    def collect(self, job: Job) -> Outcome:
        """Return how a launched training went."""


def open_backend(name: str) -> Backend:
    """Return the backend that is registered under `name`.

    Raises
    ------
    UsageError
        If there is none of that name; the message lists the ones there are.
    """
    found = {point.name: point for point in entry_points(group=GROUP)}
    if name not in found:
        raise UsageError(
            f"no training backend is named `{name}`",
            where="train.backend",
            why=f"installed backends: {', '.join(sorted(found)) or 'none'}",
            next_step="correct the name, or install the package that provides it",
        )
    backend: Backend = found[name].load()()
    return backend
