"""The loss curve of a run, as its record keeps it."""

from collections.abc import Sequence
from statistics import fmean

_STRETCHES = 20


def stretches(losses: Sequence[float]) -> tuple[tuple[int, float], ...]:
    """Return (last step, mean loss) of each of some twenty stretches of training."""
    width = max(1, len(losses) // _STRETCHES)
    return tuple(
        (min(start + width, len(losses)), fmean(losses[start : start + width]))
        for start in range(0, len(losses), width)
    )
