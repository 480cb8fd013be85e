"""Past curves of abilities: from files of them, and from earlier models of the same workspace."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from doitkit.advise.evidence import gather
from doitkit.advise.tables.sheet import Row, Sheet, read_sheet
from doitkit.core.errors import FitError, UsageError
from doitkit.core.origins import Origin
from doitkit.evaluate import Score
from doitkit.growth import GrowthFit, Observations, fit_growth
from doitkit.growth.curve import Curve
from doitkit.growth.history import Past
from doitkit.recipe.diagnostics import listed
from doitkit.train import Run

_SIZE_COLUMNS = ("rows", "size", "n")
_CURVE_COLUMNS = ("curve", "model", "run")
_POINTS = 10
_LEAST_POINTS = 4
_LEAST_SPAN = 4.0
"""Largest size over smallest: runs of an ability that span less say nothing of its growth."""


def read_past(files: Sequence[Path]) -> dict[str, list[Curve]]:
    """Return past curves by ability, from tables with a row for each point of each curve.

    Columns: `ability`; `curve` (or `model`, `run`), which names the curve; `rows` (or `size`,
    `n`); `score` from 0 to 1, higher better, with `chance` where guessing scores above 0, or else
    `loss`; `stderr` where it is known. Points without data are left out.

    Raises
    ------
    UsageError
        If a table cannot be read, or a curve cannot be one.
    """
    past: dict[str, list[Curve]] = {}
    for file in files:
        for ability, curves in _of_sheet(read_sheet(file)).items():
            past.setdefault(ability, []).extend(curves)
    return past


def _of_sheet(sheet: Sheet) -> dict[str, list[Curve]]:
    size, name = _column(sheet, *_SIZE_COLUMNS), _column(sheet, *_CURVE_COLUMNS)
    ability, value = _column(sheet, "ability"), _column(sheet, "score", "loss")
    points: dict[tuple[str, str], list[tuple[float, float, float, Row]]] = {}
    for row in sheet.rows:
        rows, measured = sheet.amount(row, size), sheet.number(row, value)
        if rows == 0 or measured is None:
            continue
        stderr = sheet.number(row, "stderr") or 0.0
        left = (measured, stderr) if value == "loss" else _left(sheet, row, measured, stderr)
        key = sheet.text(row, ability), sheet.text(row, name)
        points.setdefault(key, []).append((rows, *left, row))
    curves: dict[str, list[Curve]] = {}
    for (of, called), found in points.items():
        curves.setdefault(of, []).append(_curve(sheet, size, of, called, found))
    return curves


def _column(sheet: Sheet, *names: str) -> str:
    found = sheet.first(*names)
    if found is None:
        raise UsageError(
            f"a table of past curves has no column `{names[0]}`",
            code="E402",
            where=sheet.file,
            why=f"its columns are {listed(sheet.columns)}",
            next_step="give `ability`, `curve`, `rows`, and `score` or `loss`",
        )
    return found


def _left(sheet: Sheet, row: Row, score: float, stderr: float) -> tuple[float, float]:
    chance = sheet.number(row, "chance") or 0.0
    if not (0.0 <= score <= 1.0 and 0.0 <= chance < 1.0):
        raise UsageError(
            f"a past score is {score:g}, chance {chance:g}: one lies outside 0 to 1",
            code="E406",
            where=sheet.where(row, "score"),
            next_step="give scores as fractions of 1, or a column `loss`",
        )
    return (1.0 - score) / (1.0 - chance), stderr / (1.0 - chance)


def _curve(
    sheet: Sheet, size: str, ability: str, name: str, points: list[tuple[float, float, float, Row]]
) -> Curve:
    points = sorted(points, key=lambda point: point[0])
    sizes = [point[0] for point in points]
    for before, point in pairwise(points):
        if before[0] == point[0]:
            raise UsageError(
                f"the past curve `{name}` of `{ability}` has two points at {point[0]:,.0f} rows",
                code="E404",
                where=sheet.where(point[3], size),
                next_step="give the mean of such points, or curves names of their own",
            )
    if len(points) < _LEAST_POINTS:
        raise UsageError(
            f"the past curve `{name}` of `{ability}` has {len(points)} points",
            code="E407",
            where=sheet.where(points[-1][3], size),
            next_step=f"give at least {_LEAST_POINTS} sizes above 0, or leave the curve out",
        )
    left, stderrs = (np.array([point[i] for point in points]) for i in (1, 2))
    return Curve(np.array(sizes), left, stderrs)


def past_of_runs(
    runs: Sequence[Run], scores: Sequence[Score], abilities: Sequence[str], reference: Origin
) -> dict[str, list[Curve]]:
    """Return how abilities grew in earlier models, a curve for each ability and model.

    Parameters
    ----------
    runs
        Of models that the advice is not for. Those of one model are fitted together, and its
        curve is the law over the sizes that were run; a model whose runs no law fits is left out.
    """
    past: dict[str, list[Curve]] = {}
    for path in dict.fromkeys(run.base_path for run in runs):
        mine = [run for run in runs if run.base_path == path]
        try:
            seen = gather(mine, scores, abilities, reference)
            curves = curves_of(seen)
        except FitError:
            continue
        for ability, curve in curves.items():
            past.setdefault(ability, []).append(curve)
    return past


def curves_of(seen: Observations) -> dict[str, Curve]:
    """Return the fitted curve of every ability over the reference rows that were run."""
    fit = fit_growth(seen, draws=20)
    curves = {}
    for a, ability in enumerate(seen.abilities):
        held = seen.counts[:, a, 0]
        held = held[held > 0]
        if not len(held) or held.max() < _LEAST_SPAN * held.min():
            continue
        sizes = np.geomspace(held.min(), held.max(), _POINTS)
        counts = np.zeros((_POINTS, *seen.counts.shape[1:]))
        counts[:, a, 0] = sizes
        drawn = fit.predict(counts)[..., a]
        span = 1.0 - seen.chance[a]
        left = np.maximum(1.0 - (drawn.mean(axis=0) - seen.chance[a]) / span, 0.0)
        curves[ability] = Curve(sizes, left, drawn.std(axis=0) / span)
    return curves


def what_history_said(fit: GrowthFit) -> tuple[str, ...]:
    """Return what past curves did for the fit, in sentences; that there are none, too."""
    if fit.history:
        return fit.history
    none = (
        "no past curves of these abilities are known, which would be the strongest evidence of "
        "how they go on: `history` takes those of other models or earlier rounds"
    )
    return (none,)


def joined(*pasts: Mapping[str, Sequence[Curve]]) -> Past:
    """Return the curves of several pasts together."""
    names = dict.fromkeys(name for past in pasts for name in past)
    return {name: [curve for past in pasts for curve in past.get(name, ())] for name in names}
