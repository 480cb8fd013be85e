"""The vectors of many rows in whole numbers, in files."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from doitkit.curate.semantic.heads import HEAD, Floats, heads_of, principal

Rows = npt.NDArray[np.integer]

_LARGEST = np.iinfo(np.int16).max
_ROWS_AT_ONCE = 1 << 13


class Vectors:
    """The vectors of rows, some for each row: of its prompt and of its answer, say.

    Two rows are as alike as the least alike of their parts. Numbers are rounded to 16 bits, so
    that a cosine is off by less than 0.0001; in return it is the same however rows are taken
    together, and on any machine: sums of products of whole numbers are exact in any order, and the
    root and the quotient of two numbers are what IEEE 754 says.

    Parameters
    ----------
    rows, parts, dimensions
        How many rows, vectors a row, and numbers a vector.
    folder
        An empty folder for the files: `parts * (2 * dimensions + 8) + 256` bytes a row.
    """

    def __init__(self, rows: int, parts: int, dimensions: int, folder: Path) -> None:
        self.parts = parts
        self._folder = folder
        shape = (rows, parts, dimensions)
        self._numbers = np.memmap(folder / "numbers", np.int16, "w+", shape=shape)
        self._squares = np.memmap(folder / "squares", np.float64, "w+", shape=(rows, parts))
        self._kinds = np.zeros(rows, dtype=np.uint64)

    def __len__(self) -> int:
        return len(self._numbers)

    def put(
        self, rows: Rows, vectors: npt.NDArray[np.float32], kinds: npt.NDArray[np.uint64]
    ) -> None:
        """Set the vectors of some rows.

        Parameters
        ----------
        vectors
            Shape (rows, parts, dimensions). Only the directions count. A row of which one is 0 is
            like no other.
        kinds
            Rows of different kinds are not alike, whatever their vectors; shape (rows,).
        """
        largest = np.abs(vectors).max(axis=2, keepdims=True).astype(np.float64)
        scaled = np.divide(vectors, largest, out=np.zeros(vectors.shape), where=largest > 0)
        numbers = np.rint(scaled * _LARGEST)
        self._numbers[rows] = numbers
        self._squares[rows] = np.square(numbers).sum(axis=2)
        self._kinds[rows] = kinds

    def known(self) -> npt.NDArray[np.bool_]:
        """Return which rows have no vector that is 0; shape (rows,)."""
        return np.asarray((self._squares > 0).all(axis=1))

    def similarity(self, one: Rows, other: Rows) -> Floats:
        """Return how alike pairs of rows of known vectors are: the least cosine of their parts.

        Of rows of different kinds it is -1. Equal vectors have a cosine of exactly 1.
        """
        found = np.full(len(one), -1.0)
        same = np.flatnonzero(self._kinds[one] == self._kinds[other])
        for begin in range(0, len(same), _ROWS_AT_ONCE):
            part = same[begin : begin + _ROWS_AT_ONCE]
            found[part] = self._cosines(one[part], other[part]).min(axis=1)
        return found

    def _cosines(self, one: Rows, other: Rows) -> Floats:
        products = np.einsum(
            "rpd,rpd->rp",
            self._numbers[one].astype(np.float64),
            self._numbers[other].astype(np.float64),
        )
        return np.asarray(products / np.sqrt(self._squares[one] * self._squares[other]))

    def heads(self) -> npt.NDArray[np.float32]:
        """Return the head of each row, in a file; see `heads_of`. Those of unknown rows are 0."""
        heads = np.memmap(self._folder / "heads", np.float32, "w+", shape=(len(self), HEAD))
        known = np.flatnonzero(self.known())
        sample = known[:: len(known) // _ROWS_AT_ONCE + 1]
        directions = principal(self._units(sample))
        for begin in range(0, len(known), _ROWS_AT_ONCE):
            part = known[begin : begin + _ROWS_AT_ONCE]
            heads[part] = heads_of(self._units(part), directions)
        return heads

    def _units(self, rows: Rows) -> Floats:
        lengths = np.sqrt(self._squares[rows] * self.parts)
        units = self._numbers[rows] / lengths[:, :, None]
        return np.concatenate([units[:, part] for part in range(self.parts)], axis=1)
