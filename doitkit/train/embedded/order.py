"""The order in which rows are trained: by epoch, near in length within a batch."""

import random
from collections.abc import Iterator, Sequence

_BATCHES_SORTED_TOGETHER = 50


class EpochOrder:
    """A sampler for the data loader. Each epoch's order follows from the seed and its number.

    An order that followed from the random state of the process, as samplers have it, would be
    another after a kill: rows would be trained twice in an epoch, or not at all.

    Parameters
    ----------
    lengths
        Tokens of each row.
    batch_size
        Rows per optimiser step.
    """

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        self._lengths = lengths
        self._batch_size = batch_size
        self._seed = seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch the next iteration is; the data loader does."""
        self._epoch = epoch

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[int]:
        draw = random.Random(f"{self._seed} {self._epoch}")
        size = self._batch_size
        rows = list(range(len(self._lengths)))
        draw.shuffle(rows)
        # Sorted all at once, the same rows would meet in a batch in every epoch.
        window = size * max(1, min(_BATCHES_SORTED_TOGETHER, len(rows) // (4 * size)))
        batches: list[list[int]] = []
        for start in range(0, len(rows), window):
            part = sorted(rows[start : start + window], key=lambda row: -self._lengths[row])
            batches += [part[at : at + size] for at in range(0, len(part), size)]
        whole = [batch for batch in batches if len(batch) == size]
        draw.shuffle(whole)
        rest = [row for batch in batches if len(batch) < size for row in batch]
        return iter([row for batch in whole for row in batch] + rest)
