"""Writing leaves the old, the new, or nothing; never half of anything."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from doitkit.core.files import (
    folder_written_aside,
    read_json,
    sweep_aside,
    write_bytes,
    write_json,
    write_text,
)


def test_what_is_written_is_read_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "value.json"
    write_json(path, {"ü": [1.5, None]})
    assert read_json(path) == {"ü": [1.5, None]}
    assert [p.name for p in path.parent.iterdir()] == ["value.json"]


def test_a_value_that_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "value.json"
    write_text(path, "old\n")
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"loss": float("nan")})
    assert path.read_text() == "old\n"


def test_a_target_that_cannot_be_replaced_leaves_nothing_aside(tmp_path: Path) -> None:
    (tmp_path / "taken" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="taken"):
        write_bytes(tmp_path / "taken", b"x")
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]


def test_a_folder_appears_when_it_is_whole(tmp_path: Path) -> None:
    final = tmp_path / "results" / "final"
    with folder_written_aside(final) as aside:
        (aside / "part").write_text("1")
        assert not final.exists()
    assert (final / "part").read_text() == "1"
    assert [p.name for p in final.parent.iterdir()] == ["final"]


def _fail_half_way(folder: Path) -> None:
    (folder / "part").write_text("1")
    raise OSError("disk full")


def test_a_folder_whose_writer_fails_never_appears(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="disk"), folder_written_aside(tmp_path / "final") as aside:
        _fail_half_way(aside)
    assert list(tmp_path.iterdir()) == []


def test_the_first_of_two_equal_folders_stays(tmp_path: Path) -> None:
    final = tmp_path / "final"
    with folder_written_aside(final) as aside:
        (aside / "part").write_text("ours")
        final.mkdir()
        (final / "part").write_text("theirs, finished meanwhile")
    assert (final / "part").read_text() == "theirs, finished meanwhile"
    assert [p.name for p in tmp_path.iterdir()] == ["final"]


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from doitkit.core.files import folder_written_aside\n"
        "with folder_written_aside(Path(sys.argv[1])) as aside:\n"
        "    (aside / 'half').write_text('x')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(tmp_path / "final")], check=False)
    assert ended.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".aside-")
    assert str(os.getpid()) not in left.name
    (tmp_path / "finished").mkdir()
    sweep_aside(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["finished"]
