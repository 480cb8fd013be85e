"""Logging runs to a tracker: each once, however often it is asked for."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from doitkit.core.errors import DoitkitError
from doitkit.core.progress import SILENT, Progress
from doitkit.core.workspace import Workspace
from doitkit.recipe.training import Tracking
from doitkit.train.run import Run
from doitkit.train.tracking.entry import entry_of
from doitkit.train.tracking.secrets import without_secrets
from doitkit.train.tracking.tracker import open_tracker


@dataclass(frozen=True)
class Logged:
    """What logging did.

    Attributes
    ----------
    new, known
        The ids of the runs that were logged now, and of those that lay there already.
    look
        How to look at them.
    """

    new: tuple[str, ...]
    known: tuple[str, ...]
    look: str

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)


def log_runs(
    runs: Sequence[Run],
    tracking: Tracking,
    workspace: Workspace,
    *,
    progress: Progress = SILENT,
) -> Logged:
    """Log the runs that the tracker does not hold yet.

    A run is logged as a whole or, after a kill, again: what was left of it is replaced. So the
    same call may be made as often as one likes.

    Raises
    ------
    MissingExtraError, UsageError
        If the tracker cannot be used here; see `open_tracker`.
    DoitkitError
        If it does not answer, or refuses. The runs themselves are not touched.
    """
    tracker = open_tracker(tracking, workspace)
    try:
        held = tracker.logged()
        new = [run for run in runs if run.run_id not in held]
        with progress.task(f"logging {len(new)} runs to {tracking.to}", len(new)) as task:
            for run in new:
                tracker.log(entry_of(run))
                task.advance(note=run.name)
        tracker.publish()
    except (DoitkitError, OSError):
        raise
    except Exception as error:  # every library has errors of its own
        raise DoitkitError(
            f"the runs could not be logged to {tracking.to}",
            where=tracking.project,
            why=without_secrets(str(error).strip().partition("\n")[0]) or type(error).__name__,
            next_step="see that it can be reached, then run `doitkit track`: it logs the runs "
            "that are missing there",
        ) from error
    return Logged(
        tuple(run.run_id for run in new),
        tuple(run.run_id for run in runs if run.run_id in held),
        tracker.look,
    )


def require_tracker(tracking: Tracking, workspace: Workspace) -> None:
    """Raise what `log_runs` would raise, before anything is trained that it is to log.

    Raises
    ------
    MissingExtraError, UsageError
        If the tracker cannot be used here.
    """
    open_tracker(tracking, workspace)
