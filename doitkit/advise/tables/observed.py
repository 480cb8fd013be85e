"""Tables as observations of a growth law: abilities, their rows, their scores."""

import numpy as np

from doitkit.advise.tables.compositions import Compositions
from doitkit.advise.tables.naming import grouped, split_source
from doitkit.advise.tables.runs import JoinedRuns, scores_of_runs
from doitkit.advise.tables.scale import scaled
from doitkit.advise.tables.scores import Outcome, Scores
from doitkit.core.errors import UsageError
from doitkit.growth import Observations
from doitkit.growth.observations import Floats
from doitkit.recipe.diagnostics import listed


def observations_of(
    made: Compositions,
    scores: Scores,
    outcomes: tuple[Outcome, ...],
    joined: JoinedRuns,
    reference: str,
) -> tuple[Observations, list[str]]:
    """Return observations, and what was assumed in making them.

    Outcomes that are no abilities of the compositions become abilities without rows of their own.

    Raises
    ------
    UsageError
        If rows are of abilities that are not scored, or the runs tell too little.
    """
    said: list[str] = []
    assumed: list[tuple[str, str]] = []
    names = tuple(outcome.name for outcome in outcomes)
    cells = [split_source(source) for source in made.sources]
    bare = [ability for ability, origin in cells if origin is None]
    if bare:
        said.append(f"sources without an origin are taken for {reference}: {listed(bare)}")
    others = sorted({origin or reference for _, origin in cells} - {reference})
    origins = (reference, *others)
    counts = np.zeros((len(joined.keys), len(names), len(origins)))
    held = made.amounts[list(joined.of)]
    for column, (ability, origin) in enumerate(cells):
        if ability in names:
            counts[:, names.index(ability), origins.index(origin or reference)] += held[:, column]
        elif held[:, column].any():
            raise UsageError(
                f"runs hold rows of `{ability}`, which is not scored",
                code="E408",
                where=f"{made.file}, `{made.sources[column]}`",
                why="a growth law sees only abilities that are scored: these rows would pass for "
                "nothing",
                next_step="give scores of it, or leave the column and the runs that hold it out",
            )
    _require_sizes(made, counts, names)
    rows = {key: index for index, key in enumerate(joined.keys)}
    values = np.full((len(rows), len(names)), np.nan)
    stderrs, items = np.full_like(values, np.nan), np.full_like(values, np.nan)
    chance = np.zeros(len(names))
    abilities = {ability for ability, _ in cells}
    for column, outcome in enumerate(outcomes):
        found = scaled(scores.sheet, outcome)
        places, among, _ = scores_of_runs(outcome, rows)
        values[places, column] = found.values[among]
        stderrs[places, column] = found.stderrs[among]
        items[places, column] = found.items[among]
        chance[column] = found.chance
        assumed.extend((sentence, outcome.name) for sentence in found.assumptions)
        if outcome.name not in abilities:
            said.append(
                f"`{outcome.name}` is no ability of the compositions: predicted from the "
                "rows of all abilities"
            )
        elif not counts[:, column].any():
            said.append(
                f"no run holds rows of `{outcome.name}`: what its own rows would bring "
                "is not known from these runs, and none are bought"
            )
    n_params = _sizes_of_models(made, joined)
    if n_params is not None:
        said.append(
            f"the runs are of models of several sizes: the advice is for the largest, of "
            f"{n_params.max():,.0f} parameters"
        )
    said.extend(_beside_percent(outcomes))
    said = [*grouped(assumed), *said]
    seen = Observations(
        names,
        origins,
        joined.labels,
        counts,
        values,
        stderrs,
        chance,
        items=items if np.isfinite(items).any() else None,
        n_params=n_params,
    )
    return seen, said


def _require_sizes(made: Compositions, counts: Floats, names: tuple[str, ...]) -> None:
    if len(counts) < 3:
        raise UsageError(
            f"{len(counts)} runs are too few for a growth law",
            code="E407",
            where=made.file,
            next_step="give at least 3 runs of different sizes; the base model itself, with 0 "
            "rows, is one",
        )
    mixtures = np.unique(counts.reshape(len(counts), -1), axis=0)
    if len(mixtures) < 2:
        raise UsageError(
            "all runs hold the same data",
            code="E407",
            where=made.file,
            why=f"{len(counts)} runs, one composition of {', '.join(names[:5])}",
            next_step="add runs of other sizes; the base model itself, with 0 rows, is one",
        )


def _sizes_of_models(made: Compositions, joined: JoinedRuns) -> Floats | None:
    """Return the parameters of each run's model, or None where all are of one size."""
    params = made.params[list(joined.of)]
    if np.isnan(params).all() or np.unique(params).size == 1:
        return None
    if np.isnan(params).any():
        raise UsageError(
            "some runs state the size of their model, others do not",
            code="E403",
            where=f"{made.file}, `params`",
            next_step="state it for all runs, or leave the column out",
        )
    return params


def _beside_percent(outcomes: tuple[Outcome, ...]) -> list[str]:
    """Say which outcomes are fractions where others are percent: they may be very low percent."""
    largest = {o.name: max(s.value for s in o.scores) for o in outcomes if not o.lower}
    fractions = [f"`{name}`" for name, value in largest.items() if value <= 1]
    if not fractions or len(fractions) == len(largest):
        return []
    return [f"scores of {listed(fractions)} are read as fractions, beside others in percent"]
