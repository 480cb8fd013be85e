"""What there is of every cell, in all the units in which a mixture can be asked for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from doitkit.core.errors import PlanError
from doitkit.core.origins import Cell


def _not_counted(cell: Cell) -> Sequence[int]:
    raise PlanError(
        f"the tokens of `{cell}` are not counted",
        code="E309",
        next_step="name a base model whose folder holds a tokenizer.json in `train.base_model`",
    )


def _not_priced(_: Cell) -> float | None:
    return None


@dataclass(frozen=True)
class Stock:
    """Rows, and what is known of their length and price.

    Attributes
    ----------
    rows
        Rows available per cell. Only cells that stand here have a source.
    tokens
        Gives the tokens of each of a cell's rows, in the nested order.
    price
        Gives the price of one row of a cell, or None where none is stated.
    """

    rows: Mapping[Cell, int]
    tokens: Callable[[Cell], Sequence[int]] = _not_counted
    price: Callable[[Cell], float | None] = _not_priced
