"""The search for the best purchase in a world whose truth is known.

The truth is not concave: curves may take off late, and poor data may lower a level. So the search
is greedy in steps of many sizes, then moves money between cells as long as that gains, much at
first and then less, and at last tries random exchanges between several cells at once. Purchases
are in lots, one number for each cell on sale.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from doitkit.growth.observations import Floats
from doitkit.growth.simulate.world import World

_STEP_GROWTH = 3.0
_LEAST_STEPS = 200
"""The smallest greedy step is a lot, or enough of them to spend the budget in so many."""
_MOST_MOVES = 400
_ROUNDS, _TRIES = 30, 300
_NO_GAIN = 1e-9
_CENT = 1e-6
"""What rounding may take from the budget, as a share of it."""


@dataclass(frozen=True)
class Search:
    """One world and one market.

    Attributes
    ----------
    held
        Rows that are there already, shape (abilities, origins).
    weights
        Of the abilities; they sum to 1.
    cells
        What is on sale, as pairs (ability, origin), shape (cells, 2).
    price, most
        Of a lot of each cell, and how many lots there are or the budget buys, shape (cells,).
    """

    world: World
    held: Floats
    weights: Floats
    budget: float
    cells: npt.NDArray[np.int64]
    price: Floats
    most: Floats
    lot: int

    def value(self, lots: Floats) -> float:
        """Return the weighted mean of the true scores after one purchase."""
        return float(self.values(lots[None])[0])

    def values(self, lots: Floats) -> Floats:
        """Return the same for many purchases, shape (purchases, cells)."""
        counts = np.repeat(self.held[None], len(lots), axis=0)
        counts[:, self.cells[:, 0], self.cells[:, 1]] += lots * self.lot
        values: Floats = self.world.scores(counts) @ self.weights
        return values

    def greedy(self) -> Floats:
        """Buy the step with the highest gain per cost, of any size, until nothing gains."""
        lots = np.zeros(len(self.cells))
        least = np.maximum(1.0, np.ceil(self.budget / self._price / _LEAST_STEPS))
        sizes = least[:, None] * np.floor(_STEP_GROWTH ** np.arange(6))
        while True:
            room = self._room(lots, self.budget - lots @ self.price)
            steps = np.unique(np.minimum(sizes, room[:, None]), axis=1)
            cell, which = np.nonzero(steps)
            if not len(cell):
                return lots
            size = steps[cell, which]
            tried = np.repeat(lots[None], len(cell), axis=0)
            tried[np.arange(len(cell)), cell] += size
            gains = self.values(tried) - self.value(lots)
            best = int(np.argmax(gains / (size * self._price[cell])))
            if gains[best] <= _NO_GAIN:
                return lots
            lots = tried[best]

    def exchanged(self, lots: Floats) -> Floats:
        """Move money from a cell to another as long as that gains."""
        value, amount = self.value(lots), self.budget / 4
        n = len(self.cells)
        givers, takers = (pairs.ravel() for pairs in np.meshgrid(range(n), range(n)))
        for _ in range(_MOST_MOVES):
            tried = self._moved(lots, givers, takers, np.full(n * n, amount))
            values = self.values(tried)
            best = int(np.argmax(values))
            if values[best] > value + _NO_GAIN:
                lots, value = tried[best], float(values[best])
            elif amount < self._price.min():
                break
            else:
                amount /= 2
        return lots

    def shaken(self, lots: Floats, draw: np.random.Generator) -> Floats:
        """Try random exchanges, two at once, and keep what gains."""
        value = self.value(lots)
        for _ in range(_ROUNDS):
            tried = np.repeat(lots[None], _TRIES, axis=0)
            for _ in range(2):
                givers, takers = draw.integers(len(self.cells), size=(2, _TRIES))
                amounts = self.budget / 2 * 10.0 ** draw.uniform(-3.0, 0.0, _TRIES)
                tried = self._moved(tried, givers, takers, amounts)
            values = self.values(tried)
            best = int(np.argmax(values))
            if values[best] > value + _NO_GAIN:
                lots, value = tried[best], float(values[best])
        return lots

    def _moved(
        self,
        lots: Floats,
        givers: npt.NDArray[np.int64],
        takers: npt.NDArray[np.int64],
        amounts: Floats,
    ) -> Floats:
        """Return purchases in which `givers` gave up money that, with the rest, `takers` spend.

        A cell that gives to itself only spends the rest, if there is one.
        """
        each = np.arange(len(givers))
        tried = np.broadcast_to(lots, (len(givers), len(self.cells))).copy()
        wanted = np.ceil(amounts / self._price[givers] - 1e-9)
        tried[each, givers] -= np.where(
            givers == takers, 0.0, np.minimum(wanted, tried[each, givers])
        )
        left = self.budget - tried @ self.price
        room = self._room(tried[each, takers], left, takers)
        tried[each, takers] += room
        return tried

    def _room(
        self,
        lots: Floats,
        left: float | Floats,
        cells: npt.NDArray[np.int64] | slice = slice(None),
    ) -> Floats:
        """Return how many more lots of cells there are and the money that is left buys."""
        affordable = np.floor((left + _CENT * self.budget) / self._price[cells])
        room: Floats = np.clip(np.minimum(self.most[cells] - lots, affordable), 0.0, None)
        return room

    @property
    def _price(self) -> Floats:
        """Return prices to divide by."""
        return np.maximum(self.price, 1e-9)
