"""The plan of every source: wanted, available, kept, taken, repeated, tokens."""

from collections import Counter
from collections.abc import Mapping

from doitkit.core.origins import Cell
from doitkit.mix import Mixture, largest_remainder
from doitkit.plan.inventory import Inventory
from doitkit.plan.lines import SourceLine
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
        shares = largest_remainder(wanted, {n: recipe.sources[n].weight for n in names})
        taken, repeated = _taken(inventory, cell, min(wanted, inventory.rows[cell] * repeat))
        lines += [
            _line(inventory, cell, name, shares[name], taken[name], repeated[name])
            for name in names
        ]
    return lines


def tokens_per_row(inventory: Inventory, cell: Cell, rows: int) -> float:
    """Return the mean tokens of the first `rows` rows of a cell, as its sources share in them."""
    taken, repeated = _taken(inventory, cell, rows)
    counts = taken + repeated
    known = {name: n for name, n in counts.items() if name in inventory.sources}
    total = sum(known.values())
    if not total:
        return _usual(inventory)
    return sum(inventory.sources[name].tokens_per_row * n for name, n in known.items()) / total


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
