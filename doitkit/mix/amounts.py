"""From what a recipe asks for, in five units, to rows per cell."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate

from doitkit.core.errors import PlanError
from doitkit.core.origins import Cell
from doitkit.mix.mixture import Mixture
from doitkit.mix.quota import largest_remainder
from doitkit.mix.stock import Stock
from doitkit.recipe.amounts import Amounts


def mixture_of(name: str, declared: Amounts, stock: Stock) -> Mixture:
    """Return the mixture that `declared` asks for.

    `counts` and `budgets` may ask for more rows than `stock` holds: those are yet to be bought.
    `fractions` and `tokens` speak of what there is. `weights` split what is left of `total` by
    largest remainder; a cell that has less than its share, repetitions included, gives what it
    has, and the rest goes to the others.

    Raises
    ------
    PlanError
        If the tables together exceed `total`, or the weighted cells cannot fill it.
    """
    counts: dict[Cell, int] = {}
    weights: dict[Cell, float] = {}
    for unit, cell, amount in declared.cells():
        if unit == "weights":
            weights[cell] = amount
        else:
            counts[cell] = _rows(unit, cell, amount, stock, declared.repeat_at_most)
    if declared.total is not None:
        left = declared.total - sum(counts.values())
        counts |= _shared(name, declared, left, weights, stock)
    return Mixture.of(name, counts, declared.repeat_at_most)


def _rows(unit: str, cell: Cell, amount: float, stock: Stock, repeat: int) -> int:
    held = stock.rows.get(cell, 0)
    if unit == "counts" or amount == 0:
        return int(amount)
    if unit == "fractions":
        # In decimals, as it is written: 0.35 of 10 rows is 3.5, which rounds up.
        return min(int(Decimal(repr(amount)) * held + Decimal("0.5")), held * repeat)
    if unit == "tokens":
        return _rows_within(stock.tokens(cell), int(amount), repeat) if held else 0
    price = stock.price(cell)
    if not price:
        raise PlanError(
            f"{cell.origin} rows of `{cell.ability}` are free: no budget says how many",
            code="E303",
            where=f"mixture.budgets.{cell.ability}.{cell.origin}",
            next_step="state a price, or ask for `counts`",
        )
    return int(Decimal(repr(amount)) / Decimal(repr(price)))


def _rows_within(lengths: Sequence[int], tokens: int, repeat: int) -> int:
    """Return how many rows, in order and over again, hold no more than `tokens` tokens."""
    whole = sum(lengths)
    laps = min(repeat, tokens // whole) if whole else repeat
    if laps == repeat:
        return laps * len(lengths)
    left = tokens - laps * whole
    return laps * len(lengths) + sum(1 for upto in accumulate(lengths) if upto <= left)


def _shared(
    name: str, declared: Amounts, left: int, weights: dict[Cell, float], stock: Stock
) -> dict[Cell, int]:
    if left < 0:
        raise PlanError(
            f"the mixture `{name}` holds more rows than its `total`",
            code="E303",
            why=f"the other tables hold {-left:,} rows more than {declared.total:,}",
            next_step="raise `total`, or lower the others",
        )
    caps = {cell: stock.rows.get(cell, 0) * declared.repeat_at_most for cell in weights}
    shares = largest_remainder(left, weights, caps) if any(weights.values()) else {}
    short = left - sum(shares.values())
    if short:
        held = ", ".join(f"{cell} {caps[cell]:,}" for cell, weight in weights.items() if weight)
        raise PlanError(
            f"the mixture `{name}` asks for more rows than there are",
            code="E301",
            why=f"{left:,} rows are to be split by `weights`, which is {short:,} more than these "
            f"hold: {held or 'none'}",
            next_step="lower `total`, add a source, or raise `repeat_at_most`",
        )
    return shares
