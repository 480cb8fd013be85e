"""Fitting the growth laws of all abilities together, and how sure the fit is.

Every ability is fitted to its own scores under a prior that all share; then the prior is learned
from the abilities, what their data is to one another from their parameters, the noise from the
misfits, and all again until it stands.

The uncertainty comes from randomised maximum a posteriori estimation: every draw is the fit to
scores and prior means that were themselves moved by their noise (Oliver, He and Reynolds 1996;
Bardsley et al. 2014, "Randomize-then-optimize"). For a linear law the draws are the posterior;
for this one they follow its bends, which a single quadratic approximation would not.

Draws know nothing of what the law itself misses. `spread.py` measures it on left-out mixtures, and
`misfit.py` adds what even these do not show.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from doitkit.core.errors import FitError
from doitkit.growth.history import Past, taught_by_curves
from doitkit.growth.law import START, Layout, Parameters, predict
from doitkit.growth.misfit import Misfit
from doitkit.growth.noise import Noise, first_noise, noise_around
from doitkit.growth.observations import Floats, Observations
from doitkit.growth.pairs import Pairs
from doitkit.growth.prior import Prior, believed
from doitkit.growth.problem import AbilityFits, fitted_scores, helps_of
from doitkit.growth.solve import least_squares
from doitkit.growth.spread import spread_of

_STARTS = 6
_ROUNDS = 6
_UNTIL_NOISE_IS_KNOWN = 2
"""Before, nothing stands out from noise that can be told to."""
_PATIENCE = 1000
"""Steps of the last fit."""
_SWEEPS = 2
"""Passes over the draws: in the second each knows what the others' data is to it."""
_CLOSE_ENOUGH = 1e-2
"""Draws are samples: a hundredth of a nat more would not be seen in them."""


@dataclass(frozen=True)
class GrowthFit:
    """The fitted laws: the most probable parameters, and draws around them."""

    seen: Observations
    layout: Layout
    best: Floats
    """The most probable parameters, shape (abilities, size)."""
    draws: Floats
    """Shape (draws, abilities, size)."""
    noise: Noise
    spread: Floats
    """How many times wider than the draws the errors on left-out mixtures were, (abilities,)."""
    misfit: Misfit
    pairs: Pairs
    """What the scores say of transfer."""
    history: tuple[str, ...] = ()
    """What was made of past curves, ability by ability."""

    @property
    def dispersion(self) -> Floats:
        """Noise variance of each ability as a multiple of that of its items, (abilities,)."""
        return self.noise.dispersion

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
        return predict(self.parameters(), counts, self.seen.chance, self.seen.unit)

    def forecast(self, counts: Floats) -> Floats:
        """Return the draws as wide as the errors on left-out mixtures say, and the law's own.

        These are what intervals are taken from: `predict` is sure of its own law. Same shape.
        """
        drawn = self.predict(counts)
        middle = np.median(drawn, axis=0)
        wide = middle + self.spread * (drawn - middle) + self.misfit.of(counts)
        clipped: Floats = np.clip(wide, 0.0, 1.0)
        return clipped


def fit_growth(
    seen: Observations, *, past: Past | None = None, draws: int = 100, seed: int = 0
) -> GrowthFit:
    """Fit the growth laws to what was seen.

    Parameters
    ----------
    past
        Whole curves of the same abilities, of other models or earlier rounds.
    draws
        How many draws describe the uncertainty.

    Raises
    ------
    FitError
        If the fit does not converge; no advice is given from such a fit.
    """
    layout = Layout(len(seen.abilities), len(seen.origins) - 1)
    generator = np.random.default_rng(seed)
    best, prior, noise = _most_probable(layout, seen, generator)
    taught = taught_by_curves(layout, seen, best, noise.sd, past or {})
    if taught.seen.foretold:
        best, prior, noise = _most_probable(layout, taught.seen, generator)
    drawn = _randomised(layout, taught.seen, prior, noise, best, draws, generator)
    noise = noise.first(len(seen.runs))
    spread = spread_of(layout, seen, prior, noise, best, drawn)
    ranges = np.ptp(fitted_scores(layout, best, seen), axis=0)
    misfit = Misfit.drawn(ranges, seen, len(drawn), generator)
    pairs = Pairs.of(layout, seen, noise, prior, best)
    return GrowthFit(seen, layout, best, drawn, noise, spread, misfit, pairs, taught.said)


def _most_probable(
    layout: Layout, seen: Observations, generator: np.random.Generator
) -> tuple[Floats, Prior, Noise]:
    first, noise = believed(layout, seen), first_noise(seen)
    prior = first
    starts = prior.drawn(_STARTS, generator)
    starts[0] = prior.mean
    starts[..., START] = prior.mean[:, START]
    best = prior.mean
    each = np.arange(layout.n_abilities)
    for turn in range(_ROUNDS):
        fits = AbilityFits.of(layout, seen, noise, prior, helps_of(layout, best, seen), len(starts))
        flat, losses, _ = least_squares(fits, starts.reshape(-1, layout.size))
        found = flat.reshape(starts.shape)
        loss = np.where(np.isfinite(losses), losses, np.inf).reshape(starts.shape[:2])
        chosen = loss.argmin(axis=0)
        best = found[chosen, each]
        variance, used = fits.told(best)
        noise = noise_around(seen, fitted_scores(layout, best, seen), used)
        prior = first.pooled(prior, best, variance)
        if turn >= _UNTIL_NOISE_IS_KNOWN:
            pairs = Pairs.of(layout, seen, noise, prior, best)
            prior = prior.freed(layout, pairs.gain, pairs.estimate)
        starts = np.stack([best, found[(chosen + 1) % len(starts), each]])
    # Before outliers are known for what they are, a fit may wander; the last one must not.
    fits = AbilityFits.of(layout, seen, noise, prior, helps_of(layout, best, seen), 1)
    best, _, ended = least_squares(fits, best, iterations=_PATIENCE, tolerance=_CLOSE_ENOUGH)
    _require_converged(seen, ended)
    return best, prior, noise


def _require_converged(seen: Observations, ended: npt.NDArray[np.bool_]) -> None:
    lost = [f"`{a}`" for a, end in zip(seen.abilities, ended, strict=True) if not end]
    if lost:
        raise FitError(
            f"the growth law of {', '.join(lost)} did not converge",
            next_step="look for outliers in the scores, or add runs of other sizes",
        )


def _randomised(
    layout: Layout,
    seen: Observations,
    prior: Prior,
    noise: Noise,
    best: Floats,
    draws: int,
    generator: np.random.Generator,
) -> Floats:
    errors = generator.standard_normal((draws, *seen.scores.shape))
    centres = prior.drawn(draws, generator)
    drawn = np.tile(best, (draws, 1, 1))
    loss = np.zeros(draws)
    for _ in range(_SWEEPS):
        helps = helps_of(layout, drawn, seen)
        fits = AbilityFits.of(layout, seen, noise, prior, helps, draws, errors, centres)
        found, loss, _ = least_squares(
            fits, drawn.reshape(-1, layout.size), iterations=40, tolerance=_CLOSE_ENOUGH
        )
        drawn = found.reshape(drawn.shape)
    usable = np.isfinite(loss.reshape(draws, -1)).all(axis=1)
    if usable.mean() < 0.9:
        raise FitError(
            "the uncertainty of the growth laws could not be told",
            why=f"{int((~usable).sum())} of {draws} refits failed",
            next_step="look for outliers in the scores, or add runs of other sizes",
        )
    return drawn[usable]
