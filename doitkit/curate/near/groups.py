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
from doitkit.curate.near.threshold import Threshold


@dataclass(frozen=True)
class Groups:
    """Groups of rows that have a gram in common.

    Attributes
    ----------
    label
        Of each member, its group; equal ones stand together.
    suffix
        Of each member, the grams of the row from this one on in the order of ranks.
    size
        Of each member, the grams of the row.
    threshold
        What makes rows near-duplicates.
    """

    label: Ints
    suffix: Suffixes
    size: Ints
    threshold: Threshold

    @classmethod
    def of(cls, postings: Postings, rows: Rows) -> Self:
        """Return the groups of postings, less the members that can be like no other of a group."""
        rank, place = postings[np.argsort(postings[:, 0])].T
        row, rest = halves(place)
        label: Ints = np.cumsum(changes(rank))
        size = rows.size[row].astype(np.int64)
        groups = cls(label, Suffixes(row, rest), size, rows.threshold).several()
        return groups[groups._have_a_chance()].several()

    def __len__(self) -> int:
        return len(self.label)

    def __getitem__(self, which: Ints | Mask) -> Self:
        parts = self.label[which], self.suffix[which], self.size[which]
        return type(self)(*parts, self.threshold)

    @cached_property
    def begins(self) -> Ints:
        """Where each group begins."""
        return np.flatnonzero(changes(self.label))

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
        """Yield the places of all possible pairs within a group, shape (2, pairs)."""
        ends = self.each(self.begins + self.sizes)
        at, distance = np.arange(len(self)), 1
        while len(at := at[at + distance < ends[at]]):
            possible = at[self.possible(at, at + distance)]
            yield np.stack([possible, possible + distance])
            distance += 1

    def windows(self) -> tuple[Ints, Ints]:
        """Return of each member where those begin that it may be like by size, and how many.

        It is one of them. Members of a group must stand in the order of their sizes.
        """
        group = self.label << 32
        key = group + self.size
        most = np.maximum(self._room // self.threshold.above, self.size)
        begin = np.searchsorted(key, group + self.threshold.least_size(self.size), side="left")
        return begin, np.searchsorted(key, group + most, side="right") - begin

    def possible(self, one: Ints, other: Ints) -> Mask:
        """Return which pairs of places have enough grams left to be near-duplicates.

        Two rows that have the gram of the group as their first in common have no more in common
        than either has from it on.
        """
        mask: Mask = self._room[one] >= self._need[other]
        return mask & (self._room[other] >= self._need[one])

    # An overlap `o` is enough for two sizes where (above + below) o >= above (size + size'), the
    # least that `Threshold.least_overlap` allows; each member has its own part in that.
    @cached_property
    def _need(self) -> Ints:
        return self.threshold.above * self.size

    @cached_property
    def _room(self) -> Ints:
        return (self.threshold.above + self.threshold.below) * self.suffix.rest - self._need

    def _have_a_chance(self) -> Mask:
        """Return which members could be like the smallest row of their group."""
        if not len(self):
            return np.zeros(0, dtype=bool)
        smallest = self.each(np.minimum.reduceat(self.size, self.begins))
        other = np.maximum(smallest, self.threshold.least_size(self.size))
        mask: Mask = self._room >= self.threshold.above * other
        return mask
