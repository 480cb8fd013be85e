"""The mixtures that a recipe asks for, over what there is, and whether there is enough."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from doitkit.core.errors import PlanError
from doitkit.core.origins import Cell
from doitkit.mix import Mixture, Rung, Stock, ladder_rungs, mixture_of
from doitkit.recipe.model import Recipe

_MOST_SHORTAGES = 8
"""Of mixtures that ask for too much, so many are named."""


def planned_mixtures(recipe: Recipe, stock: Stock) -> tuple[Mixture, tuple[Rung, ...]]:
    """Return the mixture of today and the rungs of the ladder.

    Today's may hold more than the stock: advice is to buy rows that no source holds yet.

    Raises
    ------
    PlanError
        If a rung is more than the stock holds, or empty.
    """
    with _placed(recipe, "mixture"):
        today = mixture_of("today", recipe.mixture, stock)
    rungs: list[Rung] = []
    if recipe.ladder is not None:
        with _placed(recipe, "ladder", "designs"):
            rungs = ladder_rungs(recipe.ladder, list(recipe.abilities), stock, recipe.seed)
    _require_supply(recipe, {rung.mixture.id: rung.mixture for rung in rungs}.values(), stock)
    empty = next((rung.mixture for rung in rungs if rung.mixture.total == 0), None)
    if empty is not None or (recipe.ladder is not None and not rungs):
        raise PlanError(
            f"the mixture `{empty.name}` is empty" if empty else "the ladder makes no run",
            code="E302",
            where=recipe.place("ladder", "designs"),
            why="no ability has a source of the origins it asks for, or all counts are 0"
            if empty
            else "no mixture fits the sizes, the rows that there are and `max_rows`",
            next_step="give it rows, or remove it",
        )
    return today, tuple(rungs)


@contextmanager
def _placed(recipe: Recipe, *path: str) -> Iterator[None]:
    """Say of a plan's error in which part of the recipe it stands, if it does not say it itself."""
    try:
        yield
    except PlanError as error:
        error.where = error.where or recipe.place(*path)
        raise


def _require_supply(recipe: Recipe, mixtures: Iterable[Mixture], stock: Stock) -> None:
    """Raise a `PlanError` if mixtures ask for more than there is, repetitions included."""
    short = [
        (mixture, cell, wanted)
        for mixture in mixtures
        for cell, wanted in mixture.counts
        if wanted > stock.rows.get(cell, 0) * mixture.repeat_at_most
    ]
    if not short:
        return
    names = list(dict.fromkeys(mixture.name for mixture, _, _ in short))
    whose = f"the mixture `{names[0]}` asks"
    if len(names) > 1:
        whose = f"{len(names)} mixtures ask"
    lines = [_shortage(mixture, cell, wanted, stock) for mixture, cell, wanted in short]
    more = len(lines) - _MOST_SHORTAGES
    raise PlanError(
        f"{whose} for more rows than there are",
        code="E301",
        where=recipe.place("ladder", "designs"),
        why="; ".join(lines[:_MOST_SHORTAGES]) + (f"; and {more} more" if more > 0 else ""),
        next_step="lower the sizes, add a source, or loosen `curate`",
    )


def _shortage(mixture: Mixture, cell: Cell, wanted: int, stock: Stock) -> str:
    times = f", {mixture.repeat_at_most} times" if mixture.repeat_at_most > 1 else ""
    held = stock.rows.get(cell, 0)
    return f"{mixture.name}: {wanted:,} {cell} rows wanted, {held:,} left after curation{times}"
