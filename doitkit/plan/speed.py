"""How long training takes here, from runs that were timed."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Speed:
    """What runs of one base model take on one device: a start, and then so much a token."""

    device: str
    start_s: float
    s_per_token: float
    runs: int
    """How many runs were timed."""

    def seconds(self, tokens: float) -> float:
        """Return the time of a run that trains this many tokens, over all epochs."""
        return self.start_s + self.s_per_token * tokens


def measured_speed(device: str, timed: Sequence[tuple[float, float]]) -> Speed | None:
    """Return the speed that fits the timed runs, or None if there are none.

    Parameters
    ----------
    timed
        Tokens trained over all epochs, and wall time in seconds, of each run.

    Notes
    -----
    Non-negative least squares of `wall = start + tokens * s_per_token`, each run weighted by the
    inverse of its time, so that short and long runs are met equally well in proportion.
    """
    import numpy as np
    from scipy.optimize import nnls  # a third of a second to load, for plans that time nothing

    known = [(tokens, wall) for tokens, wall in timed if tokens > 0 and wall > 0]
    if not known:
        return None
    tokens, wall = np.array(known, dtype=np.float64).T
    columns = [np.ones_like(wall), tokens] if np.unique(tokens).size > 1 else [tokens]
    found, _ = nnls(np.column_stack(columns) / wall[:, None], np.ones_like(wall))
    start = float(found[0]) if len(columns) == 2 else 0.0
    return Speed(device, start, float(found[-1]), len(known))
