"""MLflow: a run of an experiment, found again by a tag that holds the run's id."""

import time
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from doitkit.core.errors import MissingExtraError
from doitkit.train.tracking.entry import Entry
from doitkit.train.tracking.secrets import without_secrets

_TAG = "doitkit.run_id"
_FINISHED = "FINISHED"
_MOST_METRICS, _MOST_OTHERS = 1000, 100
"""So many go into one request."""
_PAGE = 1000


class MlflowTracker:
    """Logs to the server, or the local store, at `uri`.

    Without `uri`, MLflow decides: by MLFLOW_TRACKING_URI, or its own default.
    """

    def __init__(self, project: str, uri: str | None) -> None:
        try:
            from mlflow import MlflowClient
        except ImportError as error:
            raise MissingExtraError("logging to MLflow takes mlflow", extra="mlflow") from error
        self._project = project
        self._uri = uri
        self._client: Any = MlflowClient(tracking_uri=uri)

    @property
    def look(self) -> str:
        """How to look at the experiment."""
        uri = self._client.tracking_uri
        if uri.startswith("http"):
            return f"{without_secrets(uri)}/#/experiments/{self._experiment}"
        return f"mlflow ui --backend-store-uri {without_secrets(uri)}"

    def logged(self) -> frozenset[str]:
        """Return the ids of the runs that were logged to their end."""
        return frozenset(
            run.data.tags[_TAG] for run in self._runs() if run.info.status == _FINISHED
        )

    def log(self, entry: Entry) -> None:
        """Log a run; its status is set last, and says that it is whole."""
        from mlflow.entities import Metric, Param, RunTag

        for left in self._runs(f"tags.`{_TAG}` = '{entry.run_id}'"):
            self._client.delete_run(left.info.run_id)
        now = int(time.time() * 1000)
        run = self._client.create_run(
            self._experiment,
            start_time=now - int(entry.wall_s * 1000),
            tags={_TAG: entry.run_id},
            run_name=entry.name,
        )
        run_id = run.info.run_id
        points = [
            Metric(name, value, now, step)
            for step, values in entry.steps()
            for name, value in values.items()
        ]
        points += [Metric(name, value, now, 0) for name, value in entry.metrics.items()]
        params = [Param(name, str(value)) for name, value in entry.params.items()]
        tags = [RunTag(f"doitkit.{name}", value) for name, value in entry.tags.items()]
        for at in range(0, len(points), _MOST_METRICS):
            self._client.log_batch(run_id, metrics=points[at : at + _MOST_METRICS])
        for at in range(0, len(params), _MOST_OTHERS):
            self._client.log_batch(run_id, params=params[at : at + _MOST_OTHERS])
        self._client.log_batch(run_id, tags=tags)
        self._client.set_terminated(run_id, _FINISHED, end_time=now)

    def publish(self) -> None:
        """Nothing is left to do."""

    @cached_property
    def _experiment(self) -> str:
        found = self._client.get_experiment_by_name(self._project)
        made = found.experiment_id if found else self._client.create_experiment(self._project)
        return str(made)

    def _runs(self, which: str = "") -> Iterator[Any]:
        """Give the runs of the experiment that are ours, page by page."""
        token: str | None = None
        while True:
            page = self._client.search_runs(
                [self._experiment], which, max_results=_PAGE, page_token=token
            )
            yield from (run for run in page if _TAG in run.data.tags)
            token = page.token
            if not token:
                return
