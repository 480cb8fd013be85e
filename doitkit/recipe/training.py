"""The part of a recipe that says how runs are trained and scored."""

from typing import Literal

from pydantic import Field, model_validator

from doitkit.recipe.block import InconsistentError, Model, Name

_DEFAULT_EPOCHS = 3.0


class Lora(Model):
    """Low-rank adapters instead of full fine-tuning."""

    r: int = Field(default=8, ge=1, description="Rank of the adapters.")
    alpha: int = Field(default=16, ge=1, description="The update is scaled by alpha / r.")
    dropout: float = Field(default=0.0, ge=0, lt=1, description="Dropout within the adapters.")
    target_modules: list[str] | Literal["all-linear"] = Field(
        default="all-linear", description="Layers that get adapters, by the ends of their names."
    )


class Training(Model):
    """How a run is trained."""

    base_model: str = Field(
        description="Model folder (relative to the recipe), hub id, or a name from "
        "`ladder.models`. The advice is for this model.",
        examples=["models/base", "HuggingFaceTB/SmolLM2-135M-Instruct"],
    )
    profile: str | None = Field(
        default=None,
        description="A backend profile from `backends/`; keys given here override it.",
        examples=["embedded-cpu"],
    )
    backend: str = Field(default="embedded", description="Training backend.")
    method: Literal["full", "lora"] = Field(
        default="full", description="full: all weights. lora: low-rank adapters on a frozen base."
    )
    lora: Lora = Field(default_factory=Lora, description="The adapters of method lora.")
    epochs: float | None = Field(default=None, gt=0, description="Passes over the mixture.")
    max_steps: int | None = Field(
        default=None, ge=1, description="Optimiser steps, instead of `epochs`."
    )
    batch_size: int = Field(default=16, ge=1, description="Rows per optimiser step.")
    micro_batch_size: int | None = Field(
        default=None, ge=1, description="Rows per forward pass; all of `batch_size` if not given."
    )
    learning_rate: float = Field(
        default=1e-5, gt=0, description="Peak of the schedule.", examples=[1e-5, 1e-3]
    )
    schedule: Literal["linear", "cosine", "constant"] = Field(
        default="linear", description="How the learning rate falls after the warm-up."
    )
    warmup_fraction: float = Field(
        default=0.03, ge=0, lt=1, description="Share of the steps in which it rises."
    )
    weight_decay: float = Field(default=0.0, ge=0, description="Of AdamW.")
    max_length: int = Field(default=1024, ge=8, description="Tokens; longer rows are left out.")
    dtype: Literal["auto", "float32", "bfloat16"] = Field(
        default="auto", description="auto: measured on the device, the faster one wins."
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto",
        description="auto: a GPU if there is one. Which of several is for CUDA_VISIBLE_DEVICES.",
    )
    workers: int = Field(default=1, ge=1, description="Runs trained at the same time.")
    threads: int | None = Field(
        default=None, ge=1, description="CPU threads per worker; cores / workers if not given."
    )
    checkpoint_steps: int = Field(
        default=200, ge=1, description="A killed run resumes from its last checkpoint."
    )

    @property
    def default_epochs(self) -> float:
        """Passes over the mixture where the recipe states neither `epochs` nor `max_steps`."""
        return _DEFAULT_EPOCHS

    @model_validator(mode="after")
    def _consistent(self) -> "Training":
        if self.epochs is not None and self.max_steps is not None:
            raise InconsistentError(
                "`epochs` and `max_steps` both say how long to train",
                key="max_steps",
                next_step="remove one of them",
            )
        micro = self.micro_batch_size
        if micro is not None and self.batch_size % micro != 0:
            raise InconsistentError(
                f"`batch_size` {self.batch_size} is no multiple of `micro_batch_size` {micro}",
                key="micro_batch_size",
                next_step="choose a divisor of `batch_size`",
            )
        return self


class Scoring(Model):
    """How every run is scored."""

    batch_size: int = Field(default=32, ge=1, description="Items scored together.")
    chat_template: bool = Field(
        default=True, description="Put prompts into the tokenizer's chat template."
    )


class Tracking(Model):
    """Where else the records of runs go."""

    to: Literal["mlflow", "wandb", "trackio"] = Field(description="The tracker.")
    project: Name = Field(description="Project, or experiment, of the tracker.")
    uri: str | None = Field(
        default=None, description="Address of the tracker. ${ENV:NAME} is replaced."
    )
