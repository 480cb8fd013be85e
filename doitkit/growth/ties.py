"""Amounts of data that rise and fall together over the runs, so that nothing tells them apart."""

import numpy as np

from doitkit.growth.observations import Floats, Observations
from doitkit.growth.problem import Mask

_COLLINEAR = 0.95


def tied_abilities(counts: Floats) -> Mask:
    """Return from which other amounts that of an ability cannot be told, (abilities, abilities).

    Those that rise and fall with it; all, where it never varies itself, and where there are no
    more runs than abilities.
    """
    data = np.log1p(counts.sum(axis=2))
    # The base model and empty runs say nothing about which ability helps which.
    data = data[data.sum(axis=1) > 0]
    n = counts.shape[1]
    others = ~np.eye(n, dtype=bool)
    if len(data) <= n:
        return others
    about = data - data.mean(axis=0)
    spread = np.sqrt((about**2).sum(axis=0))
    varied = spread > 1e-9 * np.maximum(1.0, data.max(axis=0))
    length = np.where(varied, spread, 1.0)
    alike = np.abs(about.T @ about) / np.outer(length, length) > _COLLINEAR
    tied: Mask = (alike & varied | ~varied[:, None]) & others
    return tied


def why_tied(seen: Observations, tied: Mask) -> str | None:
    """Return in words which amounts are tied, of `tied_abilities`; None where none are."""
    pairs = np.argwhere(np.triu(tied | tied.T))
    if not len(pairs):
        return None
    if int((seen.counts.sum(axis=(1, 2)) > 0).sum()) <= len(seen.abilities):
        named = "too few runs"
    else:
        named = ", ".join(f"{seen.abilities[a]} with {seen.abilities[d]}" for a, d in pairs[:3])
    return f"their amounts of data rise and fall together over the runs ({named})"


def unties(seen: Observations, counts: Floats, copies: int) -> bool:
    """Say whether with a run as well, the ability that it holds is tied with no other."""
    (source,) = np.flatnonzero(counts.sum(axis=1))
    return not tied_abilities(with_runs(seen.counts, counts, copies))[source].any()


def vary_apart(counts: Floats, a: int, o: int) -> bool:
    """Say whether the rows of origin `o` and of the reference vary apart for ability `a`."""
    reference, other = np.log1p(counts[:, a, 0]), np.log1p(counts[:, a, o])
    if len(counts) < 2 or np.ptp(reference) == 0 or np.ptp(other) == 0:
        return False
    return bool(abs(np.corrcoef(reference, other)[0, 1]) <= _COLLINEAR)


def with_runs(counts: Floats, run: Floats, copies: int) -> Floats:
    """Return the counts of all runs with one more, so many times."""
    return np.concatenate([counts, np.repeat(run[None], copies, axis=0)])
