"""Words that are kept in memory as long as they fit there, and then in a file."""

import os
from copy import copy
from pathlib import Path
from typing import Self

import numpy as np

from doitkit.curate.near.layout import Ints, Words
from doitkit.curate.near.ranges import ranges

_BYTES = 8


class Spool:
    """Arrays of words, one after the other, in the order in which they are appended.

    What is read is a view: what is written into it stays. A view of the file takes memory only as
    long as it is in use.

    Parameters
    ----------
    memory
        Bytes that the words may take in memory. None are taken before there are words.
    file
        A new file, to which the words move when they need more. Without one they stay in memory.

    Attributes
    ----------
    in_file
        Whether they have moved.
    """

    def __init__(self, memory: int, file: Path | None) -> None:
        self.in_file = False
        self._file = file
        self._words = np.empty(memory // _BYTES, dtype=np.uint64)
        self._bounds = [0]

    def __len__(self) -> int:
        return len(self._bounds) - 1

    @property
    def size(self) -> int:
        """Words in all arrays."""
        return self._bounds[-1]

    def append(self, part: Words) -> None:
        """Keep one more array."""
        begin, end = self.size, self.size + len(part)
        if not self.in_file and end > len(self._words):
            self._make_room(end)
        if self.in_file:
            self._write(begin, part)
        else:
            self._words[begin:end] = part
        self._bounds.append(end)

    def __getitem__(self, index: int) -> Words:
        return self._view(*self._bounds[index : index + 2])

    def gather(self, begin: Ints, length: Ints) -> Words:
        """Return a copy of `length[0]` words from `begin[0]` on, then those from `begin[1]`, ..."""
        if not self.in_file:
            return self._words[ranges(begin, length)]
        assert self._file is not None
        # A mapped page brings its neighbours with it: rows from all over a file would fill memory.
        with self._file.open("rb", buffering=0) as stream:
            place = zip((length * _BYTES).tolist(), (begin * _BYTES).tolist(), strict=True)
            found = b"".join([os.pread(stream.fileno(), size, at) for size, at in place])
        return np.frombuffer(found, dtype=np.uint64)

    def overwritten(self) -> Self:
        """Return an empty spool in the place of this one.

        As long as no more is appended to it than has been read of this one, the rest of this one
        is as it was.
        """
        other = copy(self)
        other._bounds = [0]
        return other

    def _make_room(self, words: int) -> None:
        if self._file is not None:
            self._file.touch()
            self.in_file = True
            self._write(0, self._words[: self.size])
            self._words = self._words[:0].copy()
        else:
            more = np.empty(max(words, 2 * len(self._words)), dtype=np.uint64)
            more[: self.size] = self._words[: self.size]
            self._words = more

    def _write(self, begin: int, part: Words) -> None:
        assert self._file is not None
        with self._file.open("r+b") as stream:
            stream.seek(begin * _BYTES)
            stream.write(np.ascontiguousarray(part).data)

    def _view(self, begin: int, end: int) -> Words:
        if not self.in_file or begin == end:
            return self._words[begin:end]
        assert self._file is not None
        place = begin * _BYTES
        return np.memmap(self._file, np.uint64, "r+", place, (end - begin,)).view(np.ndarray)
