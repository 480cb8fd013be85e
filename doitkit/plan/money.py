"""What a plan costs, by category, against the recipe's caps."""

from collections.abc import Mapping, Sequence

from doitkit.core.errors import PlanError
from doitkit.core.origins import Cell
from doitkit.mix import Stock
from doitkit.plan.lines import Category, MoneyLine, RunLine, Stored, SynthesisLine
from doitkit.recipe.model import Recipe

_KEYS: dict[Category, tuple[str, str]] = {
    "annotation": ("annotation", "E305"),
    "generation": ("usd", "E304"),
    "requests": ("requests", "E304"),
    "training": ("compute", "E306"),
    "training hours": ("hours", "E306"),
}
"""Category -> the cap's key, and the code of the error about it."""


def money_lines(
    recipe: Recipe,
    stock: Stock,
    to_buy: Mapping[Cell, int],
    synthesis: Sequence[SynthesisLine],
    runs: Sequence[RunLine],
    stored: Stored,
    device: str | None,
) -> list[MoneyLine]:
    """Return what every category takes at most.

    Generation counts what is spent already, as its cap does; the other categories count what is
    left to do.

    Parameters
    ----------
    device
        Where runs were timed: the hours cost what an hour of that costs.
    """
    unit = recipe.advise.unit if recipe.advise is not None else "money"
    # A model folder on this machine is asked for free, and as often as need be.
    asked = [line for line in synthesis if recipe.generators[line.generator].provider != "local"]
    workers = recipe.train.workers if recipe.train is not None else 1
    hours = _hours(runs, workers)
    price = recipe.prices.cpu_hour if device == "cpu" else recipe.prices.gpu_hour
    caps = recipe.caps
    lines = [
        MoneyLine("annotation", _annotation(stock, to_buy), caps.annotation, unit),
        MoneyLine("generation", stored.usd + sum(line.usd for line in asked), caps.usd, "usd"),
        MoneyLine(
            "requests",
            float(stored.requests + sum(line.requests for line in asked)),
            float(caps.requests),
            "requests",
        ),
        MoneyLine("training hours", hours, caps.hours, "hours"),
        MoneyLine(
            "training",
            None if hours is None or price is None else hours * price,
            caps.compute,
            unit,
        ),
    ]
    generates = bool(recipe.synthesized_sources())
    return [line for line in lines if generates or line.category not in ("generation", "requests")]


def require_caps(
    recipe: Recipe, lines: Sequence[MoneyLine], synthesis: Sequence[SynthesisLine]
) -> None:
    """Raise a `PlanError` if a category exceeds its cap."""
    for line in lines:
        if not line.over or line.amount is None:
            continue
        key, code = _KEYS[line.category]
        # What was spent already needs no further leave; only what is yet to come does.
        if code == "E304" and not synthesis:
            continue
        what = {"E304": "generation", "E305": "annotation", "E306": "training"}[code]
        whom = f" for {', '.join(s.source for s in synthesis)}" if code == "E304" else ""
        raise PlanError(
            f"{what} would exceed the cap on {key}",
            code=code,
            where=recipe.place("caps", key),
            why=f"up to {line.amount:,.2f} {line.unit} needed{whom}; the cap is {line.cap:,.2f}",
            next_step=f"raise `caps.{key}`, or ask for less",
        )


def _annotation(stock: Stock, to_buy: Mapping[Cell, int]) -> float | None:
    total = 0.0
    for cell, rows in to_buy.items():
        price = stock.price(cell)
        if price is None:
            return None
        total += rows * price
    return total


def _hours(runs: Sequence[RunLine], workers: int) -> float | None:
    """Return how long the machine is busy: its workers share it."""
    seconds = 0.0
    for line in runs:
        left = len(line.seeds) - line.done
        if left and line.seconds is None:
            return None
        seconds += left * (line.seconds or 0.0)
    return seconds / workers / 3600
