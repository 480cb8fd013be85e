"""Writing leaves the old, the new, or nothing; never half of anything."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from doitkit.core.errors import DoitkitError
from doitkit.core.files import (
    damaged,
    folder_written_aside,
    made_with,
    read_json,
    remove_folder,
    size_of,
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


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (OSError("1048576 requested and 131056 written"), "the disk is full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "quota is used up"),
        (OSError(errno.EFBIG, "File too large"), "may not grow so large"),
        (OSError(errno.EROFS, "Read-only file system"), "can only be read"),
    ],
)
def test_what_the_disk_refuses_is_told_with_a_next_step(
    tmp_path: Path, error: OSError, what: str
) -> None:
    with pytest.raises(DoitkitError, match=what) as caught, folder_written_aside(tmp_path / "f"):
        raise error
    assert caught.value.where == str(tmp_path)
    assert "name another folder" in str(caught.value.next_step)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_its_mark_is_made_anew(tmp_path: Path) -> None:
    final = tmp_path / "final"
    final.mkdir()
    (final / "part").write_text("old")
    for _ in range(2):
        with folder_written_aside(final, "mark") as aside:
            (aside / "mark").write_text("x")
        assert [file.name for file in final.iterdir()] == ["mark"]


def test_what_has_to_go_for_a_file_to_be_made_anew(tmp_path: Path) -> None:
    address = tmp_path / ("0f" * 16)
    for file in (address / "file", address / "split" / "file"):
        assert made_with(file) == address
        assert str(damaged(file, "why").next_step).startswith(f"remove {address}, ")
    for file in (address / "a" / "b" / "file", tmp_path / "file", tmp_path / "0f0f" / "file"):
        assert made_with(file) == file


def test_a_folder_is_removed_as_a_whole_and_sizes_are_those_of_files(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_bytes(b"12345")
    (tmp_path / "a" / "file").write_bytes(b"123")
    (tmp_path / "a" / "link").symlink_to(tmp_path)
    sizes = [size_of(tmp_path / name) for name in ("a", "a/file", "none")]
    assert sizes == [8, 3, 0]
    remove_folder(tmp_path / "a")
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
