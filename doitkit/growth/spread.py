"""How much wider than the draws the errors on mixtures were that the law had not seen."""

import numpy as np

from doitkit.growth.law import Layout, predict
from doitkit.growth.noise import Noise
from doitkit.growth.observations import Floats, Observations
from doitkit.growth.prior import Prior
from doitkit.growth.problem import AbilityFits, fitted_scores, helps_of
from doitkit.growth.solve import least_squares

_STRENGTH = 4.0
_CLOSE_ENOUGH = 1e-2


def spread_of(
    layout: Layout, seen: Observations, prior: Prior, noise: Noise, best: Floats, drawn: Floats
) -> Floats:
    """Return by how much the draws of each ability are to be widened, shape (abilities,).

    Each mixture (with all its seeds; the base model excepted) is predicted from the others. The
    mean square of these errors, less the noise of the scores, over the mean variance of the
    draws, is the square of the spread; shrunk towards 1 with the strength of four mixtures, and
    never below 1.
    """
    _, group = np.unique(seen.counts.reshape(len(seen.runs), -1), axis=0, return_inverse=True)
    held = [g for g in np.unique(group) if seen.counts[group == g].sum() > 0]
    keep = np.array([group != g for g in held])
    helps = helps_of(layout, best, seen)
    fits = AbilityFits.of(layout, seen, noise, prior, helps, len(held), keep=keep)
    start = np.tile(best, (len(held), 1))
    found, _, _ = least_squares(fits, start, iterations=30, tolerance=_CLOSE_ENOUGH)
    without = fitted_scores(layout, found.reshape(len(held), *best.shape), seen)
    at_reference = predict(layout.unpack(drawn), seen.counts, seen.chance, seen.unit)
    variance = at_reference.var(axis=0)
    spread = np.ones(len(seen.abilities))
    for a in range(len(seen.abilities)):
        ratios = []
        for index, g in enumerate(held):
            rows = (group == g) & np.isfinite(seen.scores[:, a])
            if not rows.any():
                continue
            error = float((without[index, rows, a] - seen.scores[rows, a]).mean())
            sampling = float((noise.sd[rows, a] ** 2).mean()) / rows.sum()
            ratios.append((error**2 - sampling, float(variance[rows, a].mean())))
        excess, own = np.array(ratios).sum(axis=0) if ratios else (0.0, 1.0)
        share = len(ratios) / (len(ratios) + _STRENGTH)
        spread[a] = np.sqrt(max(1.0, share * excess / max(own, 1e-12) + (1 - share)))
    return spread
