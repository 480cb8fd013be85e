"""The part of a recipe that says which runs are made.

Sizes x origins x abilities x models x seeds, in one of four designs or spelled out.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from doitkit.core.origins import Origin
from doitkit.recipe.amounts import Amount, Amounts, Count
from doitkit.recipe.block import InconsistentError, Model, ModelName, Name, Seed

Size = Annotated[int, Field(ge=1)]


class _Design(Model):
    """What every design may narrow."""

    seeds: list[Seed] | None = Field(
        default=None, min_length=1, description="Seeds of these runs, if not the ladder's."
    )
    models: list[ModelName] | None = Field(
        default=None,
        min_length=1,
        description="Names from `ladder.models` that these runs are trained from, if not all.",
    )


class _SizedDesign(_Design):
    """What designs share that give abilities rows of some origins, size by size."""

    origins: dict[Origin, Amount] = Field(
        min_length=1, description="Origin -> share of an ability's rows.", examples=[{"human": 1}]
    )
    abilities: list[Name] | None = Field(
        default=None, min_length=1, description="Abilities that get rows, if not all."
    )
    sizes: list[Size] | None = Field(
        default=None, min_length=1, description="Sizes of these runs, if not the ladder's."
    )

    @model_validator(mode="after")
    def _some_origin(self) -> Self:
        if not any(self.origins.values()):
            raise InconsistentError(
                "all origins are 0, so the runs would be empty",
                code="E149",
                key="origins",
                next_step="give some origin a share above 0",
            )
        return self


class BalancedDesign(_SizedDesign):
    """One run per size: every ability gets the same number of rows."""

    design: Literal["balanced"] = Field(
        description="balanced: every ability gets the same number of rows."
    )


class OneAtATimeDesign(_SizedDesign):
    """One run per ability and size: that ability gets the rows, the others stay as they are.

    It tells what one ability's rows do for all of them, at the price of many runs.
    """

    design: Literal["one-at-a-time"] = Field(
        description="one-at-a-time: one ability after another gets rows."
    )
    others: Count = Field(
        default=0, description="Rows of every other ability, of the same origins."
    )


class UnbalancedDesign(_Design):
    """Runs whose cells (ability x origin) differ on purpose, so that effects can be told apart."""

    design: Literal["unbalanced"] = Field(description="unbalanced: cells differ on purpose.")
    runs: int = Field(ge=1, description="How many runs.")
    max_rows: int | None = Field(
        default=None, ge=1, description="No run holds more rows than this."
    )


class ExplicitDesign(_Design):
    """Runs spelled out."""

    design: Literal["explicit"] = Field(description="explicit: mixtures spelled out.")
    mixtures: dict[Name, Amounts] = Field(
        min_length=1,
        description="Name -> mixture, in the units of the block `mixture`.",
        examples=[{"math-only": {"counts": {"math": {"human": 64}}}}],
    )


Design = Annotated[
    BalancedDesign | OneAtATimeDesign | UnbalancedDesign | ExplicitDesign,
    Field(discriminator="design"),
]


class Ladder(Model):
    """The runs from which growth is read: nested sizes, several designs, models and seeds."""

    sizes: list[Size] = Field(
        default=[],
        description="Rows per ability, ascending. Not needed where all mixtures are explicit.",
        examples=[[16, 64, 256, 1024]],
    )
    designs: list[Design] = Field(min_length=1, description="The designs, in order.")
    seeds: list[Seed] = Field(
        default=[1], min_length=1, description="Training seeds; each mixture runs once per seed."
    )
    models: dict[ModelName, str] = Field(
        default_factory=dict,
        description="Name -> model folder (relative to the recipe) or hub id. Every mixture is "
        "trained from each of them; from `train.base_model` alone if there are none.",
        examples=[{"135m": "models/135m", "1.7b": "models/1.7b"}],
    )

    @model_validator(mode="after")
    def _sizes_where_needed(self) -> "Ladder":
        for design in self.designs:
            own = design.sizes if isinstance(design, BalancedDesign | OneAtATimeDesign) else None
            if not self.sizes and not own and not isinstance(design, ExplicitDesign):
                raise InconsistentError(
                    f"`sizes` is missing, and the design {design.design} needs them",
                    code="E121",
                    next_step="add `sizes: [...]`, rows per ability, ascending",
                )
        return self

    @model_validator(mode="after")
    def _ascending(self) -> "Ladder":
        if sorted(set(self.sizes)) != self.sizes:
            raise InconsistentError(
                "sizes must ascend without repeats",
                key="sizes",
                next_step=f"write {sorted(set(self.sizes))}",
                code="E131",
            )
        if len(set(self.seeds)) != len(self.seeds):
            raise InconsistentError(
                "seeds must differ",
                key="seeds",
                next_step=f"write {sorted(set(self.seeds))}",
                code="E131",
            )
        return self
