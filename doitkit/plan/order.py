"""The sources of a cell's rows in their nested order: who gives how many of the first n."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class SourceOrder:
    """The source of each row of a cell.

    Attributes
    ----------
    names
        The sources.
    which
        Index into `names` of each row, in the nested order; shape (rows,).
    """

    names: tuple[str, ...]
    which: npt.NDArray[np.integer]

    @classmethod
    def of(cls, sources: Iterable[str]) -> "SourceOrder":
        """Return the order in which `sources` stand."""
        index: dict[str, int] = {}
        which = [index.setdefault(source, len(index)) for source in sources]
        return cls(tuple(index), np.array(which, dtype=np.int32))

    @classmethod
    def interleaved(cls, kept: Mapping[str, int], weights: Mapping[str, float]) -> "SourceOrder":
        """Return the order in which `nested_order` places sources of so many rows.

        Rows of several sources that fall on the same place stand in the order of their hashes
        there, and in that of `kept` here.
        """
        places = [(np.arange(n) + 0.5) / weights[name] for name, n in kept.items()]
        which = np.repeat(np.arange(len(kept)), list(kept.values()))
        together = np.concatenate(places) if places else np.zeros(0)
        return cls(tuple(kept), which[np.argsort(together, kind="stable")])

    def followed_by(self, more: Mapping[str, int]) -> "SourceOrder":
        """Return this order with rows of other sources behind it."""
        if not any(more.values()):
            return self
        behind = np.repeat(np.arange(len(more)) + len(self.names), list(more.values()))
        return SourceOrder((*self.names, *more), np.concatenate([self.which, behind]))

    def __len__(self) -> int:
        return len(self.which)

    def counts(self, rows: int) -> Counter[str]:
        """Return how many of the first `rows` rows each source gives."""
        found = np.bincount(self.which[:rows], minlength=len(self.names))
        return Counter({name: int(n) for name, n in zip(self.names, found, strict=True) if n})
