"""The plan of every source: wanted, available, kept, taken, repeated, tokens."""

from collections import Counter
from collections.abc import Mapping

from doitkit.core.origins import Cell
from doitkit.mix import Mixture
from doitkit.plan.inventory import Inventory
from doitkit.plan.lines import SourceLine
from doitkit.plan.order import SourceOrder
from doitkit.recipe.model import Recipe


def source_lines(
    recipe: Recipe, inventory: Inventory, mixtures: Mapping[str, Mixture]
) -> list[SourceLine]:
    """Return a line per source, for the mixture that takes the most of its cell."""
    lines: list[SourceLine] = []
    for cell in recipe.cells():
        wanted, repeat = max(
            [(mixture[cell], mixture.repeat_at_most) for mixture in mixtures.values()],
            default=(0, 1),
        )
        names = recipe.sources_of(cell)
        # What the weights ask for, were there enough of every source.
        weights = {name: recipe.sources[name].weight for name in names}
        whole = SourceOrder.interleaved(dict.fromkeys(names, wanted), weights)
        shares = whole.counts(wanted)
        taken, repeated = _taken(inventory, cell, min(wanted, inventory.rows[cell] * repeat))
        lines += [
            _line(inventory, cell, name, shares[name], taken[name], repeated[name])
            for name in names
        ]
    return lines


def trained_of(inventory: Inventory, cell: Cell, rows: int) -> tuple[float, float]:
    """Return how many of the first `rows` rows of a cell are trained, and their tokens.

    Rows that are longer than `train.max_length` are left out of training.
    """
    taken, repeated = _taken(inventory, cell, rows)
    known = {n: c for n, c in (taken + repeated).items() if n in inventory.sources}
    fitting = {name: count * inventory.sources[name].fits for name, count in known.items()}
    tokens = sum(n * inventory.sources[s].tokens_per_fitting_row for s, n in fitting.items())
    yet_to_come = rows - sum(known.values())
    return sum(fitting.values()) + yet_to_come, tokens + yet_to_come * _usual(inventory)


def _usual(inventory: Inventory) -> float:
    """Return the mean over all sources: what is yet to come will be like what there is."""
    held = [s for s in inventory.sources.values() if s.kept]
    rows = sum(source.kept for source in held)
    return sum(source.tokens_per_row * source.kept for source in held) / rows if rows else 0.0


def _taken(inventory: Inventory, cell: Cell, rows: int) -> tuple[Counter[str], Counter[str]]:
    """Return how many rows of each source are taken once, and how many are repeats."""
    order = inventory.order(cell)
    if rows <= len(order):
        return order.counts(rows), Counter()
    once = order.counts(len(order))
    laps, rest = divmod(rows - len(order), len(order)) if once else (0, 0)
    again = Counter({name: n * laps for name, n in once.items()})
    again.update(order.counts(rest))
    return once, again


def _line(
    inventory: Inventory, cell: Cell, name: str, wanted: int, taken: int, repeated: int
) -> SourceLine:
    pending = name in inventory.pending
    found = inventory.sources.get(name)
    per_row = found.tokens_per_row if found is not None else _usual(inventory)
    whole = found is not None and found.tokens_exact and taken == found.kept
    return SourceLine(
        ability=cell.ability,
        origin=cell.origin,
        source=name,
        wanted=wanted,
        available=inventory.pending[name] if found is None else found.read,
        kept=inventory.pending[name] if found is None else found.kept,
        taken=taken,
        repeated=repeated,
        tokens=round(per_row * (taken + repeated)),
        tokens_exact=whole,
        pending=pending,
    )
