"""Each real tracker holds every run once and as a whole: after one call, two, and a kill."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from doitkit.core.errors import MissingExtraError, UsageError
from doitkit.core.workspace import Workspace
from doitkit.recipe.training import Tracking
from doitkit.train.tracking import log_runs, require_tracker
from tests.train.tracking.made import made_run
from tests.train.tracking.trackers import PROJECT, environment

ROOT = Path(__file__).resolve().parents[3]
KINDS = ("mlflow", "wandb", "trackio")
MISSING = {kind: importlib.util.find_spec(kind) is None for kind in KINDS}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    if MISSING[request.param]:
        pytest.skip(f"{request.param} is not installed")
    return str(request.param)


def command(what: str, kind: str, folder: Path, number: int) -> tuple[list[str], dict[str, str]]:
    """Return a command in a process of its own: these libraries decide on import where they log."""
    words = [sys.executable, "-W", "ignore", "-m", "tests.train.tracking.trackers"]
    variables = {**os.environ, **environment(folder), "PYTHONPATH": str(ROOT)}
    return [*words, what, kind, str(folder), str(number)], variables


def told(what: str, kind: str, folder: Path, number: int = 0) -> Any:
    words, variables = command(what, kind, folder, number)
    done = subprocess.run(
        words, env=variables, cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said = [line for line in done.stdout.splitlines() if not line.startswith("RUN ")]
    (line,) = said  # the libraries say nothing where results are printed
    return json.loads(line.split(" ", 1)[1])


def test_every_run_lies_there_once_and_as_a_whole(kind: str, tmp_path: Path) -> None:
    first = told("log", kind, tmp_path, 2)
    again = told("log", kind, tmp_path, 3)
    assert (len(first["new"]), first["known"]) == (2, [])
    assert again["known"] == first["new"]
    assert len(again["new"]) == 1
    held = {run["name"]: run for run in told("read", kind, tmp_path)}
    assert sorted(held) == ["mix-0, seed 1", "mix-1, seed 1", "mix-2, seed 1"]
    for run in held.values():
        assert run["curves"]["train_loss"] == [[s, pytest.approx(1 / s)] for s in range(1, 401)]
        assert run["curves"]["bits_per_byte"] == [[10, 3.0], [30, 2.5]]
        assert run["metrics"]["wall_s"] == 12.5
        assert run["metrics"]["gpu_hours"] == 0.5
        assert run["metrics"]["cost"] == 1.25
        assert run["metrics"]["tokens_seen/sums"] == 500
        assert run["metrics"]["rows/sums/synthetic"] == 2
        assert run["params"]["method"] == "full"
        assert run["params"]["version/torch"] == "2.13.0"
        assert "base_path" not in run["params"]
        assert run["tags"]["dataset_id"] == "d" * 32
        assert run["tags"]["recipe_hash"] == "a" * 32
    ids = {run["tags"]["run_id"] for run in held.values()}
    assert ids == {*again["new"], *again["known"]}


def test_what_a_killed_process_left_is_replaced(kind: str, tmp_path: Path) -> None:
    words, variables = command("log", kind, tmp_path, 8)
    process = subprocess.Popen(
        words, env=variables, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    for _ in range(3):
        assert process.stdout.readline().startswith(b"RUN ")
    time.sleep(0.02)  # into the fourth
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    after = told("log", kind, tmp_path, 8)
    assert len(after["known"]) >= 3
    assert len(after["new"]) >= 1
    held = told("read", kind, tmp_path)
    assert len({run["tags"]["run_id"] for run in held}) == len(held) == 8
    for run in held:
        assert len(run["curves"]["train_loss"]) == 400
        assert len(run["curves"]["bits_per_byte"]) == 2


@pytest.mark.parametrize("name", KINDS)
def test_a_tracker_that_is_not_installed_names_its_extra(name: str, tmp_path: Path) -> None:
    if not MISSING[name]:
        pytest.skip(f"{name} is installed")
    tracking = Tracking(to=name, project=PROJECT)  # type: ignore[arg-type]
    with pytest.raises(MissingExtraError) as raised:
        log_runs([made_run()], tracking, Workspace(tmp_path))
    assert f"doitkit[{name}]" in str(raised.value)


def test_wandb_needs_a_login_or_to_be_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("wandb")
    for variable in ("WANDB_API_KEY", "WANDB_MODE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    tracking = Tracking(to="wandb", project=PROJECT)
    with pytest.raises(UsageError) as raised:
        require_tracker(tracking, Workspace(tmp_path))
    assert "WANDB_API_KEY" in str(raised.value)
    monkeypatch.setenv("WANDB_MODE", "disabled")
    with pytest.raises(UsageError, match="switched off"):
        require_tracker(tracking, Workspace(tmp_path))


def test_trackio_sends_to_a_space_and_to_nothing_else(tmp_path: Path) -> None:
    pytest.importorskip("trackio")
    tracking = Tracking(to="trackio", project=PROJECT, uri="http://u:secret@host")
    with pytest.raises(UsageError) as raised:
        require_tracker(tracking, Workspace(tmp_path))
    assert "secret" not in str(raised.value)
    assert "OWNER/NAME" in str(raised.value)
