"""What a tracker does, and which there are."""

from typing import Protocol

from doitkit.core.workspace import Workspace
from doitkit.recipe.environment import from_environment
from doitkit.recipe.training import Tracking
from doitkit.train.tracking.entry import Entry


class Tracker(Protocol):
    """Takes the records of runs, and knows which it has taken to their end."""

    @property
    def look(self) -> str:
        """How to look at what lies there: a command, or an address."""

    def logged(self) -> frozenset[str]:
        """Return the ids of the runs that lie there as a whole."""

    def log(self, entry: Entry) -> None:
        """Log a run. What a killed process has left of it is replaced."""

    def publish(self) -> None:
        """Do what is left to do when all runs are logged."""


def open_tracker(tracking: Tracking, workspace: Workspace) -> Tracker:
    """Return the tracker that a recipe names.

    Raises
    ------
    MissingExtraError
        If its package is not installed.
    UsageError
        If it cannot be used as it is set up here: nobody is logged in, or a variable of the
        address is not set.
    """
    uri = None if tracking.uri is None else from_environment(tracking.uri)
    if tracking.to == "mlflow":
        from doitkit.train.tracking.mlflow_tracker import MlflowTracker

        return MlflowTracker(tracking.project, uri)
    if tracking.to == "wandb":
        from doitkit.train.tracking.wandb_tracker import WandbTracker

        return WandbTracker(tracking.project, uri, workspace.root / "tracking" / "wandb")
    from doitkit.train.tracking.trackio_tracker import TrackioTracker

    return TrackioTracker(tracking.project, uri)
