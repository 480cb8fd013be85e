r"""How far scores scatter around their laws.

A score that counts right answers has the variance of an overdispersed binomial,
:math:`\phi \mu (1 - \mu) / Q` at the fitted :math:`\mu` over :math:`Q` items (a beta-binomial's,
where all have as many), in the form of a quasi-likelihood (McCullagh and Nelder 1989, chapter 4);
one that is measured has :math:`\phi` times its squared standard error. The dispersion :math:`\phi`
of an ability is above 1 where seeds matter or the law misses, and may be below: all runs answer the
same items, so that what is hard about these moves all scores alike and nothing between them. A
score far off counts less, by the weights of a Student t.
"""

from dataclasses import dataclass

import numpy as np

from doitkit.growth.observations import Floats, Observations

_DEGREES = 5.0
"""Of Student's t."""
_STRENGTH = 6.0
"""Scores' worth of evidence behind what all abilities say together."""
_BOUNDS = (0.3, 1000.0)
_LEAST = 1e-3
"""No law is right to more than a thousandth. Scores that are known better (many bits per byte, as
a probability) would force the fit through valleys too narrow to walk."""


@dataclass(frozen=True)
class Noise:
    """Of every score.

    Attributes
    ----------
    sd
        Standard deviation as the fit takes it, outliers widened, shape (runs, abilities).
    dispersion
        Shape (abilities,).
    weight
        1 for a score that its law explains, less the farther it is off, (runs, abilities).
    """

    sd: Floats
    dispersion: Floats
    weight: Floats

    def unweighted(self) -> "Noise":
        """Return the noise as if no score were an outlier."""
        return Noise(self.sd * np.sqrt(self.weight), self.dispersion, np.ones_like(self.weight))

    def first(self, runs: int) -> "Noise":
        """Return the noise of the first runs."""
        return Noise(self.sd[:runs], self.dispersion, self.weight[:runs])


def first_noise(seen: Observations) -> Noise:
    """Return what is believed before any fit."""
    ones = np.ones_like(seen.scores)
    return Noise(np.maximum(seen.stderrs, _LEAST), np.ones(len(seen.abilities)), ones)


def noise_around(seen: Observations, fitted: Floats, used: Floats) -> Noise:
    """Return how scores scatter around what was fitted.

    Parameters
    ----------
    fitted
        Shape (runs, abilities).
    used
        Degrees of freedom that the fit of each ability used up, shape (abilities,).
    """
    base = _variance(seen, fitted)
    squares = (fitted - seen.scores) ** 2 / base
    there = np.isfinite(squares)
    base = np.where(there, base, 1.0)
    count = there.sum(axis=0)
    free = np.maximum(count - used, 1.0)
    squares = np.where(there, squares, 0.0)
    dispersion = np.ones(len(seen.abilities))
    together = 1.0
    for _ in range(20):
        weights = weights_of(squares / dispersion) * there
        spent = (weights * squares).sum(axis=0)
        together = (_STRENGTH + spent.sum()) / (_STRENGTH + free.sum())
        dispersion = np.clip((_STRENGTH * together + spent) / (_STRENGTH + free), *_BOUNDS)
    weights = weights_of(squares / dispersion)
    sd = np.where(there, np.sqrt(base * dispersion / weights), np.inf)
    return Noise(sd, dispersion, weights)


def weights_of(squares: Floats) -> Floats:
    """Return how much scores count whose squared misfits, in standard deviations, are these."""
    weights: Floats = np.minimum((_DEGREES + 1.0) / (_DEGREES + squares), 1.0)
    return weights


def loss_of(squares: Floats) -> Floats:
    """Return the loss in nats that these weights minimise, of the same shape."""
    far = 0.5 + 0.5 * (_DEGREES + 1.0) * np.log((_DEGREES + squares) / (_DEGREES + 1.0))
    loss: Floats = np.where(squares > 1.0, far, 0.5 * squares)
    return loss


def _variance(seen: Observations, fitted: Floats) -> Floats:
    """Return the variance of every score if nothing but its items were to blame."""
    measured = seen.stderrs**2
    if seen.items is not None:
        level = np.clip(fitted, 0.0, 1.0)
        # Half an item of either kind: a law that says never is not believed that far.
        smoothed = (level * seen.items + 0.5) / (seen.items + 1.0)
        counted = smoothed * (1.0 - smoothed) / seen.items
        measured = np.where(np.isfinite(seen.items), counted, measured)
    variance: Floats = np.maximum(measured, _LEAST**2)
    return variance
