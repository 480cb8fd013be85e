"""The records of runs as tables: chosen, compared, and written for other programs."""

from doitkit.train.records.compare import Comparison, Difference, compare_runs
from doitkit.train.records.fields import Scalar, fields_of
from doitkit.train.records.select import RunFilter, matching, named_runs
from doitkit.train.records.table import (
    TABLES,
    RunScores,
    cell_table,
    curve_table,
    run_table,
    write_table,
)

__all__ = [
    "TABLES",
    "Comparison",
    "Difference",
    "RunFilter",
    "RunScores",
    "Scalar",
    "cell_table",
    "compare_runs",
    "curve_table",
    "fields_of",
    "matching",
    "named_runs",
    "run_table",
    "write_table",
]
