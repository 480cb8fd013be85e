"""Floor 5: mixtures become runs. Backends are found by entry point; one is embedded."""

from doitkit.train.backend import Backend, Job, Outcome, Prepared, open_backend
from doitkit.train.jobs import finished_run_keys, resolve_model
from doitkit.train.ladder import Failure, finished_runs, read_failures, train_rungs
from doitkit.train.launch import open_pool
from doitkit.train.run import Run, read_run, read_runs
from doitkit.train.speed import timed_speeds

__all__ = [
    "Backend",
    "Failure",
    "Job",
    "Outcome",
    "Prepared",
    "Run",
    "finished_run_keys",
    "finished_runs",
    "open_backend",
    "open_pool",
    "read_failures",
    "read_run",
    "read_runs",
    "resolve_model",
    "timed_speeds",
    "train_rungs",
]
