"""Choosing runs: by name, by what they are, or by an SQL condition over their table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from doitkit.core.errors import UsageError
from doitkit.core.expressions import FAULTS, row_by_row
from doitkit.train.records.table import RunScores, run_table
from doitkit.train.run import Run

_MOST_NAMED = 12


@dataclass(frozen=True)
class RunFilter:
    """Which runs are wanted; what is not given does not matter.

    Attributes
    ----------
    where
        A condition of Polars SQL over `run_table`, such as `seed = 1 AND train_loss < 2`.
        A name with a slash in it stands in double quotes: `"tokens_seen/sums" > 1000`.
    ability
        Trained on rows of it.
    model
        The base model, as the recipe calls it.
    """

    where: str | None = None
    ability: str | None = None
    model: str | None = None
    method: str | None = None
    seed: int | None = None


def matching(runs: Sequence[Run], wanted: RunFilter, scores: RunScores | None = None) -> list[Run]:
    """Return the runs that are wanted, in their order.

    Raises
    ------
    UsageError
        If `where` cannot be carried out, or no run has the ability, model or method that is
        named: a slip of the pen should not look like an empty result.
    """
    abilities = {run.run_id: {cell.ability for cell in run.counts} for run in runs}
    _require("ability", wanted.ability, {name for own in abilities.values() for name in own}, runs)
    _require("model", wanted.model, {run.base_model for run in runs}, runs)
    _require("method", wanted.method, {run.method for run in runs}, runs)
    kept = _where(runs, wanted.where, scores)
    return [
        run
        for run in runs
        if run.run_id in kept
        and wanted.ability in {None, *abilities[run.run_id]}
        and wanted.model in {None, run.base_model}
        and wanted.method in {None, run.method}
        and wanted.seed in {None, run.seed}
    ]


def named_runs(runs: Sequence[Run], names: Sequence[str]) -> list[Run]:
    """Return the runs that are named: by the beginnings of their ids, or by their mixtures.

    The order is that of the names; a mixture stands for all its seeds.

    Raises
    ------
    UsageError
        If a name fits no run, or the beginning of an id fits several.
    """
    found: dict[str, Run] = {}
    for name in names:
        fitting = [run for run in runs if run.name == name]
        if not fitting:
            fitting = [run for run in runs if run.run_id.startswith(name)]
            if len(fitting) > 1:
                ids = ", ".join(run.run_id for run in fitting[:_MOST_NAMED])
                raise UsageError(
                    f"the ids of {len(fitting)} runs begin with `{name}`",
                    why=ids,
                    next_step="write more of the id",
                )
        if not fitting:
            raise UsageError(
                f"no run is called `{name}`, and no id of one begins so",
                next_step="one of: " + _named(run.name for run in runs),
            )
        found |= {run.run_id: run for run in fitting}
    return list(found.values())


def _where(runs: Sequence[Run], where: str | None, scores: RunScores | None) -> set[str]:
    if where is None or not runs:
        return {run.run_id for run in runs}
    table = run_table(runs, scores)
    try:
        return set(table.filter(row_by_row(where))["run_id"].to_list())
    except FAULTS as error:
        raise UsageError(
            "the runs cannot be chosen by this condition",
            where=where,
            why=str(error).partition("\n")[0].partition("; valid columns")[0],
            next_step="write a condition of SQL, a name with a slash in double quotes, over: "
            + ", ".join(table.columns),
        ) from error


def _require(what: str, wanted: str | None, known: set[str], runs: Sequence[Run]) -> None:
    if wanted is not None and runs and wanted not in known:
        raise UsageError(
            f"no run has the {what} `{wanted}`", next_step=f"one of: {_named(sorted(known))}"
        )


def _named(names: Iterable[str]) -> str:
    shown = list(dict.fromkeys(names))
    more = len(shown) - _MOST_NAMED
    return ", ".join(shown[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
