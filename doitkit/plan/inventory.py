"""What there is, source by source: from a sample, from reading everything, or from a build."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, Self

import numpy as np

from doitkit.core.origins import Cell
from doitkit.core.records import Record
from doitkit.mix import Stock
from doitkit.plan.order import SourceOrder
from doitkit.recipe.model import Recipe
from doitkit.survey import RowNumbers, Survey
from doitkit.survey.tokens import TokenCounter, require_tokenizer, token_counter

Basis = Literal["sample", "read", "built"]
"""Where counts come from: estimated from a sample, read from the files, or of a built dataset."""

_NO_ROWS = np.zeros(0, dtype=np.uint32)

ROWS_FOR_TOKENS = 100
"""Rows of a source whose tokens are counted to know the mean: in nested order they are a random
sample of it."""


@dataclass(frozen=True)
class Longest:
    """How many tokens a row may have to be trained, and whether longer ones are cut to that."""

    tokens: int | None
    cut: bool = False

    @classmethod
    def of(cls, recipe: Recipe) -> Self:
        """Return what the recipe says; no bound where nothing is trained."""
        if recipe.train is None:
            return cls(None)
        return cls(recipe.train.max_length, recipe.train.on_overflow == "truncate")

    def trained(self, counts: Sequence[int]) -> list[int]:
        """Return the tokens of the rows that are trained, of these counts."""
        most = self.tokens
        if most is None:
            return list(counts)
        if self.cut:
            return [min(tokens, most) for tokens in counts]
        return [tokens for tokens in counts if tokens <= most]


@dataclass(frozen=True)
class SourceInventory:
    """One source: rows read, rows left after each step of curation, and tokens a row.

    `fits` is the share of rows that are trained, as they are not longer than `train.max_length`
    or are cut to it; `tokens_per_fitting_row` is the mean of those.
    """

    read: int
    steps: Mapping[str, int]
    kept: int
    tokens_per_row: float
    tokens_exact: bool
    """Whether every row was counted, by the base model's own tokenizer."""
    fits: float
    tokens_per_fitting_row: float

    @classmethod
    def of(
        cls,
        read: int,
        steps: Mapping[str, int],
        kept: int,
        counts: Sequence[int],
        *,
        exact: bool,
        longest: Longest,
    ) -> "SourceInventory":
        """Return the inventory of a source from the tokens of some of its rows."""
        fitting = longest.trained(counts)
        return cls(
            read=read,
            steps=steps,
            kept=kept,
            tokens_per_row=mean(counts),
            tokens_exact=exact and len(counts) == kept,
            fits=len(fitting) / len(counts) if counts else 1.0,
            tokens_per_fitting_row=mean(fitting),
        )


@dataclass(frozen=True)
class Inventory:
    """What a recipe's sources hold after curation."""

    basis: Basis
    sources: Mapping[str, SourceInventory]
    rows: Mapping[Cell, int]
    """Rows per cell, those that are still to be generated included."""
    order: Callable[[Cell], SourceOrder]
    """Gives the sources of a cell's rows."""
    lengths: Callable[[Cell], Sequence[int]]
    """Gives the tokens of each row of a cell, in the nested order."""
    items: Mapping[str, int]
    pairs: Mapping[str, int]
    """Prompts per ability that every one of its origins answers, where it has several."""
    tokens_counted: bool
    """Whether the base model's own tokenizer counted tokens, or a token is four bytes."""
    pending: Mapping[str, int] = field(default_factory=dict)
    """Sources that are still to be generated, with the rows they should give."""
    prompts: Mapping[str, Sequence[Record]] = field(default_factory=dict)
    """The prompts that a generator would be asked, by the source that lends them."""

    def stock(self, recipe: Recipe) -> Stock:
        """Return this as what mixtures are drawn from, at the recipe's prices."""
        return stock_of(recipe, self.rows, self.lengths)


def stock_of(
    recipe: Recipe, rows: Mapping[Cell, int], lengths: Callable[[Cell], Sequence[int]]
) -> Stock:
    """Return what mixtures are drawn from: rows, their lengths, and the recipe's prices."""

    @cache
    def price(cell: Cell) -> float | None:
        stated = recipe.prices.of(cell)
        if stated is None or stated.per_row is not None:
            return None if stated is None else stated.per_row
        return stated.of_row(mean(lengths(cell)))

    return Stock(rows, lengths, price)


def inventory_of(recipe: Recipe, found: Survey) -> Inventory:
    """Return the inventory of a survey, scaled up where it is one of samples."""
    counter = token_counter(recipe)
    held = _by_source(found)
    sources = {
        name: _source(found, name, held.get(name, _NO_ROWS), counter, Longest.of(recipe))
        for name in recipe.sources
        if name not in found.pending
    }
    rows = {
        cell: sum(sources[name].kept for name in recipe.sources_of(cell) if name in sources)
        + sum(found.pending.get(name, 0) for name in recipe.sources_of(cell))
        for cell in recipe.cells()
    }
    sampled = bool(found.stands_for)

    @cache
    def order(cell: Cell) -> SourceOrder:
        names = recipe.sources_of(cell)
        if sampled:
            kept = {name: sources[name].kept for name in names if name in sources}
            weights = {name: recipe.sources[name].weight for name in names}
            here = SourceOrder.interleaved(kept, weights)
        else:
            shards = found.training.shards
            which = shards.source_of(found.cells.get(cell, _NO_ROWS))
            here = SourceOrder(tuple(source.name for source in shards.sources), which)
        return here.followed_by({n: found.pending[n] for n in names if n in found.pending})

    @cache
    def lengths(cell: Cell) -> Sequence[int]:
        tokens = found.tokens(require_tokenizer(recipe, counter))
        counted = tokens[found.cells.get(cell, _NO_ROWS)].tolist()
        return counted if not sampled else [round(mean(counted))] * rows[cell]

    return Inventory(
        basis="sample" if sampled else "read",
        sources=sources,
        rows=rows,
        order=order,
        lengths=lengths,
        items={ability: len(items) for ability, items in found.items.items()},
        pairs=found.pairs,
        tokens_counted=counter.exact,
        pending=found.pending,
        prompts=found.prompts,
    )


def mean(counts: Sequence[int]) -> float:
    """Return the mean of `counts`; 0 of none."""
    return sum(counts) / len(counts) if counts else 0.0


def _by_source(found: Survey) -> dict[str, RowNumbers]:
    """Return the rows of each source in their nested order."""
    shards = found.training.shards
    held: dict[str, RowNumbers] = {}
    for rows in found.cells.values():
        which = shards.source_of(rows)
        for index in np.unique(which):
            held[shards.sources[index].name] = rows[which == index]
    return held


def _source(
    found: Survey,
    name: str,
    rows: RowNumbers,
    counter: TokenCounter,
    longest: Longest,
) -> SourceInventory:
    weight = found.stands_for.get(name, 1.0)
    shown = found.training.shards.take(rows[:ROWS_FOR_TOKENS])["messages"]
    return SourceInventory.of(
        round(found.rows_in.get(name, 0) * weight),
        {step: round(left.get(name, 0) * weight) for step, left in found.steps.items()},
        round(len(rows) * weight),
        counter.count(shown),
        exact=counter.exact and weight == 1,
        longest=longest,
    )
