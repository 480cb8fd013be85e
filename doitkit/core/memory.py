"""How much memory a step may take."""

import ctypes
import os
import re
import sys
from pathlib import Path

from doitkit.core.errors import UsageError

_CGROUP = Path("/sys/fs/cgroup/memory.max")
_LARGEST_KEPT = 31 << 20
_LEAST = 256 * 10**6
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_UNITS |= {"KI": 1 << 10, "MI": 1 << 20, "GI": 1 << 30, "TI": 1 << 40}
_AMOUNT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([KMGT]?I?)B?\Z", re.IGNORECASE)


def usual_memory() -> int:
    """Return half of the memory that this machine, or this container, has free, in bytes."""
    free = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for line in _lines(Path("/proc/meminfo")):
        if line.startswith("MemAvailable:"):
            free = int(line.split()[1]) * 1024
    limit = "".join(_lines(_CGROUP)).strip()
    if limit.isdecimal():
        free = min(free, int(limit))
    return max(free // 2, _LEAST)


def bytes_of(text: str) -> int:
    """Return how many bytes a text such as 2GB or 512MiB stands for.

    Raises
    ------
    UsageError
        If it is no amount, or less than 256 MB: a build could not work in that.
    """
    found = _AMOUNT.match(text.strip())
    amount = 0 if found is None else int(float(found[1]) * _UNITS.get(found[2].upper(), 0))
    if amount < _LEAST:
        raise UsageError(
            f"`{text}` is no amount of memory to build in",
            why="it is less than 256 MB" if amount else "a number and a unit are wanted",
            next_step="say for example --memory 2GB",
        )
    return amount


def keep_freed_memory() -> None:
    """Make the C library of Linux keep what is freed for what comes next, up to 31 MB a piece.

    To give it back and take it anew, page by page, is up to a third of the work where arrays of
    megabytes come and go.
    """
    import numpy as np

    np.empty(_LARGEST_KEPT, dtype=np.uint8)


def give_back_freed_memory() -> None:
    """Hand what is freed, but kept, back to the system: other parts of the process may need it."""
    if sys.platform == "linux":
        # There is no such function in other C libraries than glibc.
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
    import pyarrow as pa

    pa.default_memory_pool().release_unused()


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except OSError:
        return []
