"""How many rows of each cell a mixture holds, said in one of five units.

Each unit has a key of its own, so that `counts: 1` is one row and `fractions: 1.0` is all of
them, and neither can be mistaken for the other.
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, model_validator

from doitkit.core.origins import Cell, Origin
from doitkit.recipe.block import InconsistentError, Model, Name

Count = Annotated[int, Field(ge=0)]
Amount = Annotated[float, Field(ge=0)]

UNITS = ("counts", "fractions", "tokens", "budgets", "weights")


class Amounts(Model):
    """A mixture. A cell (ability, origin) stands in one of the tables, or in none.

    `counts`, `fractions`, `tokens` and `budgets` say how many rows by themselves; `weights` share
    what they leave of `total`.
    """

    total: int | None = Field(
        default=None,
        ge=0,
        description="Rows in all; what the other tables leave of it is split by `weights`.",
    )
    counts: dict[Name, dict[Origin, Count]] | None = Field(
        default=None,
        description="Ability -> origin -> rows. 0 is none.",
        examples=[{"math": {"human": 200}}],
    )
    fractions: dict[Name, dict[Origin, Amount]] | None = Field(
        default=None,
        description="Ability -> origin -> share of the rows that there are after curation: 1.0 is "
        "all of them, 2.0 is each of them twice.",
        examples=[{"math": {"human": 1.0}}],
    )
    tokens: dict[Name, dict[Origin, Count]] | None = Field(
        default=None,
        description="Ability -> origin -> tokens: as many rows as hold no more than that, counted "
        "with the tokenizer of `train.base_model`.",
        examples=[{"math": {"human": 500000}}],
    )
    budgets: dict[Name, dict[Origin, Amount]] | None = Field(
        default=None,
        description="Ability -> origin -> money: as many rows as it pays for at `prices`.",
        examples=[{"math": {"human": 300.0}}],
    )
    weights: dict[Name, dict[Origin, Amount]] | None = Field(
        default=None,
        description="Ability -> origin -> share of what is left of `total`, by largest remainder. "
        "What a cell cannot give goes to the others.",
        examples=[{"math": {"human": 2}, "code": {"human": 1}}],
    )
    repeat_at_most: int = Field(
        default=1,
        ge=1,
        description="How often one row may stand in the mixture: 1 repeats none.",
    )

    def cells(self) -> Iterator[tuple[str, Cell, float]]:
        """Yield (unit, cell, amount) of every table, in the recipe's order."""
        for unit in UNITS:
            table: dict[str, dict[Origin, float]] = getattr(self, unit) or {}
            for ability, origins in table.items():
                for origin, amount in origins.items():
                    yield unit, Cell(ability, origin), amount

    @model_validator(mode="after")
    def _one_unit_a_cell(self) -> "Amounts":
        seen: dict[Cell, str] = {}
        for unit, cell, _ in self.cells():
            if cell in seen:
                raise InconsistentError(
                    f"`{seen[cell]}` and `{unit}` both say how many {cell.origin} rows of "
                    f"`{cell.ability}` there are",
                    key=(unit, cell.ability, cell.origin),
                    next_step="keep one of them",
                )
            seen[cell] = unit
        return self

    @model_validator(mode="after")
    def _a_total_is_split(self) -> "Amounts":
        if (self.total is None) != (self.weights is None):
            given = "weights" if self.total is None else "total"
            raise InconsistentError(
                "`total` and `weights` belong together",
                key=given,
                next_step="give both, or `counts`",
            )
        if self.total is None:
            return self
        counted = int(sum(amount for unit, _, amount in self.cells() if unit == "counts"))
        if counted > self.total:
            raise InconsistentError(
                f"`counts` hold {counted:,} rows, more than `total`, {self.total:,}",
                key="total",
                next_step="raise `total`, or lower the counts",
                code="E303",
            )
        shares = [amount for unit, _, amount in self.cells() if unit == "weights"]
        if self.total > counted and not any(shares):
            raise InconsistentError(
                "all weights are 0, so the total cannot be split",
                key="weights",
                next_step="give some ability a weight above 0, or remove `total`",
                code="E149",
            )
        return self
