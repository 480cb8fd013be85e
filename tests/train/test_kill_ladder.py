"""A whole ladder, killed ten times with all its processes, ends with the same scores."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.project import write_project
from tests.train.test_kill import alive, children_of

pytestmark = pytest.mark.slow

KILLS = 10
RUNS = 24


def recipe(folder: Path, model: Path) -> Path:
    settings = {
        "train": {
            "base_model": str(model),
            "device": "cpu",
            "dtype": "float32",
            "max_steps": 6,
            "batch_size": 2,
            "learning_rate": 0.01,
            "max_length": 200,
            "workers": 2,
            "threads": 1,
            "checkpoint_steps": 2,
        },
        "ladder": {
            "sizes": [4, 6, 8, 12],
            "seeds": [1, 2, 3],
            "designs": [
                {"design": "balanced", "origins": {"human": 1}},
                {"design": "balanced", "origins": {"synthetic": 1}, "abilities": ["sums"]},
            ],
        },
    }
    folder.mkdir()
    return write_project(folder, yaml.safe_dump(settings), rows=24)


def command(verb: str, file: Path) -> list[str]:
    workspace = str(file.parent / "ws")
    return [sys.executable, "-m", "doitkit", verb, str(file), "-w", workspace, "--json", "-q"]


def called(verb: str, file: Path) -> Any:
    done = subprocess.run(command(verb, file), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def finished(file: Path) -> dict[str, tuple[int, int]]:
    """Return inode and time of the record of every finished run, by its folder."""
    records = {}
    for record in (file.parent / "ws" / "runs").glob("*/run.json"):
        if not record.parent.name.endswith(".partial"):
            stat = record.stat()
            records[record.parent.name] = (stat.st_ino, stat.st_mtime_ns)
    return records


def killed(file: Path, wanted: int, delay: float) -> None:
    """Train until so many runs are finished and a moment more; then kill all processes at once."""
    with subprocess.Popen(command("train", file), stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 180
        while len(finished(file)) < wanted and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        time.sleep(delay)
        family = [process.pid, *children_of(process.pid)]
        for member in family:
            with suppress(ProcessLookupError):
                os.kill(member, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while any(map(alive, family)):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_ladder_killed_ten_times_ends_with_the_same_scores(
    tiny_model: Path, tmp_path: Path
) -> None:
    whole = recipe(tmp_path / "whole", tiny_model)
    assert len(called("train", whole)) == 1 + RUNS
    expected = called("eval", whole)

    broken = recipe(tmp_path / "broken", tiny_model)
    draw = random.Random(20231030)
    before: dict[str, tuple[int, int]] = {}
    lives = 0
    while lives < KILLS:
        killed(broken, wanted=min(len(before) + 2, RUNS), delay=draw.uniform(0, 0.8))
        after = finished(broken)
        assert before.items() <= after.items(), "a finished run was made again"
        before, lives = after, lives + 1
    called("train", broken)
    assert before.items() <= finished(broken).items()
    assert len(finished(broken)) == 1 + RUNS
    assert not list((broken.parent / "ws" / "runs").glob("*.partial"))
    assert called("eval", broken) == expected
