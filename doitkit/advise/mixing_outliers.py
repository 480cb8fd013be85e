"""Outcomes that a surface over mixtures cannot explain: kept, but pointed at.

What the growth laws cannot explain is told by `growth/outliers.py`.
"""

from collections.abc import Sequence

import numpy as np

from doitkit.growth.observations import Floats

_FAR = 3.5
_LEAST = 5
_TO_DEVIATION = 1.4826
"""The median absolute deviation of normal numbers is their standard deviation over this."""


def far_off(
    outcome: str,
    runs: Sequence[str],
    off: Floats,
    stderrs: Floats,
    shown: Floats | None = None,
) -> list[str]:
    """Return a sentence about each run whose misfit is no accident.

    Parameters
    ----------
    off
        Observed less predicted, shape (runs,).
    stderrs
        What the misfit must exceed to be one, shape (runs,).
    shown
        The misfits in the measure that the reader knows, if it is another.

    Notes
    -----
    The scale is the median absolute deviation, on which an outlier has no hold, and the standard
    error, whichever is larger; 3.5 of it is what Iglewicz and Hoaglin (1993) call an outlier.
    """
    if len(off) < _LEAST:
        return []
    middle = float(np.median(off))
    scale = _TO_DEVIATION * float(np.median(np.abs(off - middle)))
    far = np.abs(off - middle) / np.maximum(np.maximum(scale, stderrs), 1e-12)
    misfits = off if shown is None else shown
    return [
        f"`{outcome}` of {runs[index]} lies {abs(misfits[index]):.3g} "
        f"{'above' if misfits[index] > 0 else 'below'} the fit: kept; look whether the run or its "
        "scoring went wrong"
        for index in np.flatnonzero(far > _FAR).tolist()
    ]
