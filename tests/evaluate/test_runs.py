"""Scoring trained runs: every run on every item, once, wherever the workspace lies."""

import math
import multiprocessing
import os
import shutil
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from peft import PeftModel

from doitkit.core.errors import EvaluationError, ModelError, UsageError
from doitkit.core.hashing import digest_text
from doitkit.core.models import rendered
from doitkit.core.workers import WorkerPool
from doitkit.core.workspace import Workspace
from doitkit.evaluate import Scores, Subject, read_scores, score_subjects
from doitkit.evaluate.items import questions
from doitkit.evaluate.score import BINARY, mean_and_stderr
from doitkit.train import Run
from tests.evaluate.plain import Plain
from tests.train.ladder import MIXED, SUMS, Project, project, rungs

pytestmark = pytest.mark.slow


def subjects(made: Project, runs: list[Run], workspace: Workspace | None = None) -> list[Subject]:
    place = workspace or made.workspace
    return [
        Subject(
            run_id=run.run_id,
            base_path=run.base_path,
            weights=None if run.method == "none" else place.runs / run.run_id / "model",
            method=run.method,
            dtype=run.dtype,
            device=run.device,
            batch_size=8,
            threads=1,
        )
        for run in runs
    ]


def score(
    made: Project, scored: list[Subject], pool: WorkerPool, workspace: Workspace | None = None
) -> Scores:
    return score_subjects(made.recipe, made.dataset, scored, workspace or made.workspace, pool)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Project:
    return project(tmp_path_factory.mktemp("made"), tiny_model)


@pytest.fixture(scope="module")
def runs(made: Project, pool: WorkerPool) -> list[Run]:
    """The base, two full runs, and one of adapters."""
    lora = made.recipe.model_copy(
        update={
            "train": made.recipe.train.model_copy(update={"method": "lora"})
            if made.recipe.train
            else None
        }
    )
    lora._file = made.recipe.file
    full = made.train(pool, *rungs([SUMS, MIXED], 1))
    return [*full, Project(lora, made.dataset, made.workspace).train(pool, *rungs([SUMS], 1))[1]]


@pytest.fixture(scope="module")
def found(made: Project, runs: list[Run], pool: WorkerPool) -> Scores:
    return score(made, subjects(made, runs), pool)


def test_every_run_is_scored_on_every_ability_in_order(
    made: Project, runs: list[Run], found: Scores
) -> None:
    assert [(s.run_id, s.ability) for s in found.scores] == [
        (run.run_id, ability) for run in runs for ability in ("sums", "words")
    ]
    assert {(s.ability, s.metric, s.n_items, s.chance) for s in found.scores} == {
        ("sums", "bits_per_byte", 10, 8.0),
        ("words", "multiple_choice", 5, 0.5),
    }
    template = Plain(Path(runs[0].base_path)).tokenizer.chat_template
    assert {s.chat_template_hash for s in found.scores} == {digest_text(template)}


def test_a_score_is_the_mean_of_its_items(made: Project, found: Scores) -> None:
    ids = {
        ability: {row["id"] for row in made.dataset.items().to_dicts() if row["ability"] == ability}
        for ability in ("sums", "words")
    }
    for s in found.scores:
        items = {i.item: i.value for i in found.items if (i.run_id, i.task) == (s.run_id, s.task)}
        assert items.keys() == ids[s.ability]
        expected = mean_and_stderr(list(items.values()), binary=s.metric in BINARY)
        assert (s.value, s.stderr) == expected
        if s.metric in BINARY:
            assert set(items.values()) <= {0.0, 1.0}


def test_each_run_is_scored_with_its_own_weights(
    made: Project, runs: list[Run], found: Scores
) -> None:
    """Full weights and adapters alike, against a computation without the harness."""
    bits = {s.run_id: s.value for s in found.scores if s.ability == "sums"}
    assert len(set(bits.values())) == len(runs)
    declared = made.recipe.abilities["sums"].evaluate
    rows = [row for row in made.dataset.items().to_dicts() if row["ability"] == "sums"]
    for run in runs:
        folder = made.folder_of(run) / "model"
        plain = Plain(folder if run.method == "full" else Path(run.base_path))
        if run.method == "lora":
            plain.model = PeftModel.from_pretrained(plain.model, folder).eval()
        with torch.inference_mode():
            expected = [
                plain.nats(rendered(plain.tokenizer, q.messages, prompt=True), q.answer)
                / math.log(2)
                / len(q.answer)
                for q in questions(rows, declared)
            ]
        assert bits[run.run_id] == pytest.approx(sum(expected) / len(expected), rel=1e-4)


