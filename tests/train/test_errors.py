"""What cannot be trained is said on one screen, before or instead of training."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from doitkit.core.errors import DoitkitError, ModelError, UsageError
from doitkit.core.files import read_json, write_json
from doitkit.core.workers import WorkerPool
from doitkit.mix import Rung
from doitkit.recipe.training import Training
from doitkit.train import open_backend, train_rungs
from doitkit.train.embedded.model import device_of
from doitkit.train.ladder import plan_jobs
from tests.models import byte_tokenizer, write_weights
from tests.project import load_project
from tests.train.ladder import SUMS, project

pytestmark = pytest.mark.slow

RUNG = Rung(SUMS, (1,))


def refused(
    folder: Path, pool: WorkerPool, base_model: Path | str, **training: Any
) -> DoitkitError:
    # A damaged tokenizer is found when the build counts tokens, all else when training begins.
    with pytest.raises(DoitkitError) as caught:
        project(folder / "project", base_model, **training).train(pool, RUNG)
    shown = str(caught.value)
    assert caught.value.exit_code == 2
    assert caught.value.next_step
    assert len(shown.splitlines()) <= 6
    assert max(map(len, shown.splitlines())) < 500
    return caught.value


@pytest.fixture
def copied(tiny_model: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model, to be broken."""
    shutil.copytree(tiny_model, tmp_path / "model")
    return tmp_path / "model"


def test_a_recipe_that_does_not_train(tmp_path: Path, pool: WorkerPool) -> None:
    made = project(tmp_path / "made", "unused")
    recipe = load_project(tmp_path / "made")
    with pytest.raises(UsageError, match="does not say how to train"):
        train_rungs(recipe, made.dataset, [RUNG], made.workspace, pool)


def test_a_missing_folder(tmp_path: Path, pool: WorkerPool) -> None:
    error = refused(tmp_path, pool, "./nowhere")
    assert isinstance(error, ModelError)
    assert "does not exist" in error.what


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_folder_that_is_no_model(
    tmp_path: Path, pool: WorkerPool, copied: Path, missing: str
) -> None:
    (copied / missing).unlink()
    error = refused(tmp_path, pool, copied)
    assert isinstance(error, ModelError)
    assert error.why is not None
    assert missing.replace("model.", "*.") in error.why


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("model.safetensors", b"half"),
        ("model.safetensors", b""),
        ("config.json", b"{"),
        ("config.json", b'{"model_type": "no-such-architecture"}'),
        ("tokenizer.json", b"{"),
        ("tokenizer.json", b""),
    ],
)
def test_a_damaged_model(
    tmp_path: Path, pool: WorkerPool, copied: Path, file: str, content: bytes
) -> None:
    (copied / file).write_bytes(content)
    error = refused(tmp_path, pool, copied)
    assert isinstance(error, ModelError)
    assert error.where == str(copied)


def test_weights_cut_short(tmp_path: Path, pool: WorkerPool, copied: Path) -> None:
    file = copied / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    assert isinstance(refused(tmp_path, pool, copied), ModelError)


def test_a_tokenizer_of_another_model(tmp_path: Path, pool: WorkerPool, copied: Path) -> None:
    tokenizer = byte_tokenizer(None, [])
    tokenizer.save_pretrained(copied)
    error = refused(tmp_path, pool, copied)
    assert isinstance(error, ModelError)
    assert "tokens" in str(error)


def test_a_tokenizer_without_an_end(tmp_path: Path, pool: WorkerPool) -> None:
    folder = tmp_path / "model"
    tokenizer = byte_tokenizer(None, [], eos=None)
    tokenizer.save_pretrained(folder)
    write_weights(folder, tokenizer)
    assert "end-of-text" in refused(tmp_path, pool, folder).what


def test_an_unknown_backend(tmp_path: Path, pool: WorkerPool, tiny_model: Path) -> None:
    error = refused(tmp_path, pool, tiny_model, backend="embeded")
    assert "embedded" in str(error.why)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_device_that_is_not_there(tmp_path: Path, pool: WorkerPool, tiny_model: Path) -> None:
    error = refused(tmp_path, pool, tiny_model, device="cuda")
    assert error.where == "train.device: cuda"


