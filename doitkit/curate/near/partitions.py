"""Postings, those of equal grams together, in memory or in files."""

from pathlib import Path

import numpy as np

from doitkit.curate.near.layout import Ints
from doitkit.curate.near.remaining import PARTITIONS, Postings

_BYTES = 16


class Partitions:
    """Postings in partitions; equal grams are in the same one.

    Parameters
    ----------
    folder
        Where they are kept, a file for each partition; None keeps them in memory.
    memory
        Bytes of postings that may wait in memory to be written.
    """

    def __init__(self, folder: Path | None, memory: int) -> None:
        self._files = None if folder is None else [folder / str(p) for p in range(PARTITIONS)]
        self._most_waiting = memory // _BYTES
        self._waiting: list[list[Postings]] = [[] for _ in range(PARTITIONS)]
        self._size = 0

    def append(self, postings: Postings, bounds: Ints) -> None:
        """Keep more postings, of which partition `i` is from `bounds[i]` to `bounds[i + 1]`."""
        for partition, waiting in enumerate(self._waiting):
            waiting.append(postings[bounds[partition] : bounds[partition + 1]])
        self._size += len(postings)
        if self._files is not None and self._size > self._most_waiting:
            for partition, file in enumerate(self._files):
                with file.open("ab") as stream:
                    stream.write(self._taken(partition).data)
            self._size = 0

    def take(self, partition: int) -> Postings:
        """Return a partition. It can be had once."""
        postings = self._taken(partition)
        if self._files is not None and self._files[partition].exists():
            written = np.fromfile(self._files[partition], dtype=np.uint64)
            postings = np.concatenate([written.reshape(-1, 2), postings])
        return postings

    def _taken(self, partition: int) -> Postings:
        parts, self._waiting[partition] = self._waiting[partition], []
        return np.concatenate([np.empty((0, 2), dtype=np.uint64), *parts])
