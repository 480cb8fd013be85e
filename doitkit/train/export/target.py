"""What a trainer outside of doitkit is given: its form of a row, and files beside the rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from doitkit.core.errors import UsageError
from doitkit.recipe.model import Recipe
from doitkit.recipe.training import Training
from doitkit.train.jobs import resolve_model

Messages = Sequence[Mapping[str, str]]

DATA_FILE = "train.jsonl"


class UnfitError(ValueError):
    """Why a row cannot be said in the form of a trainer."""


@dataclass(frozen=True)
class Settings:
    """What a configuration is made of.

    Attributes
    ----------
    name
        The recipe's.
    base_model
        A folder, as an absolute path, or a hub id.
    """

    name: str
    base_model: str
    training: Training

    @classmethod
    def of(cls, recipe: Recipe) -> Self:
        """Return the settings of a recipe.

        Raises
        ------
        UsageError
            If it does not say how to train.
        """
        if recipe.train is None:
            raise UsageError(
                "the recipe does not say how to train",
                where=recipe.place("train"),
                next_step="add a `train:` block with at least `base_model`",
            )
        model = resolve_model(recipe, next(iter(recipe.base_models().values())))
        local = Path(model)
        return cls(recipe.name, str(local.resolve()) if local.is_dir() else model, recipe.train)

    @property
    def micro_batch_size(self) -> int:
        """Rows per forward pass."""
        return self.training.micro_batch_size or self.training.batch_size

    @property
    def passes(self) -> int:
        """Forward passes of an optimiser step."""
        return self.training.batch_size // self.micro_batch_size

    @property
    def length(self) -> dict[str, float]:
        """How long to train, as transformers calls it."""
        training = self.training
        if training.max_steps is not None:
            return {"max_steps": training.max_steps}
        return {"num_train_epochs": training.epochs or training.default_epochs}

    @property
    def schedule(self) -> str:
        """The schedule, as transformers calls it: all of ours warm up."""
        schedule = self.training.schedule
        return "constant_with_warmup" if schedule == "constant" else schedule


@dataclass(frozen=True)
class Target:
    """A trainer.

    Attributes
    ----------
    title
        What it is called.
    row
        Gives the messages of a row in its form, or raises `UnfitError`.
    files
        Gives the files beside the rows, as names and texts; None where it takes no settings.
    use
        How to train with the folder, for its README.
    least
        It takes no fewer rows.
    """

    title: str
    row: Callable[[Messages], dict[str, Any]]
    files: Callable[[Settings], dict[str, str]] | None
    use: str
    least: int = 1


def plain_messages(messages: Messages) -> list[dict[str, Any]]:
    """Return messages of a role and a text each."""
    return [{"role": message["role"], "content": message["content"]} for message in messages]
