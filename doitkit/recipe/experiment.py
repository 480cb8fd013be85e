"""The part of a recipe that says which runs are made and what the advice is about."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from doitkit.core.origins import Origin
from doitkit.recipe.block import InconsistentError, Model, Name, Seed

Count = Annotated[int, Field(ge=0)]
Weight = Annotated[float, Field(ge=0)]


class Holdings(Model):
    """What the mixture of today holds: `counts`, or a `total` split by `weights`."""

    counts: dict[Name, dict[Origin, Count]] | None = Field(
        default=None, description="Ability -> origin -> rows.", examples=[{"math": {"human": 200}}]
    )
    total: int | None = Field(default=None, ge=0, description="Rows in all, split by `weights`.")
    weights: dict[Name, dict[Origin, Weight]] | None = Field(
        default=None, description="Ability -> origin -> share of `total`, by largest remainder."
    )

    @model_validator(mode="after")
    def _one_way_of_saying_it(self) -> "Holdings":
        if self.counts is not None and (self.total is not None or self.weights is not None):
            raise InconsistentError(
                "`counts` and `total` both say how many rows there are",
                key="counts",
                next_step="give `counts`, or `total` with `weights`",
            )
        if (self.total is None) != (self.weights is None):
            raise InconsistentError(
                "`total` and `weights` belong together",
                key="weights" if self.total is None else "total",
                next_step="give both, or `counts`",
            )
        shares = [share for origins in (self.weights or {}).values() for share in origins.values()]
        if self.total and not any(shares):
            raise InconsistentError(
                "all weights are 0, so the total cannot be split",
                key="weights",
                next_step="give some ability a weight above 0, or remove `total`",
            )
        return self


class BalancedDesign(Model):
    """One run per size: every ability gets the same number of rows."""

    design: Literal["balanced"]
    origins: dict[Origin, Weight] = Field(
        min_length=1, description="Origin -> share of each ability's rows.", examples=[{"human": 1}]
    )
    sizes: list[Annotated[int, Field(ge=1)]] | None = Field(
        default=None, min_length=1, description="Sizes of these runs, if not the ladder's."
    )
    seeds: list[Seed] | None = Field(
        default=None, min_length=1, description="Seeds of these runs, if not the ladder's."
    )

    @model_validator(mode="after")
    def _some_origin(self) -> "BalancedDesign":
        if not any(self.origins.values()):
            raise InconsistentError(
                "all origins are 0, so the runs would be empty",
                key="origins",
                next_step="give some origin a share above 0",
            )
        return self


class UnbalancedDesign(Model):
    """Runs whose cells (ability x origin) differ on purpose, so that effects can be told apart."""

    design: Literal["unbalanced"]
    runs: int = Field(ge=1, description="How many runs.")
    max_rows: int | None = Field(
        default=None, ge=1, description="No run holds more rows than this."
    )


class ExplicitDesign(Model):
    """Runs spelled out."""

    design: Literal["explicit"]
    mixtures: dict[Name, dict[Name, dict[Origin, Count]]] = Field(
        min_length=1, description="Name -> ability -> origin -> rows."
    )


Design = Annotated[
    BalancedDesign | UnbalancedDesign | ExplicitDesign, Field(discriminator="design")
]


class Ladder(Model):
    """The runs from which growth is read: nested sizes, several designs, several seeds."""

    sizes: list[Annotated[int, Field(ge=1)]] = Field(
        min_length=1, description="Rows per ability, ascending.", examples=[[16, 64, 256, 1024]]
    )
    designs: list[Design] = Field(min_length=1)
    seeds: list[Seed] = Field(
        default=[1], min_length=1, description="Training seeds; each mixture runs once per seed."
    )

    @model_validator(mode="after")
    def _ascending(self) -> "Ladder":
        if sorted(set(self.sizes)) != self.sizes:
            raise InconsistentError(
                "sizes must ascend without repeats",
                key="sizes",
                next_step=f"write {sorted(set(self.sizes))}",
            )
        if len(set(self.seeds)) != len(self.seeds):
            raise InconsistentError(
                "seeds must differ", key="seeds", next_step=f"write {sorted(set(self.seeds))}"
            )
        return self


class Lora(Model):
    """Low-rank adapters instead of full fine-tuning."""

    r: int = Field(default=8, ge=1)
    alpha: int = Field(default=16, ge=1)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    target_modules: list[str] | Literal["all-linear"] = "all-linear"


class Training(Model):
    """How a run is trained."""

    base_model: str = Field(description="Model folder (relative to the recipe) or hub id.")
    profile: str | None = Field(
        default=None,
        description="A backend profile from `backends/`; keys given here override it.",
        examples=["embedded-cpu"],
    )
    backend: str = Field(default="embedded", description="Training backend.")
    method: Literal["full", "lora"] = "full"
    lora: Lora = Field(default_factory=Lora)
    epochs: float | None = Field(default=None, gt=0, description="Passes over the mixture.")
    max_steps: int | None = Field(
        default=None, ge=1, description="Optimiser steps, instead of `epochs`."
    )
    batch_size: int = Field(default=16, ge=1, description="Rows per optimiser step.")
    micro_batch_size: int | None = Field(
        default=None, ge=1, description="Rows per forward pass; all of `batch_size` if not given."
    )
    learning_rate: float = Field(default=1e-5, gt=0)
    schedule: Literal["linear", "cosine", "constant"] = "linear"
    warmup_fraction: float = Field(default=0.03, ge=0, lt=1)
    weight_decay: float = Field(default=0.0, ge=0)
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

    batch_size: int = Field(default=32, ge=1)
    chat_template: bool = Field(
        default=True, description="Put prompts into the tokenizer's chat template."
    )


class Price(Model):
    """What a row costs."""

    per_row: float = Field(ge=0)


class Advice(Model):
    """What may be bought, and what for."""

    budget: float = Field(ge=0, description="How much may be spent, in the unit of the prices.")
    unit: str = Field(default="usd", description="Name of that unit, for display.")
    reference: Origin = Field(
        default="human", description="The origin in whose rows all others are expressed."
    )
    supply: Literal["available", "unlimited"] = Field(
        default="unlimited",
        description="available: buy no more rows than the sources hold. unlimited: new rows "
        "can be had at the same price.",
    )
    lot: int = Field(default=10, ge=1, description="Rows are bought in lots of this many.")
    min_gain: float = Field(
        default=0.02, gt=0, description="A gain below this counts as none in the diagnosis."
    )
    check_seeds: list[Seed] = Field(
        default=[],
        description="Train the advice and the equal split with these seeds, and compare.",
    )
