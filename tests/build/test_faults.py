"""A full disk, a disk that can only be read, kills at any time: clear errors, nothing half."""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from doitkit.build import Dataset, build
from doitkit.build.verification import verify
from doitkit.core.errors import DoitkitError
from doitkit.core.files import size_of
from doitkit.core.workspace import Workspace
from doitkit.recipe import Recipe, load_recipe
from tests.build.disk import small_disk
from tests.build.rich import write_rich

KILLS = 20
FULL_DISKS = 12
LITTLE = 1 << 20
_BUILD = (
    "import sys\n"
    "from pathlib import Path\n"
    "from doitkit.build import build\n"
    "from doitkit.core.workspace import Workspace\n"
    "from doitkit.recipe import load_recipe\n"
    "recipe, workspace = load_recipe(sys.argv[1]), Workspace(Path(sys.argv[2]))\n"
    "with workspace.locked('build'):\n"
    "    print('begun', flush=True)\n"
    "    build(recipe, workspace)\n"
    "    print('done', flush=True)\n"
)


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    """A recipe over rows enough for a build to take a while."""
    return load_recipe(write_rich(tmp_path_factory.mktemp("project"), rows=4000))


@pytest.fixture(scope="module")
def undisturbed(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return build(recipe, Workspace(tmp_path_factory.mktemp("undisturbed") / "ws"))


def _files(dataset: Dataset) -> dict[str, bytes]:
    found = (path for path in dataset.folder.rglob("*") if path.is_file())
    return {str(path.relative_to(dataset.folder)): path.read_bytes() for path in found}


def _nothing_half(workspace: Workspace) -> None:
    """Assert that all that has a name is whole."""
    assert verify(workspace) == []
    for folder in [*workspace.datasets.glob("[!.]*"), *workspace.steps.glob("*/[!.]*")]:
        assert (folder / "manifest.json").is_file() or (folder / "step.json").is_file()


def _nothing_left_over(workspace: Workspace) -> None:
    assert list(workspace.root.rglob(".aside-*")) == []


def _begun(recipe: Recipe, workspace: Path) -> "subprocess.Popen[str]":
    """Return a process that has just begun to build."""
    process = subprocess.Popen(
        [sys.executable, "-c", _BUILD, str(recipe.file), str(workspace)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def _refusal(recipe: Recipe, workspace: Workspace, memory: int | None) -> DoitkitError | None:
    """Build, and return the error if there is one."""
    try:
        build(recipe, workspace, memory=memory)
    except DoitkitError as error:
        return error
    return None


def test_kills_at_random_points_leave_nothing_half_and_change_no_byte(
    recipe: Recipe, undisturbed: Dataset, tmp_path: Path
) -> None:
    with _begun(recipe, tmp_path / "timed") as process:
        begin = time.monotonic()
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
        whole = time.monotonic() - begin
    delays = random.Random(20).sample([n / 200 for n in range(200)], k=KILLS)
    killed = 0
    for number, share in enumerate(sorted(delays)):
        workspace = Workspace(tmp_path / str(number))
        with _begun(recipe, workspace.root) as process:
            time.sleep(share * whole)
            process.send_signal(signal.SIGKILL)
        killed += process.returncode == -signal.SIGKILL
        _nothing_half(workspace)
        with workspace.locked("build"):
            _nothing_left_over(workspace)
            assert _files(build(recipe, workspace)) == _files(undisturbed)
        _nothing_half(workspace)
    assert killed


def test_a_disk_that_is_full_at_any_point_is_told_and_goes_on_when_there_is_room(
    recipe: Recipe, undisturbed: Dataset, tmp_path: Path
) -> None:
    needed = size_of(undisturbed.folder.parent.parent)
    chance = random.Random(12)
    refused = 0
    for number in range(FULL_DISKS):
        room = (chance.randrange(needed) // 4096 + 1) * 4096
        with small_disk(tmp_path / str(number), room) as disk:
            workspace = Workspace(disk.folder / "ws")
            # Every other time in so little memory that rows, too, go through files.
            error = _refusal(recipe, workspace, memory=LITTLE if number % 2 else None)
            if error is not None:
                refused += 1
                assert error.what == "the disk is full"
                assert str(disk.folder) in str(error.where)
                assert "free some space" in str(error.next_step)
                assert list(workspace.datasets.glob("*")) == []
            _nothing_left_over(workspace)
            _nothing_half(workspace)
            disk.remount("size=256m")
            with workspace.locked("build"):
                assert _files(build(recipe, workspace)) == _files(undisturbed)
    assert refused > FULL_DISKS // 2


def test_an_export_to_a_full_disk_leaves_nothing(undisturbed: Dataset, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 40960) as disk:
        with pytest.raises(DoitkitError, match="the disk is full"):
            undisturbed.write_parquet(disk.folder / "out")
        assert list(disk.folder.iterdir()) == []
        disk.remount("size=64m")
        undisturbed.write_parquet(disk.folder / "out")
        assert (disk.folder / "out" / "manifest.json").is_file()


def test_a_disk_that_can_only_be_read(recipe: Recipe, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 256 << 20) as disk:
        workspace = Workspace(disk.folder / "ws")
        built = build(recipe, workspace)
        disk.remount("ro")
        assert build(recipe, workspace) == built
        assert verify(workspace) == []
        # Steps that are there serve, and the first that is not cannot be written.
        changed = recipe.curate.model_copy(update={"max_chars": 199})
        other = recipe.model_copy(update={"curate": changed})
        for place in (workspace, Workspace(disk.folder / "new")):
            with pytest.raises(DoitkitError, match="can only be read") as caught:
                build(other, place)
            assert str(place.root) in str(caught.value.where)
            assert "name another folder" in str(caught.value.next_step)
        with pytest.raises(DoitkitError, match="cannot be written"), workspace.locked("build"):
            pass
        disk.remount("rw")
        _nothing_left_over(workspace)


@pytest.mark.parametrize("most", [0, 100, 5_000, 100_000])
def test_files_that_may_not_grow(recipe: Recipe, tmp_path: Path, most: int) -> None:
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    ended = subprocess.run(
        [sys.executable, "-m", "doitkit", "build", str(recipe.file), "-q", "-w", tmp_path / "ws"],
        preexec_fn=limited,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: a file may not grow so large here")
    assert "next:" in ended.stderr
    assert "Traceback" not in ended.stderr
    workspace = Workspace(tmp_path / "ws")
    _nothing_left_over(workspace)
    _nothing_half(workspace)
    assert list(workspace.datasets.glob("*")) == []
