"""The part of a recipe that speaks of money: what things cost, and how much may be spent."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from doitkit.core.origins import Cell, Origin
from doitkit.recipe.amounts import Count
from doitkit.recipe.block import InconsistentError, Model, Name, Seed

Score = Annotated[float, Field(ge=0, le=1)]
FrozenPart = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*(/[a-z]+)?$", max_length=100)]


class RowPrice(Model):
    """What a row costs: so much each, or by its length."""

    per_row: float | None = Field(default=None, ge=0, description="Price of one row.")
    per_1k_tokens: float | None = Field(
        default=None,
        ge=0,
        description="Price of 1,000 tokens of rows, counted with the tokenizer of "
        "`train.base_model`.",
    )

    @model_validator(mode="after")
    def _one_price(self) -> "RowPrice":
        if (self.per_row is None) == (self.per_1k_tokens is None):
            both = self.per_row is not None
            raise InconsistentError(
                "`per_row` and `per_1k_tokens` both say what a row costs"
                if both
                else "the price is missing",
                key="per_1k_tokens" if both else None,
                next_step="keep one of them" if both else "add `per_row` or `per_1k_tokens`",
                code="E127" if both else "E148",
            )
        return self

    def of_row(self, tokens: float) -> float:
        """Return the price of a row of this many tokens."""
        if self.per_row is not None:
            return self.per_row
        return (self.per_1k_tokens or 0.0) * tokens / 1000


class Price(RowPrice):
    """What rows of one origin cost."""

    abilities: dict[Name, RowPrice] = Field(
        default_factory=dict,
        description="Abilities whose rows cost something else.",
        examples=[{"math": {"per_row": 4.0}}],
    )


class Prices(Model):
    """What rows and machine time cost, all in one unit of money."""

    human: Price | None = Field(default=None, description="Price of human-written rows.")
    programmatic: Price | None = Field(
        default=None, description="Price of rows made and verified by a program."
    )
    synthetic: Price | None = Field(default=None, description="Price of rows a model wrote.")
    gpu_hour: float | None = Field(default=None, ge=0, description="Price of one GPU for an hour.")
    cpu_hour: float | None = Field(
        default=None, ge=0, description="Price of the machine for an hour where it trains on CPU."
    )

    def stated(self) -> dict[Origin, Price]:
        """Return the prices of rows that are stated, by origin."""
        origins: dict[Origin, Price | None] = {
            "human": self.human,
            "programmatic": self.programmatic,
            "synthetic": self.synthetic,
        }
        return {origin: price for origin, price in origins.items() if price is not None}

    def of(self, cell: Cell) -> RowPrice | None:
        """Return the price of a cell's rows, or None if none is stated."""
        price = self.stated().get(cell.origin)
        return None if price is None else price.abilities.get(cell.ability, price)

    @property
    def machine_time(self) -> bool:
        """Whether an hour of a machine has a price."""
        return self.gpu_hour is not None or self.cpu_hour is not None

    @property
    def by_tokens(self) -> bool:
        """Whether some rows are priced by their length."""
        prices = self.stated().values()
        every = [*prices, *(own for price in prices for own in price.abilities.values())]
        return any(price.per_1k_tokens is not None for price in every)


class Caps(Model):
    """Hard limits. A plan that goes over one is refused, and so is its training.

    0 means none at all.
    """

    usd: float = Field(
        default=0.0, ge=0, description="USD for generation, over all time; checked at each request."
    )
    requests: int = Field(
        default=10_000, ge=0, description="Requests to generators, over all time."
    )
    annotation: float | None = Field(
        default=None,
        ge=0,
        description="Money for the rows of `mixture` that are still to be bought, at `prices`.",
    )
    compute: float | None = Field(
        default=None, ge=0, description="Money for the training that is left to do, at `prices`."
    )
    hours: float | None = Field(
        default=None, ge=0, description="Hours of training that are left to do."
    )


class Limits(Model):
    """What else a purchase may take, besides money."""

    rows: int | None = Field(default=None, ge=0, description="Rows bought in all.")
    tokens: int | None = Field(
        default=None,
        ge=0,
        description="Tokens of the rows bought, at the mean length of their cell's rows, counted "
        "with the tokenizer of `train.base_model`.",
    )
    gpu_hours: float | None = Field(
        default=None,
        ge=0,
        description="Hours of training on the rows bought, as long as the runs so far took for "
        "a row.",
    )


FilePattern = Annotated[str, Field(min_length=1, max_length=4096)]


class Advice(Model):
    """What may be bought, and what for."""

    budget: float = Field(ge=0, description="How much may be spent, in the unit of the prices.")
    unit: str = Field(default="usd", description="Name of that unit, for display.")
    limits: Limits = Field(
        default_factory=Limits,
        description="What else the purchase may take at most.",
        examples=[{"rows": 5000}],
    )
    objective: Literal["mean", "worst", "cvar"] = Field(
        default="mean",
        description="mean: the mean score, by the abilities' weights. worst: the score of the "
        "ability that does worst. cvar: the mean score in the worst `tail` share of what the runs "
        "leave possible.",
    )
    tail: float = Field(default=0.2, gt=0, le=1, description="That share, for `objective: cvar`.")
    min_scores: dict[Name, Score] = Field(
        default_factory=dict,
        description="Ability -> the score, from 0 to 1, that the forecast must reach; this comes "
        "before the objective.",
        examples=[{"math": 0.4}],
    )
    frozen: list[FrozenPart] = Field(
        default=[],
        description="Of what nothing may be bought: an ability, an origin, or `ability/origin`.",
        examples=[["ethics", "math/synthetic"]],
    )
    buy_at_most: dict[Name, dict[Origin, Count]] = Field(
        default_factory=dict,
        description="Ability -> origin -> rows that may be bought of it.",
        examples=[{"math": {"human": 200}}],
    )
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
    transfer: bool = Field(
        default=True,
        description="Whether the advice shall say which ability's rows help or hurt which other. "
        "It takes runs whose abilities do not all grow together.",
    )
    history: list[FilePattern] = Field(
        default=[],
        description="Tables of how abilities grew before, for other models or in earlier rounds: "
        "files relative to the data folder, with the columns `ability`, `curve`, `rows`, and "
        "`score` (0 to 1) or `loss`. Other base models of the ladder count without being named.",
        examples=[["history/last-year.csv"]],
    )
    check_seeds: list[Seed] = Field(
        default=[],
        description="Train the advice and the equal split with these seeds, and compare.",
    )
