"""What the advice about a mixture aims at: one number of each run, from its outcomes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from doitkit.advise.tables.mixtures import LEAST_MIXTURES, MixtureEvidence
from doitkit.core.errors import UsageError
from doitkit.growth import Interval
from doitkit.growth.observations import Floats
from doitkit.recipe.diagnostics import listed

_FACTORS = 1000.0
"""Losses that differ by more than that are not compared by their factors."""


@dataclass(frozen=True)
class Target:
    """The number that is to be made large or small.

    Attributes
    ----------
    name
        For display.
    values
        Of the runs that have it, in the measure that is shown, shape (runs,).
    runs
        Which runs of the evidence these are.
    lower
        Whether less is better.
    logarithm
        Whether surfaces are fitted to its logarithm.
    assumptions
        How it was made, in sentences.
    """

    name: str
    values: Floats
    runs: tuple[int, ...]
    lower: bool
    logarithm: bool
    assumptions: tuple[str, ...]

    @property
    def merits(self) -> Floats:
        """What surfaces are fitted to: more is better."""
        measured = np.log(self.values) if self.logarithm else self.values
        return -measured if self.lower else measured

    def shown(self, merit: float) -> float:
        """Return a merit in the measure that is shown."""
        measured = -merit if self.lower else merit
        return float(np.exp(measured)) if self.logarithm else measured

    def interval(self, mean: float, half: float) -> Interval:
        """Return a merit and how far its 80 % interval reaches, in the measure that is shown."""
        ends = sorted((self.shown(mean - half), self.shown(mean + half)))
        return Interval(ends[0], self.shown(mean), ends[1])


def target_of(seen: MixtureEvidence, weights: Mapping[str, float]) -> Target:
    """Return what is to be optimised.

    Parameters
    ----------
    weights
        Of the outcomes; if there are none, all count alike, standardised.
    """
    chosen = list(weights) or list(seen.names)
    columns = [seen.names.index(name) for name in chosen]
    scored = np.asarray(np.isfinite(seen.outcomes[:, columns]).all(axis=1))
    said = []
    if not scored.all():
        alone = [run for run, there in zip(seen.runs, scored, strict=True) if not there]
        said.append(f"runs that lack an outcome of the objective are left out: {listed(alone)}")
    if len(np.unique(seen.weights[scored], axis=0)) < LEAST_MIXTURES:
        raise UsageError(
            "too few runs have all outcomes of the objective",
            code="E407",
            where="--objective",
            why=f"{int(scored.sum())} of {len(scored)} have",
            next_step="name fewer outcomes in --objective, or score more runs",
        )
    values = seen.outcomes[scored][:, columns]
    for column, name in enumerate(chosen):
        if np.ptp(values[:, column]) == 0:
            raise UsageError(
                f"the runs of the objective all have the same score of `{name}`",
                code="E407",
                where="--objective",
                next_step="name other outcomes",
            )
    lower = {seen.lower[column] for column in columns}
    shares = np.array([weights.get(name, 1.0) for name in chosen])
    shares = shares / shares.sum()
    runs = tuple(np.flatnonzero(scored).tolist())
    if len(chosen) == 1 or (weights and len(lower) == 1):
        one = values @ shares
        name = chosen[0] if len(chosen) == 1 else "weighted mean of " + listed(chosen)
        logarithm = lower == {True} and bool(one.min() * _FACTORS > one.max())
        if logarithm:
            said.append("losses are fitted as logarithms")
        return Target(name, one, runs, lower == {True}, logarithm, tuple(said))
    signs = np.array([-1.0 if seen.lower[column] else 1.0 for column in columns])
    standard = signs * (values - values.mean(axis=0)) / values.std(axis=0)
    kind = "weighted mean" if weights else "mean"
    said.append(
        f"the objective is the {kind} of {len(chosen)} outcomes, each standardised over the runs "
        "and turned so that more is better"
        + ("" if weights else "; --objective names others, and their weights")
    )
    name = f"{kind} of {len(chosen)} standardised outcomes"
    return Target(
        name, standard @ shares, runs, lower=False, logarithm=False, assumptions=tuple(said)
    )
