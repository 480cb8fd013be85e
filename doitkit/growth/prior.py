"""What is believed before any run: weak, and the same for every ability.

Abilities are pooled: each one's parameters scatter around means that are fitted too, so that
twelve runs over five abilities inform all five. Values are on the scales of `Parameters`.
"""

from dataclasses import dataclass

import numpy as np

from doitkit.growth.law import Layout
from doitkit.growth.observations import Floats, Observations


@dataclass(frozen=True)
class Scatter:
    """A mean that is fitted, with the prior of that mean, and the scatter of abilities."""

    mean: float
    mean_sd: float
    sd: float


CEILING = Scatter(mean=1.4, mean_sd=1.0, sd=1.0)
"""Log-odds of the ceiling between chance and 1: 0.8 of the way, give or take."""
LOG_K = Scatter(mean=np.log(300.0), mean_sd=2.0, sd=1.5)
LOG_B = Scatter(mean=0.0, mean_sd=0.5, sd=0.5)
LOG_RHO = Scatter(mean=np.log(0.5), mean_sd=1.0, sd=0.8)
LOG_CAP = Scatter(mean=np.log(1000.0), mean_sd=1.5, sd=1.2)
TRANSFER = Scatter(mean=0.0, mean_sd=0.5, sd=0.5)
START_SD = 0.15
"""Scatter of s0 around what the smallest runs show."""


def prior_residuals(layout: Layout, flat: Floats, centre: Floats) -> Floats:
    """Return the standardised distance of parameters from the prior.

    Parameters
    ----------
    flat
        Shape (..., size).
    centre
        Shape (..., n_residuals): where each residual is 0; 0 for the prior itself, a draw of
        standard normals for a perturbed prior.

    Returns
    -------
    array of shape (..., n_residuals)
    """
    p = layout.unpack(flat)
    parts = [
        (p.ceiling - p.ceiling_mean) / CEILING.sd,
        p.start / START_SD,
        (p.log_k - p.log_k_mean) / LOG_K.sd,
        (p.log_b - p.log_b_mean) / LOG_B.sd,
        ((p.log_rho - p.log_rho_mean[..., None, :]) / LOG_RHO.sd).reshape(*flat.shape[:-1], -1),
        ((p.log_cap - p.log_cap_mean[..., None, :]) / LOG_CAP.sd).reshape(*flat.shape[:-1], -1),
        (p.transfer - p.transfer_mean) / TRANSFER.sd,
        (p.ceiling_mean - CEILING.mean) / CEILING.mean_sd,
        (p.log_k_mean - LOG_K.mean) / LOG_K.mean_sd,
        (p.log_b_mean - LOG_B.mean) / LOG_B.mean_sd,
        (p.log_rho_mean - LOG_RHO.mean) / LOG_RHO.mean_sd,
        (p.log_cap_mean - LOG_CAP.mean) / LOG_CAP.mean_sd,
        (p.transfer_mean - TRANSFER.mean) / TRANSFER.mean_sd,
    ]
    return np.concatenate(parts, axis=-1) - centre


def prior_centre(layout: Layout, seen: Observations) -> Floats:
    """Return where the prior's residuals are 0: only `start` depends on what was seen.

    s0 is centred on the run with the least data, as a part of the way from chance to the prior
    mean of the ceiling.
    """
    centre = np.zeros(layout.size)
    centre[layout.part(1)] = _start_guess(seen) / START_SD
    return centre


def first_guess(layout: Layout, seen: Observations, draws: int, seed: int) -> Floats:
    """Return starting points for the fit, shape (draws, size), scattered as the prior is."""
    generator = np.random.default_rng(seed)
    flat = np.zeros((draws, layout.size))
    means = (CEILING, None, LOG_K, LOG_B, LOG_RHO, LOG_CAP, TRANSFER)
    for index, scatter in enumerate(means):
        part = layout.part(index)
        if scatter is None:
            flat[:, part] = _start_guess(seen)
        else:
            noise = generator.standard_normal((draws, part.stop - part.start))
            noise[0] = 0.0
            flat[:, part] = scatter.mean + scatter.sd * noise
    for index, scatter in enumerate((CEILING, LOG_K, LOG_B, LOG_RHO, LOG_CAP, TRANSFER)):
        flat[:, layout.part(7 + index)] = scatter.mean
    return flat


def _start_guess(seen: Observations) -> Floats:
    totals = seen.counts.sum(axis=(1, 2))
    guess = np.zeros(len(seen.abilities))
    top = 1.0 / (1.0 + np.exp(-CEILING.mean))
    for index in range(len(seen.abilities)):
        scored = np.isfinite(seen.scores[:, index])
        least = np.flatnonzero(scored)[np.argmin(totals[scored])]
        above = seen.scores[least, index] - seen.chance[index]
        guess[index] = above / ((1.0 - seen.chance[index]) * top)
    return np.clip(guess, -0.3, 0.9)
