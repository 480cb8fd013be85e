"""What can go of a workspace goes, and nothing that costs money or that a dataset stands on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from doitkit.build import build
from doitkit.build.garbage import Garbage, Rules, garbage, remove, steps_of
from doitkit.build.usage import usage
from doitkit.core.workspace import Workspace
from doitkit.recipe import Recipe
from doitkit.survey.tokens import TokenCounter
from tests.project import load_project

BOUNDED = "curate: {max_chars: 40}\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "ws")


@pytest.fixture
def recipe(tmp_path: Path, workspace: Workspace) -> Recipe:
    """A recipe that is built, beside another dataset over the same files."""
    build(load_project(tmp_path, BOUNDED), workspace)
    recipe = load_project(tmp_path)
    build(recipe, workspace)
    return recipe


def _kinds(found: list[Garbage]) -> list[str]:
    return sorted({one.path.parent.name if one.kind == "step" else one.kind for one in found})


def _files(workspace: Workspace) -> Iterator[tuple[str, int]]:
    for path in sorted(workspace.root.rglob("*")):
        if path.is_file():
            yield str(path), path.stat().st_mtime_ns


def test_after_builds_nothing_can_go(workspace: Workspace, recipe: Recipe) -> None:
    assert garbage(workspace, Rules()) == []
    assert sum(one.unneeded for one in usage(workspace)) == 0


def test_steps_of_another_dataset_go_and_the_build_is_found(
    workspace: Workspace, recipe: Recipe
) -> None:
    kept = build(recipe, workspace)
    found = garbage(workspace, Rules(datasets=[kept.folder]))
    # What was read serves both; what was left out of it does not.
    assert _kinds(found) == ["decontaminate", "dedup", "filter"]
    before = dict(_files(workspace))
    remove(found)
    after = dict(_files(workspace))
    assert after.items() < before.items()
    assert len(list(workspace.datasets.iterdir())) == 2
    assert garbage(workspace, Rules(datasets=[kept.folder])) == []
    assert build(recipe, workspace) == kept


def test_all_steps_can_go_and_are_made_again(
    tmp_path: Path, workspace: Workspace, recipe: Recipe
) -> None:
    kept = build(recipe, workspace)
    remove(garbage(workspace, Rules(steps=False)))
    assert steps_of(workspace) == []
    assert build(recipe, workspace) == kept
    assert steps_of(workspace) == []
    again = build(load_project(tmp_path, BOUNDED + "description: another\n"), workspace)
    assert again.pool().height == kept.pool().height - 12


def test_datasets_go_only_where_that_is_asked_for(workspace: Workspace, recipe: Recipe) -> None:
    kept = build(recipe, workspace)
    rules = Rules(datasets=[kept.folder], others=False)
    found = garbage(workspace, rules)
    (dataset,) = (one for one in found if one.kind == "dataset")
    assert dataset.path != kept.folder
    assert dataset.bytes > 1000
    remove(found)
    assert list(workspace.datasets.iterdir()) == [kept.folder]
    assert build(recipe, workspace) == kept


def test_what_is_young_is_kept(workspace: Workspace, recipe: Recipe) -> None:
    everything = steps_of(workspace)
    old = everything[0]
    os.utime(old, (0, 0))
    found = garbage(workspace, Rules(steps=False, days=1))
    assert [one.path for one in found] == [old]


def test_counts_of_tokens_go_with_the_rows_that_were_counted(
    tmp_path: Path, workspace: Workspace, recipe: Recipe
) -> None:
    from doitkit.core.store import Store
    from doitkit.survey import survey

    survey(recipe, store=Store(workspace.steps)).tokens(TokenCounter())
    counted = list((workspace.steps / "tokens").iterdir())
    assert len(counted) == 3
    assert garbage(workspace, Rules()) == []
    with (tmp_path / "sums-human.jsonl").open("a") as file:
        file.write('{"prompt": "A new one", "completion": "Indeed."}\n')
    newest = build(recipe, workspace)
    found = garbage(workspace, Rules(datasets=[newest.folder]))
    assert [one.path.name for one in found if one.path.parent.name == "tokens"] != []
    assert len([one for one in found if one.path.parent.name == "tokens"]) == 1


def test_what_killed_processes_left_goes_and_what_was_paid_for_stays(
    workspace: Workspace, recipe: Recipe
) -> None:
    for name in ("steps/read", "datasets", "runs", "probes", "."):
        left = workspace.root / name / ".aside-1-abc"
        left.mkdir(parents=True)
        (left / "half").write_bytes(b"x" * 100)
    for name in ("runs/a/run.json", "scores/a/s.arrow", "synth/ledger.sqlite", "advice/a.json"):
        (workspace.root / name).parent.mkdir(parents=True, exist_ok=True)
        (workspace.root / name).write_text("precious")
    found = garbage(workspace, Rules(steps=False, others=False, datasets=[]))
    left = [one for one in found if one.kind == "left over"]
    assert len(left) == 5
    assert {one.bytes for one in left} == {100}
    by_kind = {one.kind: one for one in usage(workspace)}
    assert by_kind["left over by killed processes"].amounts == (5, 500, 500)
    remove(found)
    assert not list(workspace.root.rglob(".aside-*"))
    assert {path.read_text() for path in workspace.root.rglob("*") if path.is_file()} == {
        "precious"
    }


def test_the_room_of_a_workspace_adds_up(workspace: Workspace, recipe: Recipe) -> None:
    (workspace.root / "synth").mkdir()
    (workspace.root / "synth" / "ledger.sqlite").write_bytes(b"x" * 50)
    found = usage(workspace)
    assert next(one.kind for one in found) == "answers of generators"
    whole = sum(size for size in (Path(p).stat().st_size for p, _ in _files(workspace)))
    assert sum(one.bytes for one in found) == whole
    steps = steps_of(workspace)
    assert sum(one.items for one in found if one.kind.startswith("steps: ")) == len(steps)


def test_a_dataset_with_a_damaged_manifest_stands_on_nothing(
    workspace: Workspace, recipe: Recipe
) -> None:
    for dataset in workspace.datasets.iterdir():
        (dataset / "manifest.json").write_text("{")
    assert len(garbage(workspace, Rules())) == len(steps_of(workspace))
