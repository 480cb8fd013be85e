"""The second door to the advisor: from a user's own tables to an answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from doitkit.advise.answer import answer
from doitkit.advise.market import Market
from doitkit.advise.mixing import advise_mixture
from doitkit.advise.mixing_purchase import MixtureMarket, market_of
from doitkit.advise.mixture_advice import MixtureAdvice
from doitkit.advise.objective import Objective
from doitkit.advise.past import read_past, what_history_said
from doitkit.advise.question import Question
from doitkit.advise.recommendation import Recommendation
from doitkit.advise.tables import (
    Budget,
    Compositions,
    MixtureEvidence,
    PriceList,
    compositions_of,
    held_of,
    join,
    read_budget,
    read_prices,
    read_sheet,
    scores_of,
)
from doitkit.advise.tables.naming import split_source
from doitkit.advise.tables.prices import missing_price
from doitkit.core.errors import UsageError
from doitkit.core.origins import Origin
from doitkit.growth import Observations, fit_growth
from doitkit.growth.observations import Floats
from doitkit.recipe.diagnostics import listed

_TOKENS_PER_ROW = 500.0


@dataclass(frozen=True)
class OwnTables:
    """What is asked with tables.

    Attributes
    ----------
    compositions, scores
        Files: what each run was made of, and what it reached.
    prices
        A YAML file of prices.
    budget
        What may be spent, such as `5000usd`.
    today
        A table of one row: what is held.
    objective
        Weights of outcomes; all count alike if there are none.
    reference
        The origin in whose rows others are expressed, and of sources that state none.
    history
        Tables of how the same abilities grew before.
    """

    compositions: Path
    scores: Path
    prices: Path | None = None
    budget: str | None = None
    today: Path | None = None
    objective: Mapping[str, float] = field(default_factory=dict)
    reference: Origin = "human"
    history: tuple[Path, ...] = ()


def recommend_from_tables(asked: OwnTables) -> Recommendation | MixtureAdvice:
    """Say what to buy, from tables: by a growth law, or by a surface over mixtures.

    A growth law needs runs of different sizes whose abilities are scored. Otherwise the outcomes
    are predicted from all sources.

    Raises
    ------
    UsageError
        If something is wrong with the tables.
    FitError
        If nothing can be fitted to them.
    """
    made = compositions_of(read_sheet(asked.compositions))
    scores = scores_of(read_sheet(asked.scores))
    prices = None if asked.prices is None else read_prices(asked.prices)
    if prices is not None:
        prices.require_used(made.sources)
    budget = None if asked.budget is None else read_budget(asked.budget)
    _require_both(prices, budget)
    held = None if asked.today is None else held_of(read_sheet(asked.today), made.sources)
    evidence = join(made, scores, asked.reference, tuple(asked.objective))
    if isinstance(evidence.told, MixtureEvidence):
        return _mixture(asked, made, evidence.told, evidence.assumptions, prices, budget, held)
    if prices is None or budget is None:
        raise missing_price(None, made.sources)
    unit = _unit(prices, budget)
    counting = _counting(made, prices)
    seen = replace(evidence.told, counts=evidence.told.counts / counting.per_row)
    question = Question(
        name=asked.compositions.stem,
        unit=unit,
        abilities=seen.abilities,
        origins=seen.origins,
        outcomes=seen.abilities,
        objective=Objective(_weights(asked, seen)),
        market=_market(asked, made, seen, prices, budget.amount, unit, counting),
        held=_cells(made, seen, held, asked.reference) / counting.per_row,
        owned=np.maximum(
            seen.counts.max(axis=0), _cells(made, seen, held, asked.reference) / counting.per_row
        ),
        assumptions=(
            *evidence.assumptions,
            *counting.said,
            *_unsold(made, prices, asked.reference),
            *(() if held is not None else ("nothing is held today: --today FILE says what is",)),
        ),
    )
    fit = fit_growth(seen, past=read_past(asked.history))
    found = answer(question, fit)
    return replace(found, notes=(*found.notes, *what_history_said(fit)))


def _weights(asked: OwnTables, seen: Observations) -> Floats:
    unnamed = 0.0 if asked.objective else 1.0
    return np.array([asked.objective.get(ability, unnamed) for ability in seen.abilities])


@dataclass(frozen=True)
class _Counting:
    """How the numbers of the compositions become rows.

    Attributes
    ----------
    per_row
        What a row counts in the compositions.
    tokens_per_row
        How long a row is, where that is known.
    """

    per_row: float
    tokens_per_row: float | None
    said: tuple[str, ...]


def _counting(made: Compositions, prices: PriceList) -> _Counting:
    length = prices.tokens_per_row
    by_tokens = all(price.tokens for price in prices.lines.values())
    tokens = made.unit == "tokens" or (made.unit == "amounts" and by_tokens and length is None)
    said = []
    if made.unit == "amounts":
        said.append(f"the compositions are taken for {'tokens' if tokens else 'rows'}")
    if not tokens:
        return _Counting(1.0, length, tuple(said))
    if length is None:
        said.append(
            f"tokens are turned into rows of {_TOKENS_PER_ROW:g}: `tokens_per_row` in the prices "
            "says how long they are"
        )
        # Rows can be priced by their tokens then, but not tokens by rows of a length made up.
        mixed = not by_tokens
        return _Counting(_TOKENS_PER_ROW, None if mixed else _TOKENS_PER_ROW, tuple(said))
    return _Counting(length, length, tuple(said))


def _market(
    asked: OwnTables,
    made: Compositions,
    seen: Observations,
    prices: PriceList,
    budget: float,
    unit: str,
    counting: _Counting,
) -> Market:
    shape = (len(seen.abilities), len(seen.origins))
    each, supply = np.full(shape, np.inf), np.zeros(shape)
    tried = np.asarray(seen.counts.any(axis=(0, 2)))
    for source in made.sources:
        ability, origin = split_source(source)
        price = prices.of(source, asked.reference)
        if price is None or ability not in seen.abilities:
            continue
        a, o = seen.abilities.index(ability), seen.origins.index(origin or asked.reference)
        if not tried[a]:
            continue
        length = counting.tokens_per_row
        if length is None and (price.tokens or made.unit == "tokens"):
            raise UsageError(
                "rows and tokens cannot be set against each other",
                code="E409",
                where=prices.file,
                why=f"`{source}` is priced by {'tokens' if price.tokens else 'rows'}, and the "
                f"compositions count {'tokens' if made.unit == 'tokens' else 'rows'}",
                next_step="say how long a row is: `tokens_per_row: 400`",
            )
        each[a, o] = price.amount * (length or 0.0) / 1000 if price.tokens else price.amount
        supply[a, o] = price.supply / (length or 1.0) if price.tokens else price.supply
    if not np.isfinite(each).any():
        raise missing_price(prices.file, made.sources)
    return Market(each, supply, budget, prices.lot, unit=unit)


def _unsold(made: Compositions, prices: PriceList, reference: str) -> list[str]:
    unpriced = [source for source in made.sources if prices.of(source, reference) is None]
    return [f"without a price, so not for sale: {listed(unpriced)}"] if unpriced else []


def _cells(made: Compositions, seen: Observations, held: Floats | None, reference: str) -> Floats:
    cells = np.zeros((len(seen.abilities), len(seen.origins)))
    for index, source in enumerate(made.sources):
        ability, origin = split_source(source)
        if held is not None and ability in seen.abilities:
            place = seen.abilities.index(ability), seen.origins.index(origin or reference)
            cells[place] += held[index]
    return cells


def _mixture(
    asked: OwnTables,
    made: Compositions,
    seen: MixtureEvidence,
    assumptions: tuple[str, ...],
    prices: PriceList | None,
    budget: Budget | None,
    held: Floats | None,
) -> MixtureAdvice:
    market: MixtureMarket | None = None
    if prices is not None and budget is not None:
        market = market_of(
            seen.sources, prices, budget.amount, _unit(prices, budget), asked.reference, made.unit
        )
    else:
        assumptions = (*assumptions, "no prices and no budget: nothing is said about money")
    today = None
    if held is not None:
        kept = np.array([held[made.sources.index(source)] for source in seen.sources])
        if kept.sum() <= 0:
            raise UsageError(
                "today's mixture holds nothing that a run holds",
                code="E403",
                where=None if asked.today is None else asked.today.name,
                next_step="leave --today out if nothing is held",
            )
        today = kept / kept.sum()
    return advise_mixture(
        seen, weights=asked.objective, market=market, today=today, assumptions=assumptions
    )


def _unit(prices: PriceList, budget: Budget) -> str:
    if prices.unit and budget.unit and prices.unit != budget.unit:
        raise UsageError(
            f"the budget is in {budget.unit}, the prices are in {prices.unit}",
            code="E410",
            where="--budget",
            next_step="state both in one unit",
        )
    return budget.unit or prices.unit or "usd"


def _require_both(prices: PriceList | None, budget: Budget | None) -> None:
    if prices is not None and budget is None:
        raise UsageError(
            "there are prices, but no budget",
            code="E411",
            where="--budget",
            next_step="say what may be spent: --budget 5000usd",
        )
    if budget is not None and prices is None:
        raise UsageError(
            "there is a budget, but nothing has a price",
            code="E409",
            where="--prices",
            next_step="give --prices FILE with a line such as `human: {per_row: 1.0}`",
        )
