"""Who helps whom and who hurts whom, where the runs can tell."""

from dataclasses import dataclass

import numpy as np

from doitkit.growth.diagnosis import Interval
from doitkit.growth.fit import GrowthFit
from doitkit.growth.identify import Identified

_SURE = 0.9


@dataclass(frozen=True)
class Transfer:
    """What the data of one ability does for the score of another.

    Attributes
    ----------
    source, to
        The ability that the data are of, and the one that is scored.
    rows
        The most reference rows of `source` in a run.
    helps, hurts
        Probabilities that they raise the score, and that they lower it.
    effect
        The change of the base model's score by these rows and nothing else.
    """

    source: str
    to: str
    rows: int
    helps: float
    hurts: float
    effect: Interval

    @property
    def clear(self) -> bool:
        """Whether one of the two has a probability of 0.9."""
        return max(self.helps, self.hurts) >= _SURE


def transfers(fit: GrowthFit, identified: Identified) -> tuple[Transfer, ...]:
    """Return the transfers that can be told, the clearest and largest first."""
    seen = fit.seen
    n = len(seen.abilities)
    counts = np.zeros((n + 1, n, len(seen.origins)))
    for d in range(n):
        # Of an ability without reference rows, those of the origin that it has most of.
        origin = 0 if seen.counts[:, d, 0].any() else int(seen.counts[:, d].max(axis=0).argmax())
        counts[d + 1, d, origin] = seen.counts[:, d, origin].max()
    scores = fit.forecast(counts)
    changes = scores[:, 1:] - scores[:, :1]
    found = []
    for (to, source), told in identified.helps.items():
        if told:
            a, d = seen.abilities.index(to), seen.abilities.index(source)
            change = changes[:, d, a]
            rows = int(counts[d + 1].sum())
            helps, hurts = float((change > 0).mean()), float((change < 0).mean())
            found.append(Transfer(source, to, rows, helps, hurts, Interval.of(change)))
    return tuple(sorted(found, key=lambda t: (not t.clear, -abs(t.effect.middle), t.source, t.to)))
