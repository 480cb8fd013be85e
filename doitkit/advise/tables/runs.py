"""The runs that stand in both tables."""

from dataclasses import dataclass

from doitkit.advise.tables.compositions import Compositions
from doitkit.advise.tables.scores import Outcome, Score, Scores
from doitkit.core.errors import UsageError
from doitkit.recipe.diagnostics import listed


@dataclass(frozen=True)
class JoinedRuns:
    """The runs of both tables.

    Attributes
    ----------
    keys
        Name and seed of each.
    of
        The place of each in the compositions.
    labels
        What each is called in answers.
    said
        What was left out, in sentences.
    """

    keys: tuple[tuple[str, str], ...]
    of: tuple[int, ...]
    labels: tuple[str, ...]
    said: tuple[str, ...]


def joined_runs(made: Compositions, scores: Scores, outcomes: tuple[Outcome, ...]) -> JoinedRuns:
    """Return the runs that have a composition and a score, each with its seed.

    Raises
    ------
    UsageError
        If there is none, or a single one.
    """
    place = {run: index for index, run in enumerate(made.runs)}
    keys = list(dict.fromkeys((s.run, s.seed) for outcome in outcomes for s in outcome.scores))
    both = [key for key in keys if key[0] in place]
    if not both:
        raise UsageError(
            "no run stands in both tables",
            code="E405",
            where=f"{made.file}, {scores.sheet.file}",
            why=f"compositions name {listed(made.runs[:5])}; scores name {listed(scores.runs[:5])}",
            next_step="name the runs alike in both",
        )
    said = []
    alone = dict.fromkeys(run for run, _ in keys if run not in place)
    if alone:
        said.append(f"runs without a composition are left out: {listed(alone)}")
    scored = {run for run, _ in both}
    unscored = [run for run in made.runs if run not in scored]
    if unscored:
        said.append(f"runs without a score are left out: {listed(unscored)}")
    both, more = _seeds_of(made, place, both)
    distinct = {run for run, _ in both}
    replicates = len(both) - len(distinct)
    if replicates:
        said.append(f"{replicates} of {len(both)} runs are replicates, with other seeds")
    if len(both) < 2:
        raise UsageError(
            "one run tells nothing about what data brings",
            code="E407",
            where=made.file,
            next_step="give runs of other amounts or mixtures: the more they differ, the better",
        )
    labels = tuple(f"{run}, seed {seed}" if seed else run for run, seed in both)
    return JoinedRuns(tuple(both), tuple(place[run] for run, _ in both), labels, (*said, *more))


def _seeds_of(
    made: Compositions, place: dict[str, int], keys: list[tuple[str, str]]
) -> tuple[list[tuple[str, str]], list[str]]:
    """Leave out seeds that the compositions do not know, where they name any."""
    kept, said = [], []
    for run, seed in keys:
        known = made.seeds[place[run]]
        if known and seed and seed not in known:
            said.append(f"{run}, seed {seed} has no composition: left out")
            continue
        if len(known) > 1 and not seed:
            said.append(f"the scores of `{run}` name no seed: taken for one run of it")
        kept.append((run, seed))
    if not kept:
        raise UsageError(
            "no run stands in both tables with the same seed",
            code="E405",
            where=made.file,
            next_step="name the seeds alike in both, or leave the column `seed` out of one",
        )
    return kept, said


def scores_of_runs(
    outcome: Outcome, rows: dict[tuple[str, str], int]
) -> tuple[list[int], list[int], list[Score]]:
    """Return an outcome's scores of some runs: their rows, their places in it, and themselves."""
    found = [
        (rows[s.run, s.seed], i, s) for i, s in enumerate(outcome.scores) if (s.run, s.seed) in rows
    ]
    return [f[0] for f in found], [f[1] for f in found], [f[2] for f in found]
