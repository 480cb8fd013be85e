"""Runs as tables: one row a run, one a cell of a run, or one a point of its curves."""

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl

from doitkit.core.errors import UsageError
from doitkit.core.files import write_bytes
from doitkit.train.records.fields import COUNTS, Scalar, fields_of
from doitkit.train.run import Run

RunScores = Mapping[str, Mapping[str, float]]
"""The scores of runs, as far as they are scored: run id -> ability -> value."""

_FLOATS = ("train_loss", "bits_per_byte", "cost")
"""Numbers that no run may have: a column of nothing has to have a type too."""


def run_table(runs: Sequence[Run], scores: RunScores | None = None) -> pl.DataFrame:
    """Return one row a run: the fields of `fields_of`, and `score/ABILITY` where it is scored.

    A run without any row of an ability has 0 rows of it, not none.
    """
    known = scores or {}
    rows = [fields_of(run) | _scores(known.get(run.run_id, {})) for run in runs]
    names = _in_order(rows)
    full = [{name: row.get(name, _absent(name)) for name in names} for row in rows]
    floats = {name: pl.Float64 for name in names if name in _FLOATS or name.startswith("score/")}
    return pl.DataFrame(full, schema_overrides=floats, infer_schema_length=None, strict=False)


def cell_table(runs: Sequence[Run]) -> pl.DataFrame:
    """Return one row for every run, ability and origin: rows asked for, and rows trained on."""
    rows = [
        (run.run_id, run.name, run.seed, *cell, n, run.trained_counts.get(cell, 0))
        for run in runs
        for cell, n in run.counts.items()
    ]
    schema = {
        "run_id": pl.String,
        "name": pl.String,
        "seed": pl.Int64,
        "ability": pl.String,
        "origin": pl.String,
        "rows": pl.Int64,
        "trained_rows": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def curve_table(runs: Sequence[Run]) -> pl.DataFrame:
    """Return one row for every point of every curve.

    `curve` is `train_loss`, the mean over the steps since the point before, or `bits_per_byte`,
    measured after the step on the rows held out.
    """
    rows = [
        (run.run_id, run.name, run.seed, curve, step, value)
        for run in runs
        for curve, points in (("train_loss", run.losses), ("bits_per_byte", run.measured))
        for step, value in points
    ]
    schema = {
        "run_id": pl.String,
        "name": pl.String,
        "seed": pl.Int64,
        "curve": pl.String,
        "step": pl.Int64,
        "value": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


TABLES: dict[str, Callable[[Sequence[Run], RunScores], pl.DataFrame]] = {
    "runs": run_table,
    "cells": lambda runs, _: cell_table(runs),
    "curves": lambda runs, _: curve_table(runs),
}


def write_table(frame: pl.DataFrame, file: Path) -> None:
    """Write a table in one step: as Parquet, CSV or JSON, by the ending of the file's name.

    Raises
    ------
    UsageError
        If it ends in something else.
    """
    writers: dict[str, Callable[[io.BytesIO], object]] = {
        ".parquet": frame.write_parquet,
        ".csv": frame.write_csv,
        ".json": frame.write_json,
    }
    writer = writers.get(file.suffix.lower())
    if writer is None:
        raise UsageError(
            "a table cannot be written into a file of this kind",
            where=file,
            next_step=f"let its name end in one of: {', '.join(writers)}",
        )
    stream = io.BytesIO()
    writer(stream)
    write_bytes(file, stream.getvalue())


def _scores(of_run: Mapping[str, float]) -> dict[str, Scalar]:
    return {f"score/{ability}": value for ability, value in of_run.items()}


def _absent(name: str) -> Scalar:
    return 0 if name.partition("/")[0] in COUNTS else None


def _in_order(rows: Sequence[Mapping[str, Scalar]]) -> list[str]:
    """Return the names of all columns, what is of one kind side by side."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    kinds = list(dict.fromkeys(name.partition("/")[0] for name in names))
    return sorted(names, key=lambda name: kinds.index(name.partition("/")[0]))
