"""The cheapest run that would tell what the runs so far cannot.

Of one cell alone, at the sizes there are and at four times the largest, once or a few times: the
one is named that takes the most of what is uncertain away for the fewest rows, reckoned by what it
adds to the information of the runs.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from doitkit.growth.design import Information
from doitkit.growth.fit import GrowthFit
from doitkit.growth.observations import Floats

_BEYOND = 4.0
_SIZES = 4
_COPIES = (1, 2, 4)


@dataclass(frozen=True)
class Remedy:
    """A run that would tell, or that comes nearest to it."""

    ability: str
    origin: str
    rows: int
    copies: int
    n_params: float | None
    """Of its model; None where all runs are of one size."""
    tells: int
    """How many of the contrasts in question it makes told; 0 where none of these runs would."""
    taken: float
    """The share of the variance of the likeliest of them that would be taken away."""

    def __str__(self) -> str:
        """Return the run in words."""
        said = f"{self.ability}: {self.rows:,} {self.origin} rows and nothing else"
        if self.n_params is not None:
            said += f", with the model of {self.n_params:,.3g} parameters"
        if self.copies > 1:
            said += f", with {self.copies} seeds"
        if self.tells:
            return said
        return f"none that was tried; nearest comes {said}, which leaves {1 - self.taken:.0%} open"


@dataclass(frozen=True)
class Remedies:
    """The runs that could be made, and what each would add.

    Attributes
    ----------
    counts
        Shape (runs, abilities, origins).
    log_size
        Shape (runs,).
    slopes
        Shape (abilities, runs, size), in the units of `information`.
    """

    fit: GrowthFit
    information: Information
    counts: Floats
    log_size: Floats
    slopes: Floats

    @classmethod
    def of(cls, fit: GrowthFit, information: Information) -> "Remedies":
        """Return the runs that hold one cell alone."""
        seen = fit.seen
        _, n, origins = seen.counts.shape
        sizes = np.unique(seen.log_size[[seen.log_size.argmin(), seen.log_size.argmax()]])
        counts, log_size = [], []
        for a in range(n):
            for o in range(origins):
                for rows in _rows(seen.counts[:, a, o], seen.unit):
                    run = np.zeros((n, origins))
                    run[a, o] = rows
                    counts += [run] * len(sizes)
                    log_size += list(sizes)
        made, of_size = np.array(counts), np.array(log_size)
        slopes = information.slopes_of(fit, made, of_size)
        return cls(fit, information, made, of_size, slopes)

    def cheapest(
        self,
        contrasts: list[tuple[int, int]],
        enough: float,
        allowed: Callable[[Floats, int], bool],
    ) -> Remedy | None:
        """Return the run that makes told the most of some contrasts per row.

        Parameters
        ----------
        contrasts
            Pairs of an ability and the place of a parameter in its vector.
        enough
            The share of its variance that must be taken away from a contrast.
        allowed
            Whether a run, given by its counts of shape (abilities, origins) and how often it is
            made, answers the question by its design.
        """
        abilities, places = (list(part) for part in zip(*contrasts, strict=True))
        rows = self.counts.sum(axis=(1, 2))
        found: list[tuple[float, float, int, int, int, float]] = []
        for copies in _COPIES:
            taken = self.information.taken_with(self.slopes, copies)[abilities, :, places]
            tells = (taken >= enough).sum(axis=0)
            for run, counts in enumerate(self.counts):
                if not allowed(counts, copies):
                    continue
                best, told = float(taken[:, run].max()), int(tells[run])
                # Runs that tell come first, by their rows; of the others, the most telling.
                order = copies * rows[run] / told if told else np.inf
                found.append((float(order), -best, copies, run, told, best))
        if not found:
            return None
        _, _, copies, run, told, best = min(found)
        return self._remedy(run, copies, told, best)

    def _remedy(self, run: int, copies: int, tells: int, taken: float) -> Remedy:
        seen = self.fit.seen
        a, o = (int(i) for i in np.argwhere(self.counts[run])[0])
        n_params = None
        if seen.n_params is not None and np.ptp(seen.log_size) > 0:
            n_params = float(seen.n_params.max() * np.exp(self.log_size[run]))
        rows = int(self.counts[run, a, o])
        return Remedy(seen.abilities[a], seen.origins[o], rows, copies, n_params, tells, taken)


def _rows(held: Floats, unit: float) -> list[float]:
    """Return the sizes of a cell to try: a few of those it had, and four times the largest."""
    known = np.unique(held[held > 0]) if (held > 0).any() else np.array([np.ceil(unit)])
    some = known[np.unique(np.linspace(0, len(known) - 1, _SIZES).round().astype(int))]
    return [*some.tolist(), float(np.round(_BEYOND * known[-1]))]
