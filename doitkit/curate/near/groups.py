"""Rows that hold the same gram, side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from doitkit.curate.near.layout import Ints, Mask, changes, halves
from doitkit.curate.near.remaining import Postings
from doitkit.curate.near.rows import Rows, Suffixes


@dataclass(frozen=True)
class Groups:
    """Groups of rows that have a gram in common.

    Attributes
    ----------
    label
        Of each member, its group; equal ones stand together.
    suffix
        Of each member, the grams of the row from this one on in the order of ranks.
    """

    label: Ints
    suffix: Suffixes

    @classmethod
    def of(cls, postings: Postings, rows: Rows) -> Self:
        """Return the groups of postings, less the members that can be like no other of a group."""
        order = np.argsort(postings[:, 0])
        rank, place = postings[order].T
        row, rest = halves(place)
        groups = cls(np.cumsum(changes(rank)), Suffixes(row, rest)).several()
        return groups[groups._reaching(rows)].several()

    def __len__(self) -> int:
        return len(self.label)

    def __getitem__(self, which: Ints | Mask) -> Self:
        return type(self)(self.label[which], self.suffix[which])

    @cached_property
    def begins(self) -> Ints:
        """Where each group begins."""
        return np.flatnonzero(np.diff(self.label, prepend=-1))

    @cached_property
    def sizes(self) -> Ints:
        """How many members each group has."""
        return np.diff(self.begins, append=len(self))

    def each(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return for every member the value of its group."""
        return np.repeat(values, self.sizes)

    def several(self) -> Self:
        """Return the groups of more than one."""
        return self[self.each(self.sizes > 1)]

    def pairs(self) -> Iterator[Ints]:
        """Yield the places of all pairs within a group, shape (2, pairs)."""
        ends = self.each(self.begins + self.sizes)
        at, distance = np.arange(len(self)), 1
        while len(at := at[at + distance < ends[at]]):
            yield np.stack([at, at + distance])
            distance += 1

    def _reaching(self, rows: Rows) -> Mask:
        """Return which members could be like the smallest row of their group.

        Two rows that have this gram as their first in common share no more than both have from it
        on; and the smaller the other row is, the fewer are enough.
        """
        if not len(self):
            return np.zeros(0, dtype=bool)
        size = rows.size[self.suffix.row].astype(np.int64)
        smallest = self.each(np.minimum.reduceat(size, self.begins))
        other = np.maximum(smallest, rows.threshold.least_size(size))
        return self.suffix.rest >= rows.threshold.least_overlap(size + other)