def test_what_is_scored_is_read_back_the_same(
    made: Project, runs: list[Run], found: Scores, pool: WorkerPool
) -> None:
    def identities() -> dict[str, int]:
        return {f.parent.name: f.stat().st_ino for f in made.workspace.scores.glob("*/*.arrow")}

    before = identities()
    assert score(made, subjects(made, runs), pool) == found
    assert identities() == before
    # In another order, and with another batch size, they are the same scores.
    again = score(made, [replace(s, batch_size=3) for s in subjects(made, runs)[::-1]], pool)
    assert set(again.items) == set(found.items)
    assert identities() == before
    folders = [read_scores(folder) for folder in made.workspace.scores.iterdir()]
    assert {s for part in folders for s in part.scores} == set(found.scores)


def test_runs_share_one_folder_of_tasks(made: Project, found: Scores) -> None:
    assert found.scores
    (folder,) = (found for found in made.workspace.tasks.iterdir() if found.is_dir())
    assert {p.name for p in folder.iterdir()} == {
        f"doitkit_{ability}.{end}" for ability in ("sums", "words") for end in ("yaml", "jsonl")
    }


def test_a_moved_workspace_scores_the_same(
    made: Project, runs: list[Run], found: Scores, pool: WorkerPool, tmp_path: Path
) -> None:
    moved = Workspace(tmp_path / "moved")
    shutil.copytree(made.workspace.root, moved.root)
    shutil.rmtree(moved.scores)
    for file in (moved.root / "cache").rglob("*"):
        assert not file.is_symlink()
    again = score(made, subjects(made, runs, moved), pool, moved)
    assert again == found
    yaml = next(moved.tasks.rglob("*.yaml")).read_text()
    assert str(moved.root) in yaml
    assert str(made.workspace.root) not in yaml


def test_a_run_whose_weights_are_gone_is_a_wrong_request(
    made: Project, runs: list[Run], pool: WorkerPool, tmp_path: Path
) -> None:
    elsewhere = Workspace(tmp_path / "ws")
    with pytest.raises(UsageError, match="weights of a trained run are gone"):
        score(made, subjects(made, runs, elsewhere)[1:], pool, elsewhere)


def test_a_model_that_cannot_be_scored_stops_no_other(
    made: Project, runs: list[Run], pool: WorkerPool, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path / "ws")
    good, bad = subjects(made, runs[:2])
    broken = tmp_path / "broken"
    shutil.copytree(bad.weights or "", broken)
    (broken / "model.safetensors").write_bytes(b"half")
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        score(made, [replace(bad, weights=broken), good], pool, workspace)
    assert str(broken) in str(caught.value)
    (folder,) = workspace.scores.iterdir()
    assert {s.run_id for s in read_scores(folder).scores} == {good.run_id}


def test_a_failing_harness_is_told_with_the_number_of_models(
    tiny_model: Path, made: Project, runs: list[Run], pool: WorkerPool, tmp_path: Path
) -> None:
    sums = made.recipe.abilities["sums"]
    too_long = sums.evaluate.model_copy(update={"metric": "exact_match", "max_new_tokens": 999})
    abilities = {
        **made.recipe.abilities,
        "sums": sums.model_copy(update={"evaluate": too_long}),
    }
    recipe = made.recipe.model_copy(update={"abilities": abilities})
    workspace = Workspace(tmp_path / "ws")
    with pytest.raises(EvaluationError, match="2 models could not be scored") as caught:
        score_subjects(recipe, made.dataset, subjects(made, runs[:2]), workspace, pool)
    assert "999" in str(caught.value)


def test_a_worker_that_is_killed_is_replaced(
    made: Project, runs: list[Run], found: Scores, pool: WorkerPool, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path / "ws")

    def kill() -> None:
        # The harness writes its cache when it has loaded the model and begins to score.
        while not (workspace.root / "cache").exists():
            time.sleep(0.001)
        for child in multiprocessing.active_children():
            os.kill(child.pid or 0, signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    again = score(made, subjects(made, runs[:2]), pool, workspace)
    assert again.scores == found.scores[:4]
    killer.join(timeout=1)
    assert not killer.is_alive()
