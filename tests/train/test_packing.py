"""Packed rows are trained exactly as they would be alone, or not at all."""

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM, MambaConfig, MambaForCausalLM

from doitkit.core.errors import UsageError
from doitkit.core.workers import WorkerPool
from doitkit.mix import Rung
from doitkit.recipe.training import Training
from doitkit.train.embedded.model import load_model
from doitkit.train.embedded.packing import Packing, packed, require_separation
from doitkit.train.tokens import IGNORED, Encoded
from tests.train.ladder import MIXED, project


def row(size: int, first: int = 5) -> Encoded:
    ids = [(first + 3 * at) % 40 + 4 for at in range(size)]
    return Encoded(ids, [IGNORED, *ids[1:]], size, size)


@given(st.lists(st.integers(1, 30), max_size=40))
def test_every_row_is_in_one_sequence_and_no_sequence_is_too_long(sizes: list[int]) -> None:
    rows = [row(size, at) for at, size in enumerate(sizes)]
    sequences = packed(rows, 30)
    assert sorted(id(r) for sequence in sequences for r in sequence) == sorted(map(id, rows))
    filled = [sum(len(r.input_ids) for r in sequence) for sequence in sequences]
    assert all(size <= 30 for size in filled)
    # Any two together would not fit into one, save by the order in which they came.
    assert sum(size <= 15 for size in filled) <= 1


def test_rows_of_a_sequence_leave_each_other_alone(tiny_model: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_model, attn_implementation="sdpa").eval()
    rows = [row(7), row(12, 9), row(3, 1)]

    def logits(*sequences: tuple[Encoded, ...]) -> torch.Tensor:
        batch = Packing(0)(sequences)
        batch.pop("labels")
        with torch.inference_mode():
            return model(**batch).logits

    together = logits(tuple(rows), (row(5),))[0]
    begin = 0
    for each in rows:
        end = begin + len(each.input_ids)
        torch.testing.assert_close(together[begin:end], logits((each,))[0], rtol=1e-4, atol=1e-4)
        begin = end


def test_the_loss_is_that_of_the_rows_apart(tiny_model: Path) -> None:
    model = load_model(str(tiny_model), settings(packing=True)).eval()
    rows = [row(7), row(12, 9), row(3, 1)]

    def nats(*sequences: tuple[Encoded, ...]) -> float:
        batch = Packing(0)(sequences)
        carry_loss = int((batch["labels"][:, 1:] != IGNORED).sum())
        with torch.inference_mode():
            return float(model(**batch).loss) * carry_loss

    assert nats(tuple(rows)) == pytest.approx(sum(nats((each,)) for each in rows), rel=1e-4)


def settings(**declared: Any) -> Training:
    return Training(base_model="m", dtype="float32", max_length=64, **declared)


def test_a_model_without_attention_is_refused() -> None:
    torch.manual_seed(0)
    model = MambaForCausalLM(
        MambaConfig(vocab_size=64, hidden_size=16, state_size=4, num_hidden_layers=1)
    )
    with pytest.raises(UsageError, match="cannot keep several rows of a sequence apart") as caught:
        require_separation(model, 64)
    assert "packing: false" in str(caught.value)


def test_a_window_shorter_than_the_rows_is_refused(tiny_model: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    model.config.sliding_window = 32
    require_separation(model, 32)
    with pytest.raises(UsageError, match="cannot keep several rows"):
        require_separation(model, 33)


@pytest.mark.slow
def test_a_packed_run_sees_every_token_in_fewer_steps(
    tiny_model: Path, tmp_path: Path, pool: WorkerPool
) -> None:
    plain = project(tmp_path / "plain", tiny_model)
    one = project(tmp_path / "packed", tiny_model, packing=True)
    _, apart = plain.train(pool, Rung(MIXED, (1,)))
    _, together = one.train(pool, Rung(MIXED, (1,)))
    assert together.tokens == apart.tokens
    assert together.tokens_seen == apart.tokens_seen
    assert together.steps < apart.steps
    assert together.train_loss is not None
