import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from doitkit import api
from doitkit.core.errors import PlanError, UsageError, WorkspaceBusyError
from doitkit.core.files import read_json
from doitkit.core.workspace import Workspace
from doitkit.loop import LoopState, loop, open_turn
from doitkit.recipe import load_recipe
from doitkit.recipe.edit import replace_block
from tests.progress import Notes


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


def test_a_loop_that_could_not_end_in_advice_trains_nothing(project: Path) -> None:
    recipe = load_recipe(project / "recipe.yaml", settings=["advise="])
    with pytest.raises(UsageError, match="does not say what may be spent"):
        loop(recipe, Workspace(project / "ws"))
    assert not (project / "ws" / "runs").exists()
    assert not (project / "ws" / "datasets").exists()


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


CHECKED = "  supply: available\n  check_seeds: [5, 6]\n"


def variant(folder: Path, name: str, old: str, new: str) -> Path:
    """Write the recipe with `new` in the place of `old`; return its file."""
    text = (folder / "recipe.yaml").read_text()
    assert old in text
    file = folder / f"{name}.yaml"
    file.write_text(text.replace(old, new))
    return file


def test_the_next_recipe_can_be_planned_before_its_rows_are_bought(
    folder: Path, state: LoopState
) -> None:
    rich = variant(folder, "rich", CHECKED, "")
    rich.write_text(rich.read_text().replace("budget: 1\n", "budget: 100\n"))
    with open_turn(rich, Workspace(folder / "ws")) as turn:
        following = turn.next_recipe
    assert following.name == "rich.next.yaml"
    plan = api.plan(following)
    assert plan.to_buy
    assert plan.as_json()["still_to_be_bought"]
    dataset = api.build(following, folder / "ws")
    with pytest.raises(PlanError, match="more rows than were built"):
        dataset.rows_of(plan.today)


def test_a_following_turn_does_not_overwrite_its_recipe(folder: Path, state: LoopState) -> None:
    text = state.next_recipe.read_text()
    again = loop(state.next_recipe, Workspace(folder / "ws"))
    assert (state.next_recipe.name, again.next_recipe.name) == (
        "recipe.next.yaml",
        "recipe.next2.yaml",
    )
    assert state.next_recipe.read_text() == text


def test_what_cannot_be_compared_is_not_trained(folder: Path, state: LoopState) -> None:
    poor = variant(folder, "poor", "budget: 1\n", "budget: 0\n")
    poor.write_text(replace_block(poor.read_text(), "mixture", {"counts": {}}))
    before = set((folder / "ws" / "runs").iterdir())
    notes = Notes()
    assert loop(poor, Workspace(folder / "ws"), progress=notes).check is None
    assert "no check of the advice: the advice and the equal split are the same mixture" in (
        notes.lines
    )
    assert set((folder / "ws" / "runs").iterdir()) == before


def test_a_report_trains_nothing(folder: Path, state: LoopState) -> None:
    other = variant(folder, "other", "check_seeds: [5, 6]", "check_seeds: [5, 6, 7]")
    before = set((folder / "ws" / "runs").iterdir())
    notes = Notes()
    file = api.report(other, folder / "ws", progress=notes)
    assert any("not checked yet" in line for line in notes.lines)
    assert set((folder / "ws" / "runs").iterdir()) == before
    unchecked = file.read_text()
    assert api.report(folder / "recipe.yaml", folder / "ws").read_text() != unchecked
    with open_turn(folder / "recipe.yaml", Workspace(folder / "ws")) as turn:
        assert turn.finished_check() == state.check


GENERATED = """
curate: {dedup: within_origin}
generators:
  teacher: {provider: openai, model: none, base_url: "http://127.0.0.1:1/v1"}
"""


@pytest.mark.parametrize("verb", [api.build, api.train, api.evaluate, api.recommend, api.report])
def test_no_verb_but_synth_and_loop_asks_a_generator(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: Callable[..., object]
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    answers = "{answer: {prompts_from: conversions, generator: teacher, rows: 2}}"
    file = variant(folder, "generated", "\nsources:\n", f"\nsources:\n  more: {answers}\n")
    text = file.read_text().replace("[conversions, conv", "[conversions, more, conv")
    file.write_text(text + GENERATED)
    with pytest.raises(UsageError, match="`more` is not generated yet") as caught:
        verb(file, tmp_path / "ws")
    assert "doitkit synth" in str(caught.value)
    with pytest.raises(UsageError, match="no API key"):
        api.synthesize(file, tmp_path / "ws")


BARE = '''
import sys

class Missing:
    """Finds no part of the extras, as if they were not installed."""

    def find_spec(self, name, *_):
        if name.split(".")[0] in ("torch", "transformers", "peft", "lm_eval", "accelerate"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
from doitkit import api
for verb in sys.argv[3:]:
    print(getattr(api, verb)(*sys.argv[1:3]))
'''


def without_extras(recipe: Path, workspace: Path, *verbs: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", BARE, str(recipe), str(workspace), *verbs]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_what_is_trained_and_scored_is_advised_from_without_the_extras(
    folder: Path, state: LoopState
) -> None:
    verbs = ("evaluate", "recommend", "report")
    done = without_extras(folder / "recipe.yaml", folder / "ws", *verbs)
    assert done.returncode == 0, done.stderr
    # Where something is still to be trained, the extra is asked for.
    more = variant(folder, "more", "sizes: [2, 4, 8]", "sizes: [2, 4, 6]")
    done = without_extras(more, folder / "ws", "train")
    assert "the extra [train] is not installed" in done.stderr
