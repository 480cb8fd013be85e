"""A mixture: how many rows of each cell. With the nested order, that names the very rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from doitkit.core.hashing import digest
from doitkit.core.origins import Cell


@dataclass(frozen=True)
class Mixture:
    """Counts of rows per cell, with a name for display. Cells of 0 rows are left out.

    A count may exceed what a cell holds up to `repeat_at_most` times: the rows are then taken in
    their order over again.
    """

    name: str = field(compare=False)
    counts: tuple[tuple[Cell, int], ...]
    repeat_at_most: int = field(default=1, compare=False)

    @classmethod
    def of(cls, name: str, counts: Mapping[Cell, int], repeat_at_most: int = 1) -> "Mixture":
        """Return the mixture of `counts`, in canonical order."""
        ordered = tuple(sorted((cell, n) for cell, n in counts.items() if n > 0))
        return cls(name, ordered, repeat_at_most)

    @property
    def id(self) -> str:
        """The hash of the counts."""
        return digest([[*cell, n] for cell, n in self.counts])

    @property
    def total(self) -> int:
        """Rows in all."""
        return sum(n for _, n in self.counts)

    def __getitem__(self, cell: Cell) -> int:
        return dict(self.counts).get(cell, 0)

    def plus(self, name: str, purchase: Mapping[Cell, int]) -> "Mixture":
        """Return this mixture with `purchase` added."""
        counts = dict(self.counts)
        for cell, n in purchase.items():
            counts[cell] = counts.get(cell, 0) + n
        return Mixture.of(name, counts, self.repeat_at_most)

    def as_recipe(self) -> dict[str, dict[str, int]]:
        """Return the counts in the form that a recipe writes: ability -> origin -> rows."""
        table: dict[str, dict[str, int]] = {}
        for cell, n in self.counts:
            table.setdefault(cell.ability, {})[cell.origin] = n
        return table
