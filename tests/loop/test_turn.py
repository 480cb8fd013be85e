from pathlib import Path

import pytest

from doitkit.core.errors import UsageError, WorkspaceBusyError
from doitkit.core.files import read_json
from doitkit.core.workspace import Workspace
from doitkit.loop import LoopState, loop, open_turn
from doitkit.recipe import load_recipe
from doitkit.recipe.edit import replace_block


@pytest.fixture(scope="module")
def state(looped: tuple[Path, LoopState]) -> LoopState:
    return looped[1]


@pytest.fixture(scope="module")
def folder(looped: tuple[Path, LoopState]) -> Path:
    return looped[0]


def test_a_turn_leaves_advice_report_tables_and_a_recipe_that_loads(
    folder: Path, state: LoopState
) -> None:
    assert state.report.read_text().startswith("<!doctype html>")
    following = load_recipe(state.next_recipe)
    assert following.mixture.counts == state.recommendation.plan.as_recipe()
    for name in ("compositions.csv", "runs.csv", "scores.csv"):
        assert (folder / "ws" / "tables" / name).stat().st_size > 0
    answers = list((folder / "ws" / "advice").glob("*.json"))
    assert any(read_json(a).get("recipe") == "starter" for a in answers)


def test_the_base_model_is_the_run_without_data(folder: Path, state: LoopState) -> None:
    with open_turn(folder / "recipe.yaml", Workspace(folder / "ws")) as turn:
        runs, missing = turn.trained()
    assert missing == 0
    assert len(runs) == state.runs
    assert runs[0].method == "none"
    assert runs[0].rows == 0
    assert all(run.rows > 0 for run in runs[1:])


def test_a_second_turn_trains_and_scores_nothing(folder: Path, state: LoopState) -> None:
    before = {p: p.stat().st_mtime_ns for p in (folder / "ws" / "runs").glob("*/run.json")}
    again = loop(folder / "recipe.yaml", Workspace(folder / "ws"))
    after = {p: p.stat().st_mtime_ns for p in (folder / "ws" / "runs").glob("*/run.json")}
    assert before == after
    assert again.recommendation.as_json() == state.recommendation.as_json()


def test_the_advice_is_checked_where_the_recipe_asks_for_it(folder: Path, state: LoopState) -> None:
    assert state.check is not None
    assert len(state.check.advised.per_seed) == 2
    assert read_json(folder / "ws" / "advice" / "check.json")["verdict"] == state.check.verdict


def test_a_workspace_in_use_is_refused(folder: Path) -> None:
    workspace = Workspace(folder / "ws")
    with workspace.locked("something long"), pytest.raises(WorkspaceBusyError) as caught:
        loop(folder / "recipe.yaml", workspace)
    assert "something long" in str(caught.value)


@pytest.mark.parametrize(
    ("block", "message"),
    [("ladder", "declares no runs"), ("train", "how to train"), ("advise", "may be spent")],
)
def test_what_a_turn_needs_and_the_recipe_lacks_is_said(
    folder: Path, tmp_path: Path, block: str, message: str
) -> None:
    text = replace_block((folder / "recipe.yaml").read_text(), block, None)
    file = folder / f"without-{block}.yaml"
    file.write_text(text)
    with pytest.raises(UsageError, match=message):
        loop(file, Workspace(tmp_path / "ws"))