def test_four_bits_without_a_gpu(tmp_path: Path, pool: WorkerPool, tiny_model: Path) -> None:
    error = refused(tmp_path, pool, tiny_model, method="qlora", dtype="auto")
    assert "qlora takes a GPU" in error.what


def test_adapters_that_fit_no_module(tmp_path: Path, pool: WorkerPool, tiny_model: Path) -> None:
    lora = {"target_modules": ["no_such_layer"]}
    error = refused(tmp_path, pool, tiny_model, method="lora", lora=lora)
    assert "no_such_layer" in str(error)


def test_every_row_too_long(tmp_path: Path, pool: WorkerPool, tiny_model: Path) -> None:
    error = refused(tmp_path, pool, tiny_model, max_length=8)
    assert "too long" in error.what
    assert "max_length: 8" in str(error.where)


def test_a_diverging_run_fails_and_the_others_are_kept(
    tmp_path: Path, pool: WorkerPool, tiny_model: Path
) -> None:
    made = project(tmp_path, tiny_model, learning_rate=1e30, epochs=4)
    with pytest.raises(DoitkitError, match="1 of the runs failed twice: sums seed 1") as caught:
        made.train(pool, RUNG)
    assert caught.value.exit_code == 1
    assert "diverged" in str(caught.value)
    found, missing = made.finished(RUNG)
    assert ([run.name for run in found], missing) == (["base"], 1)


def test_auto_is_decided_for_this_machine() -> None:
    training = Training.model_validate({"base_model": "unused"})
    assert device_of(training) == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize("method", ["full", "lora"])
def test_the_number_format_is_measured_once(tiny_model: Path, tmp_path: Path, method: str) -> None:
    declared = {"base_model": str(tiny_model), "device": "cpu", "method": method}
    training = Training.model_validate(declared)
    backend = open_backend("embedded")
    decided = backend.settle(training, str(tiny_model), tmp_path)
    (file,) = tmp_path.glob("dtype-*.json")
    kept = read_json(file)
    assert decided.dtype == kept["dtype"]
    # bfloat16 rounds, so it must be worth it.
    clearly = kept["seconds"]["bfloat16"] < 0.8 * kept["seconds"]["float32"]
    assert (decided.dtype == "bfloat16") == clearly

    other = "float32" if decided.dtype == "bfloat16" else "bfloat16"
    write_json(file, {**kept, "dtype": other})
    assert backend.settle(training, str(tiny_model), tmp_path).dtype == other
    chosen = training.model_copy(update={"dtype": "float32"})
    assert backend.settle(chosen, str(tiny_model), tmp_path / "none") == chosen
    assert not (tmp_path / "none").exists()


def test_what_was_decided_is_known_where_nothing_can_be_trained(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = project(tmp_path, tiny_model, dtype="auto")

    def planned() -> list[str]:
        return [job.run_id for job in plan_jobs(made.recipe, made.dataset, [RUNG], made.workspace)]

    ids = planned()
    monkeypatch.setitem(sys.modules, "torch", None)
    assert planned() == ids
    assert made.finished(RUNG) == ([], 2)
    shutil.rmtree(made.workspace.root / "probes")
    with pytest.raises(UsageError, match="embedded backend cannot train"):
        made.finished(RUNG)


def test_bfloat16_trains(tmp_path: Path, pool: WorkerPool, tiny_model: Path) -> None:
    for method in ("full", "lora"):
        made = project(tmp_path / method, tiny_model, dtype="bfloat16", method=method)
        base, run = made.train(pool, RUNG)
        assert (base.dtype, run.dtype) == ("bfloat16", "bfloat16")
        config = json.loads((made.workspace.runs / run.run_id / "run.json").read_text())
        assert config["losses"][-1][1] < config["losses"][0][1]
