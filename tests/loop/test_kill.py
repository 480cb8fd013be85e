"""`kill -9` of a whole turn at random moments, and the same tables in the end."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

KILLS = 5
TABLES = ("compositions.csv", "runs.csv", "scores.csv")


def start(recipe: Path, workspace: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "doitkit", "loop", str(recipe), "-w", str(workspace), "-q"]
    with (workspace.parent / "out.txt").open("ab") as out:
        return subprocess.Popen(command, stdout=out, stderr=out)


def tables(workspace: Path) -> dict[str, pl.DataFrame]:
    read = {name: pl.read_csv(workspace / "tables" / name) for name in TABLES}
    read["runs.csv"] = read["runs.csv"].drop("wall_s")
    return read


def finished(workspace: Path) -> dict[str, tuple[int, int]]:
    """Return each finished run with the identity of its record: a repeated run would change it."""
    found = {}
    for file in workspace.glob("runs/*/run.json"):
        if not file.parent.name.endswith(".partial"):
            stat = file.stat()
            found[file.parent.name] = (stat.st_ino, stat.st_mtime_ns)
    return found


@pytest.mark.slow
def test_a_killed_loop_ends_with_the_same_tables_and_repeats_no_run(project: Path) -> None:
    recipe = project / "recipe.yaml"
    whole, killed = project / "whole" / "ws", project / "killed" / "ws"
    whole.parent.mkdir()
    killed.parent.mkdir()

    begun = time.monotonic()
    assert start(recipe, whole).wait() == 0, (whole.parent / "out.txt").read_text()
    length = time.monotonic() - begun

    draw = random.Random(os.getpid())
    moments = [draw.uniform(0.05, 0.8) * length for _ in range(KILLS)]
    for moment in moments:
        process = start(recipe, killed)
        time.sleep(moment)
        before = finished(killed)
        process.send_signal(signal.SIGKILL)
        process.wait()
        after = finished(killed)
        assert before.items() <= after.items(), f"a finished run was redone; kills at {moments}"
    before = finished(killed)
    assert start(recipe, killed).wait() == 0, (killed.parent / "out.txt").read_text()
    assert before.items() <= finished(killed).items()
    assert len(finished(killed)) == len(finished(whole))
    for name, expected in tables(whole).items():
        assert tables(killed)[name].equals(expected), f"{name} differs; kills at {moments}"
    leftovers = [p.name for p in killed.rglob("*") if p.name.startswith(".aside-")]
    assert not leftovers
