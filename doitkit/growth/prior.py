"""What is believed before any run, and how abilities teach each other.

Abilities are pooled: the parameters of each scatter around means that are fitted too, so that
twelve runs over five abilities inform all five. Values are on the scales of `Parameters`. Amounts
of data are believed to be of the order of those in the runs: somebody chose them to matter.
"""

from dataclasses import dataclass, replace

import numpy as np

from doitkit.growth.law import CEILING, LOG_B, LOG_K, SIZE, START, Layout
from doitkit.growth.observations import Floats, Observations

_SCATTER_PRIOR = 10.0
"""Abilities' worth of evidence behind the scatter that is believed beforehand."""


@dataclass(frozen=True)
class Belief:
    """About one parameter: its mean over abilities, how sure that is, and the scatter."""

    mean: float
    mean_sd: float
    sd: float


_CEILING = Belief(mean=1.4, mean_sd=1.0, sd=1.0)
"""Log-odds of the ceiling between chance and 1: 0.8 of the way, give or take."""
_LOG_K_OVER_UNIT = Belief(mean=0.0, mean_sd=1.5, sd=1.5)
_LOG_B = Belief(mean=0.0, mean_sd=0.5, sd=0.5)
_SIZE = Belief(mean=0.3, mean_sd=0.2, sd=0.2)
_LOG_RHO = Belief(mean=float(np.log(0.5)), mean_sd=1.0, sd=0.8)
_LOG_CAP_OVER_UNIT = Belief(mean=1.0, mean_sd=1.5, sd=1.2)
TRANSFER_HELD = 0.003
"""Nothing to speak of."""
_CLEARLY, _HARDLY = 4.0, 0.5
"""Nats by which a pair must better the scores to be set free, over the logarithm of how many pairs
could have, and to stay so."""
_START_SD = 0.15
"""Scatter of s0 around what the smallest runs show."""


@dataclass(frozen=True)
class Prior:
    """Where the parameters of each ability are believed to lie: independent normals.

    Attributes
    ----------
    mean, sd
        Shape (abilities, size) each.
    mean_sd
        How sure the mean over abilities is, shape (size,); 0 where abilities share none.
    """

    mean: Floats
    sd: Floats
    mean_sd: Floats

    def drawn(self, draws: int, generator: np.random.Generator) -> Floats:
        """Return parameters drawn from the prior, their means over abilities drawn with them.

        Returns
        -------
        array of shape (draws, abilities, size)
        """
        size = self.mean.shape[1]
        shared = self.mean_sd * generator.standard_normal((draws, 1, size))
        own = self.sd * generator.standard_normal((draws, *self.mean.shape))
        drawn: Floats = self.mean + shared + own
        return drawn

    def pooled(self, current: "Prior", found: Floats, variance: Floats) -> "Prior":
        """Return the prior that the abilities teach each other, this one being believed before.

        The mean over abilities is normal given what the scores alone say of each, as sure as
        the scatter and their own variance allow; the scatter is that around it, shrunk towards
        what was believed (one step of expectation-maximisation; Efron and Morris 1973).

        Parameters
        ----------
        current
            The prior under which the parameters were found.
        found, variance
            Parameters of each ability and their variances, shape (abilities, size).
        """
        shared = self.mean_sd > 0
        scatter_before = np.where(shared, current.sd, 1.0) ** 2
        variance = np.where(shared, variance, 1.0)
        # What the scores alone say of a parameter: the prior under which it was found taken off.
        told = np.maximum(1.0 / variance - 1.0 / scatter_before, 0.0)
        pull = found / variance - current.mean / scatter_before
        before = 1.0 / np.where(shared, self.mean_sd, 1.0) ** 2
        total = before + (told / (1.0 + told * scatter_before)).sum(axis=0)
        pulled = np.where(told > 0, pull / (1.0 + told * scatter_before), 0.0).sum(axis=0)
        mean = (before * self.mean[0] + pulled) / total
        apart = ((found - mean) ** 2 + variance).sum(axis=0)
        scatter = (_SCATTER_PRIOR * self.sd[0] ** 2 + apart) / (_SCATTER_PRIOR + len(found))
        return Prior(
            np.where(shared, mean, self.mean),
            np.where(shared, np.sqrt(scatter), current.sd),
            np.where(shared, np.sqrt(1.0 / total), 0.0),
        )

    def freed(self, layout: Layout, gain: Floats, estimate: Floats) -> "Prior":
        """Return the prior under which transfer is nothing but where the scores insist on it.

        There are many pairs of abilities and few runs. So every pair is held near nothing until,
        of all that could help or hurt an ability, it is the one that stands out most, by
        `nats_asked` (forward selection; one more with each pass of the fit). A pair that gains
        next to nothing, once all else has moved, is held again.

        Parameters
        ----------
        gain, estimate
            By how many nats the scores are likelier with a pair than without, and what they
            alone say of it (`Pairs`); shape (abilities, abilities).
        """
        sd = self.sd[:, layout.transfer]
        there = sd > 0
        gain = np.where(there, gain, 0.0)
        free = (sd > TRANSFER_HELD) & (gain > _HARDLY)
        waiting = np.where(free, 0.0, gain)
        each = np.arange(len(sd))
        first = waiting.argmax(axis=1)
        free[each, first] |= waiting[each, first] > nats_asked(layout.n_abilities)
        wide = np.maximum(np.abs(estimate), 2 * TRANSFER_HELD)
        changed = self.sd.copy()
        changed[:, layout.transfer] = np.where(there, np.where(free, wide, TRANSFER_HELD), 0.0)
        return replace(self, sd=changed)


