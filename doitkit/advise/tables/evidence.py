"""What two tables tell together: observations for a growth law, or mixtures and outcomes."""

from dataclasses import dataclass

from doitkit.advise.tables.compositions import Compositions
from doitkit.advise.tables.mixtures import MixtureEvidence, mixtures_of
from doitkit.advise.tables.naming import OUTCOMES, grouped, split_source
from doitkit.advise.tables.observed import observations_of
from doitkit.advise.tables.runs import joined_runs
from doitkit.advise.tables.scores import Outcome, Scores
from doitkit.core.errors import UsageError
from doitkit.growth import Observations
from doitkit.growth.observations import Floats
from doitkit.recipe.diagnostics import did_you_mean

_LOWER = f"lower is better for {OUTCOMES}: recognised by the name"
_LEAST_SIZES = 1.2
"""Largest over smallest run from which there is a size axis."""


@dataclass(frozen=True)
class Evidence:
    """What the tables tell, and what was taken for granted in reading them.

    Attributes
    ----------
    unit
        What is counted: rows, tokens, weights, or amounts that may be rows or tokens.
    """

    told: Observations | MixtureEvidence
    unit: str
    assumptions: tuple[str, ...]


def join(
    made: Compositions, scores: Scores, reference: str, asked: tuple[str, ...] = ()
) -> Evidence:
    """Bring compositions and scores together.

    Parameters
    ----------
    reference
        The origin of a source whose name states none, and the one in whose rows a growth law
        expresses the others.
    asked
        Outcomes that the user names; all, if none.

    Raises
    ------
    UsageError
        If they do not fit together, or tell too little.
    """
    abilities = dict.fromkeys(split_source(source)[0] for source in made.sources)
    aimed_at = _chosen(scores, asked)
    of_abilities = any(outcome.name in abilities for outcome in aimed_at)
    # A growth law needs the scores of every ability, whether it is aimed at or not.
    outcomes = tuple(
        outcome
        for outcome in scores.outcomes
        if outcome in aimed_at or (of_abilities and outcome.name in abilities)
    )
    joined = joined_runs(made, scores, outcomes)
    lower = [(_LOWER, outcome.name) for outcome in outcomes if outcome.recognised]
    said = [*made.assumptions, *scores.assumptions, *grouped(lower), *joined.said]
    held = made.amounts[list(joined.of)]
    totals = held.sum(axis=1)
    if not totals.any():
        raise _nothing_held(made)
    counted = made.unit != "weights"
    if counted and of_abilities and _differ(totals):
        told, more = observations_of(made, scores, outcomes, joined, reference)
        return Evidence(told, made.unit, tuple(dict.fromkeys([*said, *more])))
    sizes = counted and _differ(totals[totals > 0])
    if not sizes:
        why = (
            "weights: no size axis, so nothing is said about how much more data would bring"
            if made.unit == "weights"
            else "all runs are of about one size: no size axis, so they are compared by shares"
        )
        said.append(why)
    else:
        said.append("the outcomes are no abilities of the compositions: predicted from all sources")
    mixtures, more = mixtures_of(made, scores, aimed_at, joined, sizes=sizes)
    return Evidence(mixtures, made.unit, tuple(dict.fromkeys([*said, *more])))


def _chosen(scores: Scores, asked: tuple[str, ...]) -> tuple[Outcome, ...]:
    known = {outcome.name: outcome for outcome in scores.outcomes}
    for name in asked:
        if name not in known:
            raise UsageError(
                f"the objective names `{name}`, which is not scored",
                code="E408",
                where="--objective",
                next_step=did_you_mean(name, known),
            )
    return tuple(known[name] for name in asked) if asked else scores.outcomes


def _differ(totals: Floats) -> bool:
    """Say whether runs are of different sizes."""
    return bool(totals.max() >= _LEAST_SIZES * max(float(totals.min()), 1e-9))


def _nothing_held(made: Compositions) -> UsageError:
    return UsageError(
        "no scored run holds anything",
        code="E407",
        where=made.file,
        next_step="give the scores of runs that were trained on data",
    )
