"""What a mixture costs: rows for a budget, at prices, within the supply."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from doitkit.advise.tables.prices import PriceList, missing_price
from doitkit.core.errors import UsageError
from doitkit.growth.observations import Floats
from doitkit.recipe.diagnostics import listed

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Line:
    """What to buy of one source: rows, or tokens, and what that costs."""

    source: str
    amount: int
    cost: float


@dataclass(frozen=True)
class MixturePurchase:
    """A mixture bought for a budget.

    Attributes
    ----------
    counted
        `rows` or `tokens`.
    per_thousand
        What 1,000 of these cost in the mixture.
    total
        How many the budget buys.
    """

    counted: str
    unit: str
    budget: float
    per_thousand: float
    total: int
    spent: float
    lines: tuple[Line, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the purchase as plain JSON."""
        return asdict(self) | {"lines": [asdict(line) for line in self.lines]}


@dataclass(frozen=True)
class MixtureMarket:
    """What the sources of a mixture cost.

    Attributes
    ----------
    prices
        Of one row, or token, of each source, shape (sources,); infinite where none is for sale.
    supply
        Same shape; may be infinite.
    counted
        `rows` or `tokens`.
    """

    sources: tuple[str, ...]
    prices: Floats
    supply: Floats
    budget: float
    unit: str
    counted: str
    assumptions: tuple[str, ...]

    def total(self, mixtures: Floats) -> Floats:
        """Return how much the budget buys of mixtures, shape (mixtures,)."""
        sold = np.isfinite(self.prices)
        costs = mixtures @ np.where(sold, self.prices, 0.0)
        affordable = self.budget / np.maximum(costs, 1e-300)
        held = mixtures > _ROUNDING
        room = np.where(held, self.supply / np.where(held, mixtures, 1.0), np.inf).min(axis=1)
        there: Floats = np.minimum(affordable, room)
        return there

    def purchase(self, mixture: Floats) -> MixturePurchase:
        """Return what the budget buys of a mixture."""
        total = float(self.total(mixture[None])[0])
        amounts = np.floor(mixture * total + _ROUNDING)
        costs = amounts * np.where(np.isfinite(self.prices), self.prices, 0.0)
        price = float(mixture @ np.where(np.isfinite(self.prices), self.prices, 0.0))
        return MixturePurchase(
            counted=self.counted,
            unit=self.unit,
            budget=self.budget,
            per_thousand=1000 * price,
            total=int(amounts.sum()),
            spent=float(costs.sum()),
            lines=tuple(
                Line(source, int(amount), float(cost))
                for source, amount, cost in zip(self.sources, amounts, costs, strict=True)
                if amount > 0
            ),
        )

    def limits_of(self, mixture: Floats) -> tuple[str, ...]:
        """Return what the supply does to the purchase of a mixture, in sentences."""
        if self.budget == 0:
            return (f"nothing can be bought for 0 {self.unit}; what the runs tell stands",)
        whole = float((self.supply * np.where(np.isfinite(self.prices), self.prices, 0.0)).sum())
        if np.isfinite(self.supply).all() and whole <= self.budget:
            return (
                (
                    f"the budget is larger than all supply, which costs {whole:,.6g} {self.unit}: "
                    "the mixture is bought as far as its scarcest source goes"
                ),
            )
        bought = self.purchase(mixture)
        if bought.spent >= 0.99 * self.budget:
            return ()
        amounts = mixture * float(self.total(mixture[None])[0])
        short = [
            source
            for source, amount, there in zip(self.sources, amounts, self.supply, strict=True)
            if amount >= there * (1 - 1e-6) > 0
        ]
        if not short:
            return ()
        left = self.budget - bought.spent
        return (f"the supply of {listed(short)} ends first: {left:,.6g} {self.unit} stay unspent",)


def market_of(
    sources: tuple[str, ...],
    prices: PriceList,
    budget: float,
    unit: str,
    reference: str,
    measured: str,
) -> MixtureMarket:
    """Return what the sources cost, all per row or all per token.

    Parameters
    ----------
    measured
        What the compositions count; it decides where prices are of both kinds.

    Raises
    ------
    UsageError
        If no source has a price, or rows and tokens cannot be set against each other.
    """
    found = [prices.of(source, reference) for source in sources]
    priced = [price for price in found if price is not None]
    if not priced:
        raise missing_price(prices.file, sources)
    said = []
    unpriced = [s for s, price in zip(sources, found, strict=True) if price is None]
    if unpriced:
        said.append(f"without a price, so not for sale and not in the advice: {listed(unpriced)}")
    kinds = {price.tokens for price in priced}
    tokens = measured == "tokens" or (measured != "rows" and kinds == {True})
    length = prices.tokens_per_row
    if kinds != {tokens} and length is None:
        raise UsageError(
            "rows and tokens cannot be set against each other",
            code="E409",
            where=prices.file,
            why=f"the mixture is counted in {'tokens' if tokens else 'rows'}, and some prices are "
            f"for {'rows' if tokens else 'tokens'}",
            next_step="say how long a row is: `tokens_per_row: 400`",
        )
    each, supply = np.full(len(sources), np.inf), np.zeros(len(sources))
    for index, price in enumerate(found):
        if price is None:
            continue
        scale = 1.0 if price.tokens == tokens else (length or 1.0) ** (-1 if tokens else 1)
        each[index] = price.amount / (1000 if price.tokens else 1) * scale
        supply[index] = price.supply / scale
    if measured == "weights":
        said.append(
            f"a share of the mixture is taken for a share of its {'tokens' if tokens else 'rows'}"
        )
    elif measured == "amounts":
        said.append(f"the compositions are taken for {'tokens' if tokens else 'rows'}")
    return MixtureMarket(
        sources, each, supply, budget, unit, "tokens" if tokens else "rows", tuple(said)
    )