def nats_asked(abilities: int) -> float:
    """Return by how many nats a pair must better the scores of one of so many abilities."""
    return _CLEARLY + float(np.log(max(abilities - 1, 1)))


def believed(layout: Layout, seen: Observations) -> Prior:
    """Return what is believed before the scores: only `start` depends on those, the smallest's."""
    unit = np.log(seen.unit)
    parts = {
        CEILING: _CEILING,
        LOG_K: Belief(unit + _LOG_K_OVER_UNIT.mean, _LOG_K_OVER_UNIT.mean_sd, _LOG_K_OVER_UNIT.sd),
        LOG_B: _LOG_B,
        SIZE: _SIZE,
    }
    for place in range(layout.log_rho.start, layout.log_rho.stop):
        parts[place] = _LOG_RHO
    for place in range(layout.log_cap.start, layout.log_cap.stop):
        cap = _LOG_CAP_OVER_UNIT
        parts[place] = Belief(unit + cap.mean, cap.mean_sd, cap.sd)
    mean, sd = np.zeros((2, layout.n_abilities, layout.size))
    mean_sd = np.zeros(layout.size)
    for place, belief in parts.items():
        mean[:, place], sd[:, place], mean_sd[place] = belief.mean, belief.sd, belief.mean_sd
    mean[:, START], sd[:, START] = _start_guess(seen), _START_SD
    sd[:, layout.transfer] = TRANSFER_HELD * (1.0 - np.eye(layout.n_abilities))
    return Prior(mean, sd, mean_sd)


def _start_guess(seen: Observations) -> Floats:
    totals = seen.counts.sum(axis=(1, 2))
    guess = np.zeros(len(seen.abilities))
    top = 1.0 / (1.0 + np.exp(-_CEILING.mean))
    for index in range(len(seen.abilities)):
        scored = np.isfinite(seen.scores[:, index])
        least = np.flatnonzero(scored)[np.argmin(totals[scored])]
        above = seen.scores[least, index] - seen.chance[index]
        guess[index] = above / ((1.0 - seen.chance[index]) * top)
    return np.clip(guess, -0.3, 0.9)
