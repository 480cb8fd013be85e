"""Who helps whom and who hurts whom, where the runs can tell."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from doitkit.growth.design import TRANSFER_UNIT
from doitkit.growth.diagnosis import Interval
from doitkit.growth.fit import GrowthFit
from doitkit.growth.identify import Identified
from doitkit.growth.prior import TRANSFER_HELD

_SURE = 0.9
_LEAST = 0.005
"""Half a point: less is no help and no harm."""


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
        Probabilities that they raise the score by half a point or more, and that they lower it so.
    effect
        The change of the base model's score by these rows and nothing else.
    insisted
        Whether the scores insist on it so that the fit set it free: among many pairs, a few come
        out with a high probability by chance.
    """

    source: str
    to: str
    rows: int
    helps: float
    hurts: float
    effect: Interval
    insisted: bool

    @property
    def clear(self) -> bool:
        """Whether the scores insist on it, and one of the two has a probability of 0.9."""
        return self.insisted and max(self.helps, self.hurts) >= _SURE


def transfers(fit: GrowthFit, identified: Identified) -> tuple[Transfer, ...]:
    """Return the transfers that can be told, the clearest and largest first."""
    seen = fit.seen
    n = len(seen.abilities)
    counts = np.zeros((n + 1, n, len(seen.origins)))
    for d in range(n):
        # Of an ability without reference rows, those of the origin that it has most of.
        origin = 0 if seen.counts[:, d, 0].any() else int(seen.counts[:, d].max(axis=0).argmax())
        counts[d + 1, d, origin] = seen.counts[:, d, origin].max()
    scores = _as_the_scores_leave_it(fit).forecast(counts)
    changes = scores[:, 1:] - scores[:, :1]
    found = []
    for (to, source), told in identified.helps.items():
        if told:
            a, d = seen.abilities.index(to), seen.abilities.index(source)
            change = changes[:, d, a]
            rows = int(counts[d + 1].sum())
            helps, hurts = float((change > _LEAST).mean()), float((change < -_LEAST).mean())
            insisted = bool(fit.pairs.free[a, d])
            effect = Interval.of(change)
            found.append(Transfer(source, to, rows, helps, hurts, effect, insisted))
    return tuple(sorted(found, key=lambda t: (not t.clear, -abs(t.effect.middle), t.source, t.to)))


def _as_the_scores_leave_it(fit: GrowthFit) -> GrowthFit:
    """Return the fit with draws of transfer as the scores leave it.

    A fit holds transfer at nothing until the scores insist on it; the draws of a pair that is held
    are no measure of what could be. Here such a pair is believed before to be, as likely as not,
    nothing to speak of or as large as one that matters, and is drawn from what the scores make of
    that.
    """
    layout, pairs = fit.layout, fit.pairs
    something, nothing = TRANSFER_UNIT**2 + pairs.sd**2, TRANSFER_HELD**2 + pairs.sd**2
    for_it = 0.5 * np.log(nothing / something)
    for_it += 0.5 * pairs.estimate**2 * (1.0 / nothing - 1.0 / something)
    mean = TRANSFER_UNIT**2 / something * pairs.estimate
    sd = TRANSFER_UNIT * pairs.sd / np.sqrt(something)
    generator = np.random.default_rng(0)
    shape = (len(fit.draws), *mean.shape)
    there = generator.random(shape) < expit(for_it)
    drawn = np.where(there, mean + sd * generator.standard_normal(shape), 0.0)
    draws = fit.draws.copy()
    held = ~(pairs.free | np.eye(layout.n_abilities, dtype=bool))
    draws[..., layout.transfer] = np.where(held, drawn, draws[..., layout.transfer])
    return replace(fit, draws=draws)
