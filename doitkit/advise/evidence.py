"""From runs and scores to the observations that growth laws are fitted to."""

from collections.abc import Sequence

import numpy as np

from doitkit.advise.question import Machine
from doitkit.core.errors import FitError
from doitkit.core.origins import Origin
from doitkit.evaluate import Score
from doitkit.growth import Observations
from doitkit.recipe.prices import Prices
from doitkit.train import Run

_LN2 = float(np.log(2.0))


def gather(
    runs: Sequence[Run], scores: Sequence[Score], abilities: Sequence[str], reference: Origin
) -> Observations:
    """Return the observations of `runs` that have scores, for `abilities` in order.

    Raises
    ------
    FitError
        If an ability has no score at all.
    """
    known = {run.run_id: run for run in runs}
    scored = [run_id for run_id in known if any(score.run_id == run_id for score in scores)]
    others = sorted({cell.origin for run in runs for cell in run.counts} - {reference})
    origins = (reference, *others)
    row = {run_id: index for index, run_id in enumerate(scored)}
    column = {ability: index for index, ability in enumerate(abilities)}
    values = np.full((len(scored), len(abilities)), np.nan)
    errors = np.full_like(values, np.nan)
    items = np.full_like(values, np.nan)
    chance = np.full(len(abilities), np.nan)
    for score in scores:
        if score.run_id not in row or score.ability not in column:
            continue
        place = row[score.run_id], column[score.ability]
        values[place], errors[place] = on_unit_scale(score.metric, score.value, score.stderr)
        if score.metric in ("exact_match", "multiple_choice"):
            items[place] = score.n_items
        chance[column[score.ability]] = on_unit_scale(score.metric, score.chance, 0.0)[0]
    missing = [ability for ability in abilities if np.isnan(chance[column[ability]])]
    if missing:
        raise FitError(
            f"no run was scored on {', '.join(missing)}",
            next_step="run `doitkit eval`, or remove the ability from the recipe",
        )
    counts = np.zeros((len(scored), len(abilities), len(origins)))
    for run_id in scored:
        for cell, n in known[run_id].trained_counts.items():
            if n and cell.ability not in column:
                raise FitError(
                    f"the run `{known[run_id].name}` was trained on rows of `{cell.ability}`, "
                    "which is not scored",
                    why="the growth laws see only abilities that are scored, so these rows would "
                    "pass for nothing",
                    next_step="give the ability evaluation items, or leave such mixtures out of "
                    "the ladder",
                )
            if cell.ability in column:
                counts[row[run_id], column[cell.ability], origins.index(cell.origin)] = n
    labels = tuple(f"{known[run_id].name}, seed {known[run_id].seed}" for run_id in scored)
    return Observations(tuple(abilities), origins, labels, counts, values, errors, chance, items)


def timed(runs: Sequence[Run], prices: Prices) -> Machine | None:
    """Return what training on a row takes, from the runs that were timed; None if none was.

    Hours are those of one GPU, or of the machine where no run had one; the price is that of such
    an hour.
    """
    trained = [run for run in runs if run.rows and run.wall_s > 0]
    if not trained:
        return None
    on_gpu = any(run.gpus for run in trained)
    hours = sum(run.wall_s * max(run.gpus, 1) for run in trained) / 3600
    price = prices.gpu_hour if on_gpu else prices.cpu_hour
    return Machine(hours / sum(run.rows for run in trained), price)


def on_unit_scale(metric: str, value: float, stderr: float) -> tuple[float, float]:
    """Return a score and its standard error on the scale from 0 to 1, higher better.

    Bits per byte become the geometric mean probability of a byte, 2^-bits, with the standard
    error carried over to first order.
    """
    if metric != "bits_per_byte":
        return value, stderr
    probability = 2.0**-value
    return probability, _LN2 * probability * stderr
