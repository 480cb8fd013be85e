"""The real trackers, each with a way to read back what it holds."""

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from doitkit.core.progress import SilentProgress
from doitkit.recipe.training import Tracking

PROJECT = "some-project"


@dataclass
class Held:
    """A run as a tracker holds it."""

    name: str
    params: dict[str, str]
    metrics: dict[str, float]
    curves: dict[str, list[tuple[int, float]]]
    tags: dict[str, str] = field(default_factory=dict)


def tracking_of(kind: str, folder: Path) -> Tracking:
    uri = f"sqlite:///{folder}/mlflow.db" if kind == "mlflow" else None
    return Tracking(to=kind, project=PROJECT, uri=uri)  # type: ignore[arg-type]


def environment(folder: Path) -> dict[str, str]:
    """Return what keeps every tracker on this machine, and quiet."""
    return {
        "WANDB_MODE": "offline",
        "TRACKIO_DIR": str(folder / "trackio"),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
    }


def mlflow_runs(folder: Path) -> list[Held]:
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=f"sqlite:///{folder}/mlflow.db")
    experiment = client.get_experiment_by_name(PROJECT)
    found = []
    for run in client.search_runs([experiment.experiment_id]):
        curves = {
            name: [(p.step, p.value) for p in client.get_metric_history(run.info.run_id, name)]
            for name in run.data.metrics
        }
        tags = {n.removeprefix("doitkit."): v for n, v in run.data.tags.items()}
        found.append(Held(run.info.run_name, run.data.params, run.data.metrics, curves, tags))
        assert run.info.status == "FINISHED"
    return found


def wandb_runs(folder: Path) -> list[Held]:
    from wandb.proto.wandb_internal_pb2 import Record

    found = []
    for file in sorted(folder.glob("ws/tracking/wandb/*/wandb/offline-run-*/run-*.wandb")):
        params: dict[str, str] = {}
        metrics: dict[str, float] = {}
        curves: dict[str, list[tuple[int, float]]] = {}
        name, ended = "", False
        for data in _log_records(file.read_bytes()):
            record = Record()
            record.ParseFromString(data)
            if record.WhichOneof("record_type") == "run" and record.run.display_name:
                name = record.run.display_name
                for item in record.run.config.update:
                    params[item.key] = item.value_json.strip('"')
            for item in record.summary.update:
                metrics[item.key or "/".join(item.nested_key)] = float(item.value_json)
            values = {
                item.key or "/".join(item.nested_key): float(item.value_json)
                for item in record.history.item
                if not (item.key or item.nested_key[0]).startswith("_")
            }
            for key, value in values.items():
                curves.setdefault(key, []).append((record.history.step.num, value))
            ended |= record.WhichOneof("record_type") == "exit"
        assert ended
        found.append(Held(name, params, metrics, curves, params))
    return found


def _log_records(data: bytes) -> Iterator[bytes]:
    """Give the records of a file in LevelDB's log format, which W&B writes behind 7 bytes."""
    at, held = 7, b""
    while at < len(data):
        left = 32768 - at % 32768
        if left < 7:
            at += left
            continue
        _, length, kind = struct.unpack("<IHB", data[at : at + 7])
        held += data[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in {1, 4}:
            yield held
            held = b""


def trackio_runs(folder: Path) -> list[Held]:
    import trackio
    from trackio.sqlite_storage import SQLiteStorage

    found = []
    for run in trackio.Api().runs(PROJECT):
        curves: dict[str, list[tuple[int, float]]] = {}
        for values in SQLiteStorage.get_logs(PROJECT, run.name, run_id=run.id):
            for key, value in values.items():
                if key not in {"step", "timestamp"}:
                    curves.setdefault(key, []).append((values["step"], value))
        config: dict[str, Any] = run.config or {}
        params = {key: str(value) for key, value in config.items()}
        metrics = {key: points[-1][1] for key, points in curves.items()}
        found.append(Held(run.name, params, metrics, curves, params))
    return found


HELD: dict[str, Callable[[Path], list[Held]]] = {
    "mlflow": mlflow_runs,
    "wandb": wandb_runs,
    "trackio": trackio_runs,
}


class Told(SilentProgress):
    """Prints the name of every run that is logged."""

    @contextmanager
    def task(self, title: str, total: float | None = None) -> Iterator["Told"]:
        yield self

    def advance(self, amount: float = 1, note: str | None = None) -> None:
        print(f"RUN {note}", flush=True)


def main() -> None:
    """Log or read back, in a process of its own: `python trackers.py log|read KIND FOLDER N`."""
    import json
    import sys
    from dataclasses import asdict

    from doitkit.core.workspace import Workspace
    from doitkit.train.tracking import log_runs
    from tests.train.tracking.made import made_run

    what, kind, place, number = sys.argv[1:5]
    folder = Path(place)
    if what == "read":
        print("READ " + json.dumps([asdict(held) for held in HELD[kind](folder)]))
        return
    curve = tuple((step, 1 / step) for step in range(1, 401))
    runs = [made_run(f"mix-{n}", 1, losses=curve) for n in range(int(number))]
    logged = log_runs(runs, tracking_of(kind, folder), Workspace(folder / "ws"), progress=Told())
    print("LOGGED " + json.dumps(logged.as_json()))


if __name__ == "__main__":
    main()
