"""A flipped bit anywhere in what was built is found, and named with what to remove."""

import json
import random
from pathlib import Path

import pytest

from doitkit.build import Dataset, build
from doitkit.build.seal import broken_seals
from doitkit.build.verification import verify
from doitkit.core.errors import DoitkitError
from doitkit.core.workspace import Workspace
from tests.project import load_project


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Dataset]:
    folder = tmp_path_factory.mktemp("built")
    workspace = Workspace(folder / "ws")
    return workspace, build(load_project(folder), workspace)


def _flip(file: Path, seed: int) -> bytes:
    """Flip one bit of a file; return what it was."""
    before = file.read_bytes()
    chance = random.Random(seed)
    now = bytearray(before)
    now[chance.randrange(len(now))] ^= 1 << chance.randrange(8)
    file.write_bytes(bytes(now))
    return before


def test_what_is_whole_is_sound(built: tuple[Workspace, Dataset]) -> None:
    assert verify(built[0]) == []


def test_every_file_of_a_dataset_is_sealed(built: tuple[Workspace, Dataset]) -> None:
    _, dataset = built
    files = {str(f.relative_to(dataset.folder)) for f in dataset.folder.rglob("*") if f.is_file()}
    assert files == {*dataset.manifest["files"], "manifest.json"}
    assert {"README.md", "croissant.json", "recipe.yaml", "rejects.parquet"} < files


def test_a_flipped_bit_in_any_file_is_found(built: tuple[Workspace, Dataset]) -> None:
    workspace, dataset = built
    files = [*dataset.folder.rglob("*"), *workspace.steps.rglob("*")]
    for seed, file in enumerate(file for file in files if file.is_file()):
        before = _flip(file, seed)
        text = file.suffix == ".json"
        try:
            harmless = text and json.loads(file.read_bytes()) == json.loads(before)
        except ValueError:
            harmless = False
        try:
            found = verify(workspace)
        finally:
            file.write_bytes(before)
        if not harmless:
            assert found, file
            # A bit of the list of files may make another file look wrong, in the same folder.
            assert {one.remove for one in found} <= {dataset.folder, file.parent}
    assert verify(workspace) == []


@pytest.mark.parametrize("name", ["train/data-00000-of-00001.arrow", "rejects.parquet"])
def test_a_file_that_is_gone_or_cut_is_found(built: tuple[Workspace, Dataset], name: str) -> None:
    _, dataset = built
    file = dataset.folder / name
    before = file.read_bytes()
    try:
        file.write_bytes(before[:-1])
        (damage,) = broken_seals(dataset.folder)
        assert (damage.file, damage.remove) == (file, dataset.folder)
        file.unlink()
        (damage,) = broken_seals(dataset.folder)
        assert damage.why == "it is gone"
    finally:
        file.write_bytes(before)


@pytest.mark.parametrize("name", ["rows-00000.arrow", "counts.json", "step.json"])
def test_a_build_over_a_damaged_step_says_so_and_can_be_mended(tmp_path: Path, name: str) -> None:
    workspace = Workspace(tmp_path / "ws")
    build(load_project(tmp_path), workspace)
    other = load_project(tmp_path, "curate: {max_chars: 40}\n")
    for number, file in enumerate(sorted(workspace.steps.glob(f"read/*/{name}"))):
        before = file.read_bytes()
        for now in (before[: len(before) // 2], b"", b"x" * len(before)):
            file.write_bytes(now)
            with pytest.raises(DoitkitError, match="damaged") as caught:
                build(other, workspace)
            assert f"remove {file.parent}, and run the same command" in str(caught.value)
        file.write_bytes(before)
        if number == 1:
            break
    broken = next(iter(sorted(workspace.steps.glob(f"read/*/{name}"))))
    _flip(broken, 1) if name != "step.json" else broken.write_text("{}")
    with pytest.raises(DoitkitError, match="damaged"):
        build(other, workspace)
    for file in broken.parent.iterdir():
        file.unlink()
    broken.parent.rmdir()
    mended = build(other, workspace)
    assert mended.pool().height == 108
    assert verify(workspace) == []
