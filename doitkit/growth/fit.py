"""Fitting the growth laws of all abilities together, and how sure the fit is.

The uncertainty comes from randomised maximum a posteriori estimation: every draw is the fit to
scores and prior means that were themselves moved by their noise (Oliver, He and Reynolds 1996;
Bardsley et al. 2014, "Randomize-then-optimize"). For a linear law the draws are the posterior;
for this one they follow its bends, which a single quadratic approximation would not.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from doitkit.core.errors import FitError
from doitkit.growth.law import Layout, Parameters, predict
from doitkit.growth.observations import Floats, Observations
from doitkit.growth.prior import first_guess, prior_centre, prior_residuals
from doitkit.growth.solve import least_squares

_STARTS = 8
_ROUNDS = 3
_T_DEGREES = 5.0
_DISPERSION_PRIOR = 6.0
_DISPERSION_BOUNDS = (1.0, 25.0)


@dataclass(frozen=True)
class GrowthFit:
    """The fitted laws: the most probable parameters, and draws around them."""

    seen: Observations
    layout: Layout
    best: Floats
    """The most probable parameters, shape (size,)."""
    draws: Floats
    """Shape (draws, size)."""
    dispersion: Floats
    """Noise variance of each ability as a multiple of that of its items, shape (abilities,).
    Above 1, runs scatter more than their items explain: seeds matter."""

    def parameters(self) -> Parameters:
        """Return the draws by name."""
        return self.layout.unpack(self.draws)

    def predict(self, counts: Floats) -> Floats:
        """Return scores of mixtures, shape (draws, mixtures, abilities), without noise.

        Parameters
        ----------
        counts
            Rows, shape (mixtures, abilities, origins), in the order of `seen`.
        """
        return predict(self.parameters(), counts, self.seen.chance)

    def predict_best(self, counts: Floats) -> Floats:
        """Return the scores at the most probable parameters, shape (mixtures, abilities)."""
        return predict(self.layout.unpack(self.best), counts, self.seen.chance)


def fit_growth(seen: Observations, *, draws: int = 100, seed: int = 0) -> GrowthFit:
    """Fit the growth laws to what was seen.

    Parameters
    ----------
    draws
        How many draws describe the uncertainty.

    Raises
    ------
    FitError
        If the fit does not converge; no advice is given from such a fit.
    """
    layout = Layout(len(seen.abilities), len(seen.origins) - 1)
    centre = prior_centre(layout, seen)
    dispersion = np.ones(len(seen.abilities))
    weights = np.ones_like(seen.scores)
    starts = first_guess(layout, seen, _STARTS, seed)
    best = starts[0]
    for _ in range(_ROUNDS):
        problem = _Problem(layout, seen, _noise(seen, dispersion, weights))
        found, loss, converged = least_squares(
            partial(problem.residuals, scores=seen.scores, centre=centre), starts
        )
        if not np.isfinite(loss).any() or not converged.any():
            raise FitError(
                "the growth laws did not converge",
                why=f"none of {_STARTS} starts ended",
                next_step="look for outliers in the scores, or add runs of other sizes",
            )
        best = found[int(np.nanargmin(np.where(converged, loss, np.inf)))]
        dispersion, weights = _refined(seen, best, layout)
        starts = np.concatenate([best[None], found[1:]])
    problem = _Problem(layout, seen, _noise(seen, dispersion, weights))
    drawn = _randomised(problem, seen, centre, best, draws, seed)
    return GrowthFit(seen, layout, best, drawn, dispersion)


@dataclass(frozen=True)
class _Problem:
    """Residuals of scores and prior together, for any leading axes of the parameters."""

    layout: Layout
    seen: Observations
    noise: Floats

    def residuals(self, flat: Floats, scores: Floats, centre: Floats) -> Floats:
        predicted = predict(self.layout.unpack(flat), self.seen.counts, self.seen.chance)
        scored = np.isfinite(self.seen.scores)
        misfit = ((predicted - scores) / self.noise)[..., scored]
        return np.concatenate([misfit, prior_residuals(self.layout, flat, centre)], axis=-1)


def _noise(seen: Observations, dispersion: Floats, weights: Floats) -> Floats:
    return seen.stderrs * np.sqrt(dispersion / weights)


def _refined(seen: Observations, best: Floats, layout: Layout) -> tuple[Floats, Floats]:
    """Return the dispersion of each ability and the weight of each score, from the misfits.

    The weights are those of a Student t with 5 degrees of freedom: a score far off its law
    counts less. The dispersion is the mean square of the standardised misfits, shrunk towards
    1 with the strength of six scores.
    """
    misfit = (predict(layout.unpack(best), seen.counts, seen.chance) - seen.scores) / seen.stderrs
    dispersion = np.ones(len(seen.abilities))
    weights = np.ones_like(misfit)
    for index in range(len(seen.abilities)):
        z = misfit[np.isfinite(misfit[:, index]), index]
        scale = 1.0
        for _ in range(10):
            weight = (_T_DEGREES + 1) / (_T_DEGREES + z**2 / scale)
            scale = (_DISPERSION_PRIOR + (weight * z**2).sum()) / (_DISPERSION_PRIOR + z.size)
        dispersion[index] = np.clip(scale, *_DISPERSION_BOUNDS)
        all_z = misfit[:, index]
        weights[:, index] = (_T_DEGREES + 1) / (_T_DEGREES + all_z**2 / dispersion[index])
    return dispersion, np.minimum(np.nan_to_num(weights, nan=1.0), 1.0)


def _randomised(
    problem: _Problem, seen: Observations, centre: Floats, best: Floats, draws: int, seed: int
) -> Floats:
    generator = np.random.default_rng(seed + 1)
    scores = seen.scores + problem.noise * generator.standard_normal((draws, *seen.scores.shape))
    centres = centre + generator.standard_normal((draws, centre.size))

    def residuals(flat: Floats) -> Floats:
        extra = flat.ndim - 2
        moved = scores.reshape(draws, *([1] * extra), *seen.scores.shape)
        around = centres.reshape(draws, *([1] * extra), centre.size)
        return problem.residuals(flat, moved, around)

    found, loss, _ = least_squares(residuals, np.tile(best, (draws, 1)), iterations=40)
    usable = np.isfinite(loss)
    if usable.mean() < 0.9:
        raise FitError(
            "the uncertainty of the growth laws could not be told",
            why=f"{int((~usable).sum())} of {draws} refits failed",
            next_step="look for outliers in the scores, or add runs of other sizes",
        )
    return found[usable]
