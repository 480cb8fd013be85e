"""The tables of a turn as CSV, for those who go on with other tools."""

from collections.abc import Sequence

import polars as pl

from doitkit.core.arrow import frame_of, read_arrow
from doitkit.core.files import write_text
from doitkit.core.tables import COMPOSITION, RUN, SCORE
from doitkit.core.workspace import Workspace
from doitkit.evaluate import Scores
from doitkit.train import Run


def write_tables(workspace: Workspace, runs: Sequence[Run], scores: Scores) -> None:
    """Write `compositions.csv`, `runs.csv` and `scores.csv` into the workspace's `tables/`."""
    folder = workspace.tables
    run_rows = [{**run.row(), "name": run.name, "rows": run.rows} for run in runs]
    names = pl.DataFrame({"name": [r.name for r in runs], "rows": [r.rows for r in runs]})
    frame = frame_of(run_rows, RUN).hstack(names)
    write_text(folder / "runs.csv", frame.write_csv())
    score_rows = [score.row() for score in scores.scores]
    write_text(folder / "scores.csv", frame_of(score_rows, SCORE).write_csv())
    parts = [
        read_arrow(workspace.runs / run.run_id / "composition.arrow") for run in runs if run.rows
    ]
    table = pl.concat(parts).unique(maintain_order=True) if parts else frame_of([], COMPOSITION)
    write_text(folder / "compositions.csv", table.write_csv())
