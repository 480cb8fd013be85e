"""Floor 5: mixtures become runs. Backends are found by entry point; one is embedded."""

from doitkit.train.backend import Backend, Job, Prepared, open_backend
from doitkit.train.ladder import finished_runs, train_rungs
from doitkit.train.run import Run, read_run, read_runs

__all__ = [
    "Backend",
    "Job",
    "Prepared",
    "Run",
    "finished_runs",
    "open_backend",
    "read_run",
    "read_runs",
    "train_rungs",
]
