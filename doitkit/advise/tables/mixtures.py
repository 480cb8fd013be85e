"""Tables as mixtures of sources, and what each gave."""

from dataclasses import dataclass

import numpy as np

from doitkit.advise.tables.compositions import Compositions
from doitkit.advise.tables.runs import JoinedRuns, scores_of_runs
from doitkit.advise.tables.scale import require_one_scale
from doitkit.advise.tables.scores import Outcome, Scores
from doitkit.core.errors import UsageError
from doitkit.growth.observations import Floats
from doitkit.recipe.diagnostics import listed

LEAST_MIXTURES = 4


@dataclass(frozen=True)
class MixtureEvidence:
    """Runs as mixtures of sources, and what each gave, in the measures of the table.

    Attributes
    ----------
    weights
        Share of each source in each run, shape (runs, sources); rows sum to 1.
    totals
        Rows (or tokens) of each run, shape (runs,); None where there is no size axis.
    outcomes
        Shape (runs, outcomes); NaN where a run was not scored. Replicates of a run are runs.
    lower
        Of each outcome, whether less is better.
    """

    sources: tuple[str, ...]
    runs: tuple[str, ...]
    names: tuple[str, ...]
    weights: Floats
    totals: Floats | None
    outcomes: Floats
    lower: tuple[bool, ...]


def mixtures_of(
    made: Compositions,
    scores: Scores,
    outcomes: tuple[Outcome, ...],
    joined: JoinedRuns,
    *,
    sizes: bool,
) -> tuple[MixtureEvidence, list[str]]:
    """Return the runs as mixtures, and what was assumed in making them.

    Parameters
    ----------
    sizes
        Whether the runs are of different sizes, so that their totals matter.

    Raises
    ------
    UsageError
        If the runs tell too little.
    """
    said: list[str] = []
    held = made.amounts[list(joined.of)]
    totals = held.sum(axis=1)
    empty = totals <= 0
    if empty.any():
        runs = [label for label, none in zip(joined.labels, empty, strict=True) if none]
        said.append(f"runs that hold nothing have no shares, and are left out: {listed(runs)}")
    keep = np.flatnonzero(~empty)
    rows = {joined.keys[old]: new for new, old in enumerate(keep)}
    values = np.full((len(keep), len(outcomes)), np.nan)
    params = made.params[list(joined.of)][keep]
    for column, outcome in enumerate(outcomes):
        require_one_scale(scores.sheet, outcome)
        places, _, found = scores_of_runs(outcome, rows)
        values[places, column] = [score.value for score in found]
    values, more = _at_one_size(values, params)
    weights = held[keep] / totals[keep][:, None]
    distinct = len(
        np.unique(np.column_stack([weights, totals[keep]] if sizes else [weights]), axis=0)
    )
    if distinct < LEAST_MIXTURES:
        raise UsageError(
            "the runs are too few, or too much alike, for advice about mixtures",
            code="E407",
            where=made.file,
            why=f"different mixtures among {len(keep)} runs: {distinct}",
            next_step=f"give at least {LEAST_MIXTURES} different mixtures; ten or more for advice "
            "that can be relied on",
        )
    used = weights.max(axis=0) > 0
    if not used.all():
        unused = [s for s, is_used in zip(made.sources, used, strict=True) if not is_used]
        said.append(f"no run holds {listed(unused)}: nothing is known of it, and none is advised")
    for column, outcome in enumerate(outcomes):
        if np.unique(values[np.isfinite(values[:, column]), column]).size < 2:
            raise UsageError(
                f"all runs have the same score of `{outcome.name}`",
                code="E407",
                where=f"{scores.sheet.file}, `{outcome.name}`",
                next_step="leave it out: it does not tell one mixture from another",
            )
    return (
        MixtureEvidence(
            sources=tuple(s for s, is_used in zip(made.sources, used, strict=True) if is_used),
            runs=tuple(joined.labels[index] for index in keep),
            names=tuple(outcome.name for outcome in outcomes),
            weights=weights[:, used],
            totals=totals[keep] if sizes else None,
            outcomes=values,
            lower=tuple(outcome.lower for outcome in outcomes),
        ),
        [*said, *more],
    )


def _at_one_size(values: Floats, params: Floats) -> tuple[Floats, list[str]]:
    """Shift the outcomes of smaller models to the level of the largest."""
    sizes = np.unique(params[np.isfinite(params)])
    if len(sizes) < 2:
        return values, []
    if np.isnan(params).any():
        raise UsageError(
            "some runs state the size of their model, others do not",
            code="E403",
            where="`params`",
            next_step="state it for all runs, or leave the column out",
        )
    shifted = values.copy()
    for column in range(values.shape[1]):
        scored = np.isfinite(values[:, column])
        level = {size: values[scored & (params == size), column] for size in sizes}
        if any(not of.size for of in level.values()):
            raise UsageError(
                "an outcome is not scored on all sizes of models",
                code="E407",
                where="`params`",
                next_step="give its scores for each size, or the runs of one size at a time",
            )
        for size in sizes:
            shifted[params == size, column] += level[sizes[-1]].mean() - level[size].mean()
    return shifted, [
        (
            f"models of {len(sizes)} sizes: outcomes of the smaller ones are shifted to the mean "
            f"of the largest ({sizes[-1]:,.0f} parameters); ranks carry over between sizes, "
            "levels do not"
        )
    ]
