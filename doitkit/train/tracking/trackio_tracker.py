"""Trackio: runs in a local database, which may go to a Space of the Hugging Face Hub as a whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from typing import Any

from doitkit.core.errors import MissingExtraError, UsageError
from doitkit.train.tracking.entry import Entry
from doitkit.train.tracking.secrets import without_secrets

_WHOLE = "doitkit/whole"
"""The last thing that is logged of a run."""
_REMOTE = ("TRACKIO_SPACE_ID", "TRACKIO_SERVER_URL")


class TrackioTracker:
    """Logs to the database in TRACKIO_DIR; `uri` is a Space, `OWNER/NAME`, to send it to.

    A Space that is not there yet is made, and only its owner can see it.
    """

    def __init__(self, project: str, uri: str | None) -> None:
        try:
            import trackio
            from trackio.sqlite_storage import SQLiteStorage
        except ImportError as error:
            raise MissingExtraError("logging to trackio takes trackio", extra="trackio") from error
        self._trackio: Any = trackio
        self._storage: Any = SQLiteStorage
        self._project = project
        self._space = uri or os.environ.get("TRACKIO_SPACE_ID")
        if self._space is not None and "://" in self._space:
            raise UsageError(
                "trackio is given an address that is no Space",
                where=without_secrets(self._space),
                next_step="give `uri: OWNER/NAME`, a Space of the Hugging Face Hub, or none",
            )

    @property
    def look(self) -> str:
        """How to look at the project."""
        if self._space is not None:
            return f"https://huggingface.co/spaces/{self._space}"
        return f"trackio show --project {self._project}"

    def logged(self) -> frozenset[str]:
        """Return the ids of the runs that lie in the database to their end."""
        return frozenset(config["run_id"] for _, config, whole in self._runs() if whole)

    def log(self, entry: Entry) -> None:
        """Log a run; a mark at its end says that it is whole."""
        for run, config, _ in self._runs():
            if config["run_id"] == entry.run_id:
                run.delete()
        taken = {run.name for run, _, _ in self._runs()}
        name = entry.name if entry.name not in taken else f"{entry.name} ({entry.run_id})"
        with _here():
            run = self._trackio.init(
                self._project,
                name=name,
                config=dict(entry.params) | dict(entry.tags),
                embed=False,
                auto_log_gpu=False,
                auto_log_cpu=False,
            )
            step = 0
            for step, values in entry.steps():
                run.log(values, step=step)
            run.log(dict(entry.metrics) | {_WHOLE: 1}, step=step)
            self._trackio.finish()

    def publish(self) -> None:
        """Send the project to its Space, if there is one."""
        if self._space is not None:
            with redirect_stdout(StringIO()):
                self._trackio.sync(self._project, space_id=self._space, private=True, force=True)

    def _runs(self) -> Iterator[tuple[Any, dict[str, Any], bool]]:
        """Give the runs that are ours, with what they were set to, and whether they are whole."""
        if not self._storage.get_project_db_path(self._project).exists():
            return
        for run in list(self._trackio.Api().runs(self._project)):
            config = run.config or {}
            if "run_id" in config:
                logs = self._storage.get_logs(self._project, run.name, run_id=run.id)
                yield run, config, any(_WHOLE in values for values in logs)


@contextmanager
def _here() -> Iterator[None]:
    """Log into the local database, whatever the environment says, and print nothing."""
    kept = {name: os.environ.pop(name) for name in _REMOTE if name in os.environ}
    try:
        with redirect_stdout(StringIO()):
            yield
    finally:
        os.environ.update(kept)
