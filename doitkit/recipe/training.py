"""The part of a recipe that says how runs are trained and scored."""

from typing import Any, Literal

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


class Validation(Model):
    """Rows that a run does not train on, to watch it by: bits per byte of their answers."""

    fraction: float = Field(
        default=0.05,
        gt=0,
        le=0.5,
        description="Share of the prompts whose rows are held out: always the same prompts, "
        "whatever the size of the mixture; one at least.",
    )
    every_steps: int = Field(default=50, ge=1, description="Measure after so many steps.")
    patience: int | None = Field(
        default=None,
        ge=1,
        description="End the run after so many measurements in a row without a better one; it "
        "is trained to its end if not given.",
    )
    keep: Literal["best", "last"] = Field(
        default="best", description="Which weights stay: those measured best, or the last ones."
    )


class Launch(Model):
    """Where runs are carried out, and what each is given."""

    launcher: Literal["local", "ray"] = Field(
        default="local", description="local: processes of this machine. ray: a Ray cluster."
    )
    address: str | None = Field(
        default=None,
        description="Of a running Ray cluster, or `auto`; one is started here if not given.",
    )
    gpus: int = Field(default=1, ge=1, description="GPUs of a run, where it uses any.")
    cpus: float | None = Field(
        default=None,
        gt=0,
        description="CPUs that a run takes of a Ray cluster; as `threads` if "
        "not given. Several runs may share one, as with 0.5.",
    )
    processes: Literal["python", "torchrun", "accelerate"] = Field(
        default="python",
        description="How a backend that starts programs of its own starts them: one process, or "
        "one per GPU.",
    )
    nodes: int = Field(default=1, ge=1, description="Machines of a run, by `torchrun`.")
    rendezvous: str | None = Field(
        default=None,
        description="host:port where the machines of a run meet.",
        examples=["10.0.0.1:29500"],
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
    method: Literal["full", "lora", "qlora"] = Field(
        default="full",
        description="full: all weights. lora: low-rank adapters on a frozen base. qlora: the "
        "same on a base in 4 bits, which takes a GPU.",
    )
    lora: Lora = Field(default_factory=Lora, description="The adapters of lora and qlora.")
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
    max_length: int = Field(default=1024, ge=8, description="Most tokens of a row.")
    on_overflow: Literal["drop", "truncate", "error"] = Field(
        default="drop",
        description="What becomes of longer rows: left out, cut at the end, or the run fails. "
        "They are counted and named in any case.",
    )
    packing: bool = Field(
        default=False,
        description="Put several rows into a sequence of `max_length`, none of which sees "
        "another. `batch_size` then counts sequences.",
    )
    gradient_checkpointing: bool = Field(
        default=False, description="Less memory, about a third more time."
    )
    validation: Validation | None = Field(
        default=None, description="Watch each run by rows that it does not train on."
    )
    dtype: Literal["auto", "float32", "bfloat16"] = Field(
        default="auto", description="auto: measured on the device, the faster one wins."
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto",
        description="auto: a GPU if there is one. Which of several is for CUDA_VISIBLE_DEVICES.",
    )
    workers: int | None = Field(
        default=None,
        ge=1,
        description="Runs trained at the same time; as many as there are GPUs for if not given, "
        "and one on a CPU.",
    )
    threads: int | None = Field(
        default=None, ge=1, description="CPU threads per worker; cores / workers if not given."
    )
    checkpoint_steps: int = Field(
        default=200, ge=1, description="A killed run resumes from its last checkpoint."
    )

    launch: Launch = Field(
        default_factory=Launch, description="Where runs are carried out, and with how much."
    )
    handover: Literal["tokens", "messages"] = Field(
        default="tokens",
        description="What a backend with an environment of its own is given: our tokens and "
        "mask, or the messages with a mark on the turns that are trained.",
    )
    options: dict[str, Any] = Field(
        default_factory=dict,
        description="Further keys of the backend's own configuration, as they are called there.",
        examples=[{"flash_attention": True}],
    )

    @property
    def adapters(self) -> bool:
        """Whether low-rank adapters are trained, not the weights themselves."""
        return self.method != "full"

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
