"""Steps, padding and checkpoints of the training loop."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, set_seed

from doitkit.core.errors import TrainingError
from doitkit.recipe.training import Training
from doitkit.train.embedded.fit import Padding, fit
from doitkit.train.embedded.model import load_model, load_tokenizer, with_adapters
from doitkit.train.steps import epochs, total_steps
from doitkit.train.tokens import IGNORED, Encoded, encode

pytestmark = pytest.mark.slow


def training(**declared: Any) -> Training:
    settings = {"dtype": "float32", "batch_size": 4, "learning_rate": 1e-2, **declared}
    return Training.model_validate({"base_model": "unused", "device": "cpu", **settings})


@pytest.mark.parametrize(
    ("rows", "declared", "steps", "passes"),
    [
        (12, {"epochs": 2}, 6, 2.0),
        (13, {"epochs": 2}, 8, 2.0),
        (12, {"epochs": 0.5}, 2, 0.5),
        (1, {"epochs": 0.1}, 1, 0.1),
        (12, {}, 9, 3.0),
        (12, {"max_steps": 7}, 7, 7 / 3),
        (2, {"max_steps": 7}, 7, 7.0),
    ],
)
def test_steps_and_epochs(rows: int, declared: dict[str, Any], steps: int, passes: float) -> None:
    assert total_steps(rows, training(**declared)) == steps
    assert epochs(rows, training(**declared)) == pytest.approx(passes)


def test_padding_changes_no_loss_though_it_is_the_end_mark(tiny_model: Path) -> None:
    tokenizer = load_tokenizer(str(tiny_model))
    tokenizer.pad_token = tokenizer.eos_token
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32).eval()
    rows = [
        encode(
            tokenizer,
            [{"role": "user", "content": q}, {"role": "assistant", "content": a}],
        )
        for q, a in (("Hi", "Hello"), ("What is it that you want?", "Nothing at all, thank you."))
    ]
    pad = Padding(tokenizer.eos_token_id)
    batch = pad([(row,) for row in rows])
    short, long = (len(row.input_ids) for row in rows)
    assert batch["attention_mask"].tolist() == [[1] * short + [0] * (long - short), [1] * long]
    assert batch["labels"][0, short:].eq(IGNORED).all()
    # The end mark is trained although padding has the same id.
    assert batch["labels"][0, short - 1] == tokenizer.eos_token_id

    def summed(part: dict[str, torch.Tensor]) -> float:
        trained = int((part["labels"] != IGNORED).sum())
        with torch.inference_mode():
            return float(model(**part).loss) * trained

    apart = sum(summed(pad([(row,)])) for row in rows)
    assert summed(batch) == pytest.approx(apart, rel=1e-5)


@pytest.fixture(scope="module")
def encoded(tiny_model: Path) -> list[Encoded]:
    tokenizer = load_tokenizer(str(tiny_model))
    return [
        encode(
            tokenizer,
            [
                {"role": "user", "content": f"Say {'ab' * (i % 5)} and {i}"},
                {"role": "assistant", "content": f"{i}" * (i % 4 + 1)},
            ],
        )
        for i in range(22)
    ]


def fitted(
    model: Path, encoded: list[Encoded], folder: Path, seed: int = 1, **declared: Any
) -> Any:
    settings = training(**declared)
    set_seed(seed)
    loaded = with_adapters(load_model(str(model), settings), settings)
    return fit(loaded, [(row,) for row in encoded], settings, seed, folder, "cpu", 0)


def weights(done: Any) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in done.model.state_dict().items()}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(value, other[name]) for name, value in one.items())


class CrashError(Exception):
    """Stands for a kill at a place where a signal cannot be timed."""


def counted_batches(patch: pytest.MonkeyPatch, crash_after: int | None = None) -> list[int]:
    """Count the batches that are put together from now on; crash when there are too many."""
    patch.undo()
    real = Padding.__call__
    sizes: list[int] = []

    def counting(self: Padding, rows: Any) -> Any:
        if len(sizes) == crash_after:
            raise CrashError
        sizes.append(len(rows))
        return real(self, rows)

    patch.setattr(Padding, "__call__", counting)
    return sizes


@pytest.mark.parametrize(
    "more",
    [{}, {"micro_batch_size": 2}, {"method": "lora", "lora": {"r": 2, "dropout": 0.2}}],
    ids=["full", "accumulated", "lora"],
)
@pytest.mark.parametrize("at", [3, 7, 12])
def test_a_run_resumed_from_any_epoch_ends_with_the_same_weights(
    tiny_model: Path,
    encoded: list[Encoded],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    at: int,
    more: dict[str, Any],
) -> None:
    declared = {"epochs": 3, "checkpoint_steps": at, **more}
    accumulated = 2 if "micro_batch_size" in more else 1
    whole = fitted(tiny_model, encoded, tmp_path / "whole", **declared)
    assert whole.steps == 18

    counted_batches(monkeypatch, crash_after=(at + 2) * accumulated)
    with pytest.raises(CrashError):
        fitted(tiny_model, encoded, tmp_path / "crashed", **declared)
    left = tmp_path / "crashed" / "checkpoints"
    assert [p.name for p in left.iterdir()] == [f"checkpoint-{at}"]
    # Half a checkpoint, as a kill in the middle of writing leaves it: newer, but not whole.
    shutil.copytree(left / f"checkpoint-{at}", left / f"checkpoint-{at + 1}")
    (left / f"checkpoint-{at + 1}" / "whole").unlink()
    for file in (left / f"checkpoint-{at + 1}").glob("*.safetensors"):
        file.write_bytes(b"half")

    batches = counted_batches(monkeypatch)
    again = fitted(tiny_model, encoded, tmp_path / "crashed", **declared)
    assert len(batches) <= (18 - at) * accumulated
    assert same(weights(whole), weights(again))
    assert again.losses == whole.losses
    assert again.loss == whole.loss
    assert not left.exists()


def test_a_small_run_writes_no_checkpoint(
    tiny_model: Path, encoded: list[Encoded], tmp_path: Path
) -> None:
    fitted(tiny_model, encoded, tmp_path, max_steps=3, checkpoint_steps=3)
    assert list(tmp_path.rglob("*.safetensors")) == []


def test_losses_are_told_over_some_twenty_stretches(
    tiny_model: Path, encoded: list[Encoded], tmp_path: Path
) -> None:
    done = fitted(tiny_model, encoded, tmp_path, max_steps=45)
    steps = [step for step, _ in done.losses]
    assert steps == [*range(2, 45, 2), 45]
    assert done.losses[-1][1] < done.losses[0][1]
    assert done.loss == pytest.approx(
        (2 * sum(loss for _, loss in done.losses[:-1]) + done.losses[-1][1]) / 45
    )


def test_a_diverging_run_is_an_error(
    tiny_model: Path, encoded: list[Encoded], tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match="diverged") as caught:
        fitted(tiny_model, encoded, tmp_path, max_steps=6, learning_rate=1e30)
    assert caught.value.exit_code == 1
    assert "learning_rate" in str(caught.value)
