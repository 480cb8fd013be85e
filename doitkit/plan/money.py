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
    workers = (recipe.train.workers or 1) if recipe.train is not None else 1
    hours = _hours(runs, workers)
    price = recipe.prices.cpu_hour if device == "cpu" else recipe.prices.gpu_hour
    caps = recipe.caps
    lines = [
        MoneyLine(
            "annotation",
            _annotation(stock, to_buy),
            caps.annotation,
            unit,
            exact=not to_buy or not recipe.prices.by_tokens,
        ),
        MoneyLine("generation", stored.usd + sum(line.usd for line in asked), caps.usd, "usd"),
        MoneyLine(
            "requests",
            float(stored.requests + sum(line.requests for line in asked)),
            float(caps.requests),
            "requests",
        ),
        MoneyLine("training hours", hours, caps.hours, "hours", exact=not hours),
        MoneyLine(
            "training",
            None if hours is None or price is None else hours * price,
            caps.compute,
            unit,
            exact=not hours,
        ),
    ]
    generates = bool(recipe.synthesized_sources())
    return [line for line in lines if generates or line.category not in ("generation", "requests")]


def require_caps(
    recipe: Recipe,
    lines: Sequence[MoneyLine],
    synthesis: Sequence[SynthesisLine],
    to_buy: Mapping[Cell, int],
) -> None:
    """Raise a `PlanError` if a category exceeds its cap."""
    for line in lines:
        # How long training takes may not be known yet; that a cap of 0 allows none of it is.
        none_at_all = line.amount is None and line.cap == 0
        if not line.over and not none_at_all:
            continue
        key, code = _KEYS[line.category]
        # What was spent already needs no further leave; only what is yet to come does.
        if code == "E304" and not synthesis:
            continue
        what = {"E304": "generation", "E305": "annotation", "E306": "training"}[code]
        whom = f" for {', '.join(s.source for s in synthesis)}" if code == "E304" else ""
        if code == "E305":
            whom = f" for {', '.join(f'{rows:,} {cell}' for cell, rows in to_buy.items())} rows"
        raise PlanError(
            f"{what} would exceed the cap on {key}",
            code=code,
            where=recipe.place("caps", key),
            why=f"{_needed(line)}{whom}; the cap is {quantity(line.cap, line.unit)}",
            next_step=f"say `caps: {{{key}: ...}}`, which is 0 where it is not stated"
            if line.cap == 0 and code == "E304"
            else f"raise `caps.{key}`, or ask for less",
        )


def _needed(line: MoneyLine) -> str:
    if line.amount is None:
        return "some runs are left to train"
    about = "" if line.exact else "about "
    if line.category in ("generation", "requests"):
        about = "up to "
    return f"{about}{quantity(line.amount, line.unit)} needed"


def quantity(value: float | None, unit: str) -> str:
    """Return an amount as people write it: whole requests, hours and money to two places."""
    if value is None:
        return "not known"
    if unit == "requests":
        return f"{value:,.0f} requests"
    small = 0 < value < 0.01
    return f"{value:.2g} {unit}" if small else f"{value:,.2f} {unit}"


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
