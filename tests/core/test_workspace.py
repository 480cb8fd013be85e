"""One writing process at a time, and a lock that dies with its holder."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from doitkit.core.errors import UsageError, WorkspaceBusyError
from doitkit.core.workspace import Workspace

_HOLDER = """
import sys
from pathlib import Path
from doitkit.core.workspace import Workspace
with Workspace(Path(sys.argv[1])).locked("training"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def _holder(root: Path) -> Iterator[subprocess.Popen[str]]:
    """Run another process that holds the lock of `root` until it is told to end."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_second_process_is_told_who_holds_the_workspace(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "w")
    with _holder(workspace.root) as other:
        with pytest.raises(WorkspaceBusyError) as caught, workspace.locked("building"):
            pass
        assert caught.value.why == f"held by process {other.pid} (training)"
        assert "--workspace" in str(caught.value.next_step)
        assert other.stdin is not None
        other.stdin.close()
        assert other.wait() == 0
    with workspace.locked("building"):
        holder = (workspace.root / "lock").read_text()
        assert holder == f"process {os.getpid()} (building)"


def test_the_lock_of_a_killed_process_is_free_and_its_leavings_are_swept(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with _holder(tmp_path) as other:
        leaving = workspace.datasets / f".aside-{other.pid}-abc"
        leaving.mkdir(parents=True)
        (workspace.steps / "read" / f".aside-{other.pid}-abc").mkdir(parents=True)
        (workspace.steps / "read" / "finished").mkdir()
        (workspace.datasets / "finished").mkdir()
        other.send_signal(signal.SIGKILL)
        other.wait()
        with workspace.locked("building"):
            assert [p.name for p in workspace.datasets.iterdir()] == ["finished"]
            assert [p.name for p in (workspace.steps / "read").iterdir()] == ["finished"]


def test_the_lock_is_free_again_after_an_error(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with pytest.raises(RuntimeError), workspace.locked("building"):
        raise RuntimeError
    with workspace.locked("building"):
        pass


def test_a_folder_that_cannot_be_written_is_an_error_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(UsageError, match="cannot be written"),
        Workspace(tmp_path / "file" / "w").locked("building"),
    ):
        pass
