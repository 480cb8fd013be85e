"""What is read from the trainer's checkpoints, and from the headers of weights."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from doitkit.core.errors import TrainingError
from doitkit.recipe.training import Validation
from doitkit.train.axolotl import metrics
from doitkit.train.losses import stretches
from doitkit.train.tokens import IGNORED, Encoded


def checkpoint(output: Path, step: int, **told: Any) -> Path:
    folder = output / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    state = {
        "global_step": step,
        "max_steps": 20,
        "epoch": 0.5,
        "log_history": [{"step": at, "loss": 3.0 - at / 10} for at in range(1, step + 1)],
        **told,
    }
    (folder / "trainer_state.json").write_text(json.dumps(state))
    return folder


def test_the_newest_whole_checkpoint_counts(tmp_path: Path) -> None:
    assert metrics.last_state(tmp_path) is None
    checkpoint(tmp_path, 2)
    whole = checkpoint(tmp_path, 10)
    (checkpoint(tmp_path, 12) / "trainer_state.json").write_text('{"global_step": 1')
    (tmp_path / "checkpoint-14").mkdir()
    state = metrics.last_state(tmp_path)
    assert state is not None
    assert (state.folder, state.step, state.asked, state.epochs) == (whole, 10, 20, 0.5)
    assert state.losses == pytest.approx([3.0 - at / 10 for at in range(1, 11)])


def test_what_was_measured_after_the_first_step(tmp_path: Path) -> None:
    log = [{"step": 0, "eval_loss": 5.0}, {"step": 4, "eval_loss": 3.0}]
    folder = checkpoint(tmp_path, 4, log_history=log, best_model_checkpoint="/x/checkpoint-4")
    state = metrics.state_of(folder)
    assert state is not None
    assert state.held_out == [(4, 3.0)]
    assert state.kept == 4
    assert metrics.rule(Validation(every_steps=4), 9, state).startswith("the step of the fewest")


def test_where_nothing_was_better_than_the_base_the_last_step_is_kept(tmp_path: Path) -> None:
    state = metrics.state_of(checkpoint(tmp_path, 4, best_model_checkpoint=None))
    assert state is not None
    assert state.kept == 4
    assert "no step was better" in metrics.rule(Validation(every_steps=4), 9, state)


@pytest.mark.parametrize(
    "entry", [{"loss": float("nan")}, {"loss": 1.0, "grad_norm": float("inf")}]
)
def test_a_training_that_diverged(tmp_path: Path, entry: dict[str, float]) -> None:
    log = [{"step": 1, "loss": 2.0}, {"step": 2, **entry}]
    state = metrics.state_of(checkpoint(tmp_path, 2, log_history=log))
    assert state is not None
    with pytest.raises(TrainingError, match="diverged") as caught:
        metrics.require_finite(state)
    assert caught.value.where == "step 2"


def test_bits_per_byte() -> None:
    rows = [Encoded([1, 2, 3], [IGNORED, 2, 3], 6, 3), Encoded([4, 5], [IGNORED, 5], 2, 2)]
    # Three tokens of 8 bits each, over eight bytes.
    assert metrics.bits_per_byte(8 * 0.6931471805599453, rows) == pytest.approx(3.0)


def test_stretches_are_means_up_to_their_last_step() -> None:
    losses = [float(at) for at in range(1, 61)]
    found = stretches(losses)
    assert len(found) == 20
    assert found[0] == (3, 2.0)
    assert found[-1] == (60, 59.0)


def test_parameters_are_counted_from_headers(tmp_path: Path, tiny_model: Path) -> None:
    from transformers import AutoModelForCausalLM

    save_file({"a": torch.zeros(2, 3), "b": torch.zeros(5)}, tmp_path / "one.safetensors")
    save_file({"c": torch.zeros(())}, tmp_path / "two.safetensors")
    assert metrics.parameters_of(str(tmp_path)) == 12
    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    assert metrics.parameters_of(str(tiny_model)) == sum(p.numel() for p in model.parameters())
