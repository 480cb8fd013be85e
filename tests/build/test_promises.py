"""Real processes: any number of threads gives the same bytes, and any kill leaves nothing half."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from doitkit.core.workspace import Workspace
from tests.project import write_project

_BUILD = """
import sys
from pathlib import Path
from doitkit.build import build
from doitkit.core.workspace import Workspace
from doitkit.recipe import load_recipe
workspace = Workspace(Path(sys.argv[2]))
with workspace.locked("build"):
    print(build(load_recipe(sys.argv[1]), workspace).folder.name)
"""


def _start(recipe: Path, workspace: Path, threads: int = 2) -> "subprocess.Popen[str]":
    environment = {**os.environ, "POLARS_MAX_THREADS": str(threads), "PYTHONHASHSEED": str(threads)}
    return subprocess.Popen(
        [sys.executable, "-c", _BUILD, str(recipe), str(workspace)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def _finished(recipe: Path, workspace: Path, threads: int = 2) -> dict[str, bytes]:
    """Build in a process of its own; return the files of the dataset."""
    with _start(recipe, workspace, threads) as process:
        output, _ = process.communicate()
    assert process.returncode == 0
    return _files(Workspace(workspace).datasets / output.strip())


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_threads_and_hash_seeds_change_no_byte(tmp_path: Path) -> None:
    recipe = write_project(tmp_path, rows=2000)
    with (tmp_path / "sums-human.jsonl").open("ab") as file:
        file.write(b'{"prompt": "\xff"}\nbroken\n{"prompt": "0 + 0?", "completion": "It is 0."}\n')
    one = _finished(recipe, tmp_path / "one", threads=1)
    two = _finished(recipe, tmp_path / "two", threads=2)
    assert {"train/data-00000-of-00001.arrow", "manifest.json", "rejects.parquet"} <= set(one)
    assert one == two


def test_a_dataset_does_not_know_where_it_was_built(tmp_path: Path) -> None:
    built = []
    for name in ("here", "elsewhere/deep"):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        built.append(_finished(write_project(folder), folder / "workspace"))
    assert built[0] == built[1]


def _writing(workspace: Path) -> bool:
    return any(workspace.glob("datasets/.aside-*"))


def _pool_written(workspace: Path) -> bool:
    return any(workspace.glob("datasets/.aside-*/train/state.json"))


def _locked(workspace: Path) -> bool:
    return (workspace / "lock").exists()


def _killed(recipe: Path, workspace: Path, moment: Callable[[Path], bool]) -> bool:
    """Build, and kill at `moment`; return whether the process was still at work by then."""
    with _start(recipe, workspace) as process:
        while process.poll() is None and not moment(workspace):
            time.sleep(0.0005)
        process.send_signal(signal.SIGKILL)
    return process.returncode == -signal.SIGKILL


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """A recipe over many rows, and the files of its dataset as an undisturbed build writes them."""
    folder = tmp_path_factory.mktemp("large")
    recipe = write_project(folder, rows=5000)
    return recipe, _finished(recipe, folder / "undisturbed")


@pytest.mark.parametrize("moment", [_locked, _writing, _pool_written])
def test_a_build_killed_at_any_moment_leaves_nothing_half(
    tmp_path: Path, large: tuple[Path, dict[str, bytes]], moment: Callable[[Path], bool]
) -> None:
    recipe, undisturbed = large
    # A busy machine may sleep through the moment; then the build is simply whole, and we try anew.
    tries = (tmp_path / f"try-{number}" for number in range(20))
    workspace = next(place for place in tries if _killed(recipe, place, moment))
    for folder in workspace.glob("datasets/*"):
        # Either aside, or, if the kill came just after the end, whole.
        assert folder.name.startswith(".aside-") or _files(folder) == undisturbed
    assert _finished(recipe, workspace) == undisturbed
    assert len(list(workspace.glob("datasets/*"))) == 1
