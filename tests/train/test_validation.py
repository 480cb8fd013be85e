"""A run that is watched keeps its best weights, ends in time, and survives a kill."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, set_seed

from doitkit.core.workers import WorkerPool
from doitkit.mix import Rung
from doitkit.train.embedded.fit import Fitted, Padding, fit
from doitkit.train.embedded.measure import bits_per_byte
from doitkit.train.embedded.model import load_model, load_tokenizer, with_adapters
from doitkit.train.tokens import IGNORED, Encoded, encode
from tests.train.ladder import MIXED, project
from tests.train.test_fit import CrashError, counted_batches, same, training, weights


@pytest.fixture(scope="module")
def rows(tiny_model: Path) -> list[Encoded]:
    tokenizer = load_tokenizer(str(tiny_model))
    return [
        encode(
            tokenizer,
            [
                {"role": "user", "content": f"Say {i}"},
                {"role": "assistant", "content": f"It is {i} \u2615."},
            ],
        )
        for i in range(24)
    ]


def fitted(
    model: Path, rows: list[Encoded], folder: Path, validation: dict[str, Any], **declared: Any
) -> Fitted:
    settings = training(validation=validation, **declared)
    set_seed(1)
    loaded = with_adapters(load_model(str(model), settings), settings)
    return fit(
        loaded,
        [(row,) for row in rows[4:]],
        settings,
        1,
        folder,
        "cpu",
        0,
        held_out=rows[:4],
    )


def test_bits_per_byte_is_what_its_name_says(tiny_model: Path, rows: list[Encoded]) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32).eval()
    bits = 0.0
    for row in rows[:4]:
        with torch.inference_mode():
            chances = model(torch.tensor([row.input_ids])).logits[0].log_softmax(-1)
        for at, label in enumerate(row.labels):
            if label != IGNORED:
                bits -= float(chances[at - 1, label]) / math.log(2)
    answers = [f"It is {i} \u2615." for i in range(4)]
    marks = rows[0].trained_bytes - len(answers[0].encode())
    size = sum(len(answer.encode()) + marks for answer in answers)
    assert sum(row.trained_bytes for row in rows[:4]) == size
    model.train()
    found = bits_per_byte(model, [Padding(0)([(row,) for row in rows[:4]])], size, low=False)
    assert found == pytest.approx(bits / size, rel=1e-5)
    assert model.training


def test_the_best_weights_are_kept_and_the_rule_is_stated(
    tiny_model: Path, rows: list[Encoded], tmp_path: Path
) -> None:
    # It ends after a step that was no better, so that the last weights are not the best.
    done = fitted(
        tiny_model,
        rows,
        tmp_path,
        {"every_steps": 1, "patience": 1},
        max_steps=60,
        learning_rate=0.2,
    )
    watch = done.watch
    assert watch is not None
    assert [step for step, _ in watch.measured] == list(range(1, done.steps + 1))
    best = min(value for _, value in watch.measured)
    assert dict(watch.measured)[watch.best_step] == best
    assert watch.best_step == done.steps - 1
    assert "the first of equals" in watch.rule
    assert done.weights is not None
    kept = AutoModelForCausalLM.from_pretrained(done.weights, dtype=torch.float32)
    pad = [Padding(0)([(row,) for row in rows[:4]])]
    size = sum(row.trained_bytes for row in rows[:4])
    assert bits_per_byte(kept, pad, size, low=False) == pytest.approx(best, rel=1e-5)


def test_a_run_that_no_longer_gets_better_ends(
    tiny_model: Path, rows: list[Encoded], tmp_path: Path
) -> None:
    done = fitted(
        tiny_model,
        rows,
        tmp_path,
        {"every_steps": 1, "patience": 3},
        max_steps=60,
        learning_rate=0.2,
    )
    assert done.watch is not None
    assert done.steps < done.asked == 60
    assert done.watch.measured[-1][0] == done.steps
    assert done.watch.best_step == done.steps - 3


@pytest.mark.parametrize("at", [3, 5])
@pytest.mark.parametrize("patience", [None, 3])
def test_a_watched_run_that_was_killed_ends_as_it_would_have(
    tiny_model: Path,
    rows: list[Encoded],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    at: int,
    patience: int | None,
) -> None:
    watched = {"every_steps": 2, "patience": patience}
    declared = {"max_steps": 20, "checkpoint_steps": at, "learning_rate": 0.1}
    whole = fitted(tiny_model, rows, tmp_path / "whole", watched, **declared)
    counted_batches(monkeypatch, crash_after=at + 2)
    with pytest.raises(CrashError):
        fitted(tiny_model, rows, tmp_path / "crashed", watched, **declared)
    monkeypatch.undo()
    again = fitted(tiny_model, rows, tmp_path / "crashed", watched, **declared)
    assert whole.watch is not None
    assert again.watch is not None
    assert again.watch.measured == whole.watch.measured
    assert (again.steps, again.losses) == (whole.steps, whole.losses)
    assert same(weights(whole), weights(again))
    assert (whole.weights is None) == (again.weights is None)
    if whole.weights is not None and again.weights is not None:
        files = [
            (each / "model.safetensors").read_bytes() for each in (whole.weights, again.weights)
        ]
        assert files[0] == files[1]


@pytest.mark.slow
def test_the_record_says_which_weights_were_kept_and_why(
    tiny_model: Path, tmp_path: Path, pool: WorkerPool
) -> None:
    watched = {"fraction": 0.3, "every_steps": 1, "patience": 2}
    made = project(
        tmp_path, tiny_model, validation=watched, max_steps=40, epochs=None, learning_rate=0.3
    )
    _, run = made.train(pool, Rung(MIXED, (1,)))
    steps = [step for step, _ in run.measured]
    assert steps == list(range(1, run.steps + 1))
    assert run.steps < 40
    assert run.kept_step == run.steps - 2
    assert run.ended == "2 measurements in a row were not better"
    assert f"{run.held_out} rows held out" in run.rule
    assert {path.name for path in made.folder_of(run).iterdir()}.isdisjoint({"best", "checkpoints"})
