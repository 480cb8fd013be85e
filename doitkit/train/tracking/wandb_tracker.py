"""Weights & Biases: a run of a project, under the very id of the run."""

import os
import shutil
from pathlib import Path
from typing import Any

from doitkit.core.errors import MissingExtraError, UsageError
from doitkit.core.files import write_json
from doitkit.core.hashing import digest
from doitkit.train.tracking.entry import Entry
from doitkit.train.tracking.secrets import without_secrets

_HASHES = 8
_LONGEST_TAG = 64


class WandbTracker:
    """Logs to the server at `uri`, or to that which W&B is set up for.

    Whether it goes there at once is for WANDB_MODE. W&B has no cheap way to say which runs it
    holds, and offline none at all. So a file in the workspace says of each run that it was logged
    to its end; where one is logged again, W&B replaces what it holds under the id.

    Parameters
    ----------
    folder
        Where W&B puts its files, and those marks lie.
    """

    def __init__(self, project: str, uri: str | None, folder: Path) -> None:
        try:
            import wandb
        except ImportError as error:
            raise MissingExtraError("logging to W&B takes wandb", extra="wandb") from error
        self._wandb: Any = wandb
        self._project = project
        self._uri = uri
        self._folder = folder / (project if uri is None else f"{project}-{digest(uri)[:_HASHES]}")
        self._online = os.environ.get("WANDB_MODE", "online") in {"online", "run"}
        self._look = f"wandb sync {self._folder / 'wandb'}/offline-run-*"
        self._require_login()

    @property
    def look(self) -> str:
        """The address of the project, or how to send what lies here."""
        return self._look

    def logged(self) -> frozenset[str]:
        """Return the ids of the runs that were logged to their end from this workspace."""
        return frozenset(mark.stem for mark in self._marks.glob("*.json"))

    def log(self, entry: Entry) -> None:
        """Log a run, and mark it when W&B has all of it."""
        for left in self._folder.glob(f"wandb/*run-*-{entry.run_id}"):
            shutil.rmtree(left)
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._wandb.init(
            project=self._project,
            id=entry.run_id,
            name=entry.name,
            config=dict(entry.params) | dict(entry.tags),
            tags=[f"{name}:{value}"[:_LONGEST_TAG] for name, value in entry.tags.items()],
            dir=self._folder,
            settings=self._settings(),
        ) as run:
            if run.disabled:
                raise _disabled()
            for step, values in entry.steps():
                run.log(values, step=step)
            run.summary.update(dict(entry.metrics))
            if self._online:
                self._look = str(run.project_url)
        write_json(self._marks / f"{entry.run_id}.json", {"online": self._online})

    def publish(self) -> None:
        """Nothing is left to do."""

    @property
    def _marks(self) -> Path:
        return self._folder / "logged"

    def _settings(self) -> Any:
        given = {} if self._uri is None else {"base_url": self._uri}
        # Of this machine, and of what runs on it now, W&B has no need: the run is long over.
        return self._wandb.Settings(
            silent=True,
            console="off",
            disable_git=True,
            disable_code=True,
            disable_job_creation=True,
            x_disable_stats=True,
            x_disable_meta=True,
            **given,
        )

    def _require_login(self) -> None:
        mode = os.environ.get("WANDB_MODE", "online")
        if mode == "disabled":
            raise _disabled()
        if self._online and not self._wandb.login(host=self._uri, prompt=False):
            raise UsageError(
                "nobody is logged in to W&B",
                where=None if self._uri is None else without_secrets(self._uri),
                next_step="run `wandb login`, set WANDB_API_KEY, or log into files for later with "
                "WANDB_MODE=offline",
            )


def _disabled() -> UsageError:
    return UsageError(
        "W&B is switched off",
        why="WANDB_MODE is `disabled`",
        next_step="unset it, or say WANDB_MODE=offline",
    )
