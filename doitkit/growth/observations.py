"""What the growth laws are fitted to: runs, their data, their scores."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from doitkit.core.errors import FitError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Observations:
    """Scores of runs on abilities. Higher is better; 1 is perfect.

    Attributes
    ----------
    abilities, origins
        Names. The first origin is the reference, in whose rows the others are expressed.
    runs
        A label per run.
    counts
        Rows of data, shape (runs, abilities, origins).
    scores, stderrs
        Shape (runs, abilities); NaN where a run was not scored on an ability. Standard errors
        are over evaluation items.
    chance
        The score of guessing, shape (abilities,).
    items
        How many items each score counts the right answers to, shape (runs, abilities); NaN where
        a score is no count, and None where none is.
    n_params
        Parameters of the model of each run, shape (runs,); None where all are of one size.
    foretold
        How many of the last runs were not made: curves foretell them (`history.py`).
    """

    abilities: tuple[str, ...]
    origins: tuple[str, ...]
    runs: tuple[str, ...]
    counts: Floats
    scores: Floats
    stderrs: Floats
    chance: Floats
    items: Floats | None = None
    n_params: Floats | None = None
    foretold: int = 0

    def __post_init__(self) -> None:
        n_runs, n_abilities = len(self.runs), len(self.abilities)
        if self.counts.shape != (n_runs, n_abilities, len(self.origins)):
            raise ValueError(f"counts have shape {self.counts.shape}")
        if self.scores.shape != (n_runs, n_abilities) or self.stderrs.shape != self.scores.shape:
            raise ValueError(f"scores have shape {self.scores.shape}")
        if (self.counts < 0).any() or not np.isfinite(self.counts).all():
            raise FitError(
                "a run holds a negative or missing number of rows",
                next_step="correct the compositions",
            )
        for index, ability in enumerate(self.abilities):
            self._require_usable(ability, index)

    def _require_usable(self, ability: str, index: int) -> None:
        seen = np.isfinite(self.scores[:, index])
        values, errors = self.scores[seen, index], self.stderrs[seen, index]
        if seen.sum() < 3:
            raise FitError(
                f"`{ability}` has {int(seen.sum())} scored runs; a growth law needs at least 3",
                next_step="score more runs: different sizes tell the most",
            )
        if not np.isfinite(errors).all() or (errors <= 0).any():
            raise FitError(
                f"a score of `{ability}` has no standard error",
                next_step="give `stderr` for every score",
            )
        if (values < 0).any() or (values > 1).any():
            raise FitError(
                f"a score of `{ability}` lies outside 0 to 1",
                why=f"it ranges from {values.min():.3g} to {values.max():.3g}",
                next_step="give scores as fractions, not percent",
            )
        totals = self.counts[seen].sum(axis=(1, 2))
        if np.unique(totals).size < 2:
            raise FitError(
                f"all runs scored on `{ability}` hold the same amount of data",
                next_step="add runs of other sizes; the base model itself is one",
            )

    @property
    def unit(self) -> float:
        """An amount of data that matters: the geometric mean of what single cells hold in runs."""
        made = self.counts[: len(self.runs) - self.foretold]
        held = made[..., 0] if (made[..., 0] > 0).any() else made
        return max(1.0, float(np.exp(np.log(held[held > 0]).mean())))

    @property
    def log_size(self) -> Floats:
        """Logarithm of each run's model size over the largest, shape (runs,)."""
        if self.n_params is None:
            return np.zeros(len(self.runs))
        ratio: Floats = np.log(self.n_params / self.n_params.max())
        return ratio

    def subset(self, runs: Sequence[int]) -> "Observations":
        """Return the observations of the runs at these indices."""
        chosen = list(runs)
        return Observations(
            self.abilities,
            self.origins,
            tuple(self.runs[i] for i in chosen),
            self.counts[chosen],
            self.scores[chosen],
            self.stderrs[chosen],
            self.chance,
            None if self.items is None else self.items[chosen],
            None if self.n_params is None else self.n_params[chosen],
        )
