"""The records of runs, handed on to a tracker: MLflow, Weights & Biases, or trackio."""

from doitkit.train.tracking.entry import Entry, entry_of
from doitkit.train.tracking.log import Logged, log_runs, require_tracker
from doitkit.train.tracking.tracker import Tracker, open_tracker

__all__ = [
    "Entry",
    "Logged",
    "Tracker",
    "entry_of",
    "log_runs",
    "open_tracker",
    "require_tracker",
]
