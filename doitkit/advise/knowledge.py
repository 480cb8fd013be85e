r"""What an observation is worth to a decision: the knowledge gradient, from an ensemble.

Let :math:`V_{dk}` be what alternative :math:`k` is worth and :math:`F_{dr}` what a candidate run
:math:`r` would score if draw :math:`d` of the fitted law were true. An observation
:math:`y = F_r + \varepsilon` with noise of variance :math:`R` moves the expected worth of every
alternative by :math:`\mathrm{Cov}(V_k, F_r)\,(\mathrm{Cov}(F_r) + R)^{-1}\,(y - \bar F_r)` to
linear order, and

.. math:: \mathrm{KG}_r = E_y \max_k E[V_k \mid y] - \max_k E[V_k]

is the rise of the worth of the best alternative that the observation is expected to bring
(Frazier, Powell and Dayanik 2009; the ensemble form of the update is that of Evensen 1994).
"""

from dataclasses import dataclass

import numpy as np

from doitkit.growth.observations import Floats

_FUTURES = 64
"""Possible observations, each taken with its opposite."""
_BY_CHANCE = 2.0
"""A squared correlation below so many times what draws show by chance counts as none."""
_NOTHING = 1e-12


@dataclass(frozen=True)
class Knowledge:
    """What every candidate tells, each of shape (candidates,)."""

    gain: Floats
    """The expected rise of the best alternative's worth; never below 0."""
    nats: Floats
    """The information about the law at all, whether or not a decision hangs on it."""


def knowledge_gradient(worth: Floats, scores: Floats, noise: Floats, *, seed: int = 0) -> Knowledge:
    """Return what every candidate is expected to add to the best alternative's worth.

    Correlations over a hundred draws are partly chance: each is shrunk by what chance explains,
    so that an observation is not praised for what it cannot tell.

    Parameters
    ----------
    worth
        Of the alternatives under each draw, shape (draws, alternatives).
    scores
        What each candidate would show under each draw, (candidates, draws, observations).
    noise
        Variances of the observations, (candidates, observations); infinite where nothing is seen.
    seed
        Of the possible observations; they are the same for all candidates.
    """
    draws = len(worth)
    directions, told = _directions(scores, noise)
    means = worth.mean(axis=0)
    # Against the alternative that is best now, what all alternatives share falls out.
    ahead = worth - worth[:, [int(means.argmax())]]
    expected = ahead.mean(axis=0)
    about = ahead - expected
    moves = np.einsum("dk,rdc->rkc", about, directions) / (draws - 1)
    variance = np.maximum(about.var(axis=0, ddof=1), _NOTHING)[:, None]
    by_chance = _BY_CHANCE * variance / (draws - 1)
    moves = moves * np.maximum(0.0, 1.0 - by_chance / np.maximum(moves**2, _NOTHING**2))
    moves *= np.sqrt(told / (1.0 + told))[:, None, :]
    half = np.random.default_rng(seed).standard_normal((_FUTURES, directions.shape[-1]))
    futures = np.concatenate([half, -half])
    best = (expected[:, None] + moves @ futures.T).max(axis=1)
    gain: Floats = np.maximum(best.mean(axis=1) - expected.max(), 0.0)
    return Knowledge(gain, 0.5 * np.log1p(told).sum(axis=-1))


def _directions(scores: Floats, noise: Floats) -> tuple[Floats, Floats]:
    """Return the uncorrelated parts of the scores, and the signal of each over its noise.

    Shapes (candidates, draws, parts), of variance 1, and (candidates, parts).
    """
    draws = scores.shape[1]
    about = (scores - scores.mean(axis=1, keepdims=True)) / np.sqrt(noise)[:, None, :]
    spread = np.swapaxes(about, 1, 2) @ about / (draws - 1)
    signal, axes = np.linalg.eigh(spread)
    signal = np.maximum(signal, 0.0)
    parts = about @ axes / np.sqrt(np.maximum(signal, _NOTHING))[:, None, :]
    return parts, signal
