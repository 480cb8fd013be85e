"""Floor 5: mixtures become runs. Backends are found by entry point; one is embedded."""

from doitkit.train.backend import Backend, Job, Prepared, open_backend
from doitkit.train.ladder import finished_run_keys, finished_runs, resolve_model, train_rungs
from doitkit.train.run import Run, read_run, read_runs
from doitkit.train.speed import timed_speeds

__all__ = [
    "Backend",
    "Job",
    "Prepared",
    "Run",
    "finished_run_keys",
    "finished_runs",
    "open_backend",
    "read_run",
    "read_runs",
    "resolve_model",
    "timed_speeds",
    "train_rungs",
]
