"""Fitting the growth laws of all abilities together, and how sure the fit is.

The uncertainty comes from randomised maximum a posteriori estimation: every draw is the fit to
scores and prior means that were themselves moved by their noise (Oliver, He and Reynolds 1996;
Bardsley et al. 2014, "Randomize-then-optimize"). For a linear law the draws are the posterior;
for this one they follow its bends, which a single quadratic approximation would not.

Draws know nothing of what the law itself misses. So every mixture is left out once, predicted
from the others, and the draws are spread until they are as wide as those errors were.
"""

from dataclasses import dataclass, replace

import numpy as np

from doitkit.core.errors import FitError
from doitkit.growth.law import Layout, Parameters, predict
from doitkit.growth.observations import Floats, Observations
from doitkit.growth.prior import first_guess, prior_centre
from doitkit.growth.problem import FitProblems, known_scores
from doitkit.growth.solve import least_squares

_LEAST_STDERR = 1e-3
"""No law is right to more than a thousandth. Scores that are known better (many bits per byte, as
a probability) would force the fit through valleys too narrow to walk."""
_STARTS = 8
_ROUNDS = 3
_T_DEGREES = 5.0
_DISPERSION_PRIOR = 6.0
_DISPERSION_BOUNDS = (1.0, 25.0)
_SPREAD_PRIOR = 4.0
_CLOSE_ENOUGH = 1e-2
"""Draws and left-out fits are samples: a hundredth of a nat more would not be seen in them."""


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
    Above 1, runs scatter more than their items explain: seeds matter, or the law misses."""
    spread: Floats
    """How many times wider than the draws the errors on left-out mixtures were, (abilities,)."""

    def parameters(self) -> Parameters:
        """Return the draws by name."""
        return self.layout.unpack(self.draws)

    def predict(self, counts: Floats) -> Floats:
        """Return what each draw of the law gives, shape (draws, mixtures, abilities).

        Parameters
        ----------
        counts
            Rows, shape (mixtures, abilities, origins), in the order of `seen`.
        """
        return predict(self.parameters(), counts, self.seen.chance)

    def forecast(self, counts: Floats) -> Floats:
        """Return the draws as wide as the errors on left-out mixtures say, same shape.

        These are what intervals are taken from: `predict` is sure of its own law.
        """
        drawn = self.predict(counts)
        middle = np.median(drawn, axis=0)
        wide: Floats = np.clip(middle + self.spread * (drawn - middle), 0.0, 1.0)
        return wide


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
    seen = replace(seen, stderrs=np.maximum(seen.stderrs, _LEAST_STDERR))
    layout = Layout(len(seen.abilities), len(seen.origins) - 1)
    centre = prior_centre(layout, seen)
    noise = seen.stderrs
    starts = first_guess(layout, seen, _STARTS, seed)
    best, dispersion = starts[0], np.ones(len(seen.abilities))
    for _ in range(_ROUNDS):
        problems = FitProblems(layout, seen, *known_scores(seen, noise), centre[None])
        found, loss, converged = least_squares(problems, starts)
        if not converged.any():
            raise FitError(
                "the growth laws did not converge",
                why=f"none of {_STARTS} starts ended",
                next_step="look for outliers in the scores, or add runs of other sizes",
            )
        best = found[int(np.argmin(np.where(converged, loss, np.inf)))]
        dispersion, noise = _refined(seen, best, layout)
        starts = np.concatenate([best[None], found[1:]])
    drawn = _randomised(layout, seen, noise, centre, best, draws, seed)
    spread = _spread(layout, seen, noise, centre, best, drawn)
    return GrowthFit(seen, layout, best, drawn, dispersion, spread)


def _refined(seen: Observations, best: Floats, layout: Layout) -> tuple[Floats, Floats]:
    """Return the dispersion of each ability and the noise of each score, from the misfits.

    A score far off its law counts less: its noise is raised by the weights of a Student t with
    5 degrees of freedom. The dispersion is the mean square of the standardised misfits, shrunk
    towards 1 with the strength of six scores.
    """
    misfit = (predict(layout.unpack(best), seen.counts, seen.chance) - seen.scores) / seen.stderrs
    dispersion = np.ones(len(seen.abilities))
    for index in range(len(seen.abilities)):
        z = misfit[np.isfinite(misfit[:, index]), index]
        scale = 1.0
        for _ in range(10):
            weight = (_T_DEGREES + 1) / (_T_DEGREES + z**2 / scale)
            scale = (_DISPERSION_PRIOR + (weight * z**2).sum()) / (_DISPERSION_PRIOR + z.size)
        dispersion[index] = np.clip(scale, *_DISPERSION_BOUNDS)
    weights = np.minimum((_T_DEGREES + 1) / (_T_DEGREES + misfit**2 / dispersion), 1.0)
    return dispersion, seen.stderrs * np.sqrt(dispersion / weights)


def _randomised(
    layout: Layout,
    seen: Observations,
    noise: Floats,
    centre: Floats,
    best: Floats,
    draws: int,
    seed: int,
) -> Floats:
    generator = np.random.default_rng(seed + 1)
    targets, precision = known_scores(seen, noise)
    errors = np.where(precision > 0, noise, 0.0) * generator.standard_normal(
        (draws, *seen.scores.shape)
    )
    centres = centre + generator.standard_normal((draws, centre.size))
    problems = FitProblems(layout, seen, targets + errors, precision, centres)
    start = np.tile(best, (draws, 1))
    found, loss, _ = least_squares(problems, start, iterations=40, tolerance=_CLOSE_ENOUGH)
    usable = np.isfinite(loss)
    if usable.mean() < 0.9:
        raise FitError(
            "the uncertainty of the growth laws could not be told",
            why=f"{int((~usable).sum())} of {draws} refits failed",
            next_step="look for outliers in the scores, or add runs of other sizes",
        )
    return found[usable]


def _spread(
    layout: Layout, seen: Observations, noise: Floats, centre: Floats, best: Floats, drawn: Floats
) -> Floats:
    """Return by how much the draws of each ability are to be widened.

    Each mixture (with all its seeds; the base model excepted) is predicted from the others. The
    mean square of these errors, less the noise of the scores, over the mean variance of the
    draws, is the square of the spread; shrunk towards 1 with the strength of four mixtures, and
    never below 1.
    """
    _, group = np.unique(seen.counts.reshape(len(seen.runs), -1), axis=0, return_inverse=True)
    held = [g for g in np.unique(group) if seen.counts[group == g].sum() > 0]
    targets, precision = known_scores(seen, noise)
    keep = np.array([group != g for g in held])[:, :, None]
    problems = FitProblems(layout, seen, targets, precision * keep, centre[None])
    start = np.tile(best, (len(held), 1))
    found, _, _ = least_squares(problems, start, iterations=40, tolerance=_CLOSE_ENOUGH)
    without = predict(layout.unpack(found), seen.counts, seen.chance)
    variance = predict(layout.unpack(drawn), seen.counts, seen.chance).var(axis=0)
    spread = np.ones(len(seen.abilities))
    for a in range(len(seen.abilities)):
        ratios = []
        for index, g in enumerate(held):
            rows = (group == g) & np.isfinite(seen.scores[:, a])
            if not rows.any():
                continue
            error = float((without[index, rows, a] - seen.scores[rows, a]).mean())
            sampling = float((seen.stderrs[rows, a] ** 2).mean()) / rows.sum()
            ratios.append((error**2 - sampling, float(variance[rows, a].mean())))
        excess, own = np.array(ratios).sum(axis=0) if ratios else (0.0, 1.0)
        share = len(ratios) / (len(ratios) + _SPREAD_PRIOR)
        spread[a] = np.sqrt(max(1.0, share * excess / max(own, 1e-12) + (1 - share)))
    return spread
