"""du, verify and gc: what they say of a workspace, what they remove, and how they end."""

import json
from pathlib import Path

import pytest

from doitkit.core.workspace import Workspace
from tests.cli.conftest import refused
from tests.project import write_project


@pytest.fixture
def built(doitkit, tmp_path: Path) -> tuple[Path, Path, Path]:
    """Two recipes over the same files, both built, and their workspace."""
    recipe, place = write_project(tmp_path), tmp_path / "ws"
    other = tmp_path / "other.yaml"
    other.write_text("doitkit: 1\nextends: recipe.yaml\nname: other\ncurate: {max_chars: 40}\n")
    for one in (recipe, other):
        assert doitkit("build", one, "-w", place, "-q").code == 0
    return recipe, other, place


def test_the_room_of_a_workspace(doitkit, built: tuple[Path, Path, Path]) -> None:
    place = built[2]
    (place / "datasets" / ".aside-1-x").mkdir()
    (place / "datasets" / ".aside-1-x" / "half").write_bytes(b"x" * 5000)
    shown = doitkit("du", "-w", place)
    assert shown.code == 0
    for text in ("steps: read", "datasets", "left over by killed processes", "5.0 kB", "all"):
        assert text in shown.out
    assert "`doitkit gc` removes what is not needed" in shown.out
    found = {one["kind"]: one for one in json.loads(doitkit("du", "-w", place, "--json").out)}
    assert found["datasets"]["items"] == 2
    assert found["left over by killed processes"]["unneeded"] == 5000


def test_what_is_damaged_is_named_and_ends_with_one(
    doitkit, built: tuple[Path, Path, Path]
) -> None:
    place = built[2]
    assert "every file is as it was written" in doitkit("verify", "-w", place, "-q").out
    (file,) = sorted(place.glob("datasets/*/train/*.arrow"))[:1]
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    shown = doitkit("verify", "-w", place, "-q")
    assert shown.code == 1
    assert "1 damaged files" in shown.out
    assert f"remove {file.parent.parent}" in shown.out
    told = doitkit("verify", "-w", place, "--json")
    assert told.code == 1
    assert json.loads(told.out) == {
        "sound": False,
        "damages": [
            {
                "file": str(file),
                "why": "its bytes are not those that were written",
                "remove": str(file.parent.parent),
            }
        ],
    }


def test_nothing_goes_that_is_needed(doitkit, built: tuple[Path, Path, Path]) -> None:
    shown = doitkit("gc", "-w", built[2])
    assert (shown.code, shown.out) == (0, "0 items, 0 B freed\n")


def test_what_is_not_needed_is_told_and_then_goes(doitkit, built: tuple[Path, Path, Path]) -> None:
    recipe, other, place = built
    gc = ("gc", recipe, "-w", place, "--datasets")
    tried = doitkit(*gc, "--dry-run")
    assert "would be removed" in tried.out
    assert "steps: filter" in tried.out
    assert len(list(place.glob("datasets/*"))) == 2
    told = json.loads(doitkit(*gc, "--dry-run", "--json").out)
    assert told["removed"] is False
    assert {one["kind"] for one in told["garbage"]} == {"step", "dataset"}
    done = json.loads(doitkit(*gc, "--json").out)
    assert (done["removed"], done["garbage"]) == (True, told["garbage"])
    assert not any(Path(one["path"]).exists() for one in done["garbage"])
    assert len(list(place.glob("datasets/*"))) == 1
    assert doitkit("inspect", recipe, "-w", place).code == 0
    assert doitkit("build", other, "-w", place, "-q").code == 0


def test_all_steps_go_where_that_is_asked_for(doitkit, built: tuple[Path, Path, Path]) -> None:
    recipe, _, place = built
    assert doitkit("gc", "-w", place, "--all-steps", "--keep-days", 1).out == "0 items, 0 B freed\n"
    assert "steps: read" in doitkit("gc", "-w", place, "--all-steps").out
    assert list(place.glob("steps/*/*")) == []
    assert doitkit("build", recipe, "-w", place, "-q").code == 0


def test_what_killed_processes_left_is_told_when_it_is_removed(
    doitkit, built: tuple[Path, Path, Path]
) -> None:
    place = built[2]
    (place / "steps" / "read" / ".aside-1-x").mkdir()
    assert "left over" in doitkit("gc", "-w", place, "--dry-run").out
    assert "left over" in doitkit("gc", "-w", place).out
    assert list(place.rglob(".aside-*")) == []


def test_what_would_remove_too_much_is_refused(
    doitkit, tmp_path: Path, built: tuple[Path, Path, Path]
) -> None:
    recipe, _, place = built
    refused(doitkit("gc", "-w", place, "--datasets"), 2, "no dataset is said to be kept")
    recipe.write_text(recipe.read_text().replace("seed: 7", "seed: 9"))
    refused(doitkit("gc", recipe, "-w", place, "--datasets"), 2, "is not built")
    assert len(list(place.glob("datasets/*"))) == 2
    with Workspace(place).locked("a long build"):
        refused(doitkit("gc", "-w", place), 1, "the workspace is in use", "a long build")
    for command in ("du", "verify", "gc"):
        refused(doitkit(command, "-w", tmp_path / "none"), 2, "no workspace", "no such folder")
        refused(doitkit(command, "-w", recipe), 2, "no workspace", "it is a file")
