"""A real `axolotl train` from a recipe, on a CPU: what it leaves, and how it goes on.

Axolotl takes half a minute to begin, so each run here shows several things.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from doitkit.core.errors import UsageError
from doitkit.core.workers import WorkerPool
from doitkit.mix import Rung
from doitkit.train import open_backend
from doitkit.train.axolotl.environment import VERSION, Environment
from doitkit.train.axolotl.metrics import last_state
from doitkit.train.run import PARTIAL
from tests.evaluate.test_runs import score, subjects
from tests.train.ladder import MIXED, SUMS, Project, project
from tests.train.test_kill import alive, children_of, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("installed")]

RUNG = Rung(SUMS, (1,))
LONG = {
    "backend": "axolotl",
    "epochs": None,
    "max_steps": 60,
    "checkpoint_steps": 3,
    "handover": "messages",
}
PROGRAM = """
import sys
from pathlib import Path
from doitkit.core.workers import WorkerPool
from tests.train.axolotl.test_train import LONG, RUNG
from tests.train.ladder import project

if __name__ == "__main__":
    made = project(Path(sys.argv[1]), sys.argv[2], **LONG)
    with WorkerPool(1, 1, Path(sys.argv[1]) / "workers.log") as pool:
        made.train(pool, RUNG)
"""


def test_three_steps_of_adapters(tmp_path: Path, tiny_model: Path, pool: WorkerPool) -> None:
    made = project(
        tmp_path / "made",
        tiny_model,
        backend="axolotl",
        dtype="auto",
        method="lora",
        epochs=None,
        max_steps=3,
        validation={"fraction": 0.2, "every_steps": 2},
    )
    base, run = made.train(pool, Rung(MIXED, (1,)))

    assert run.backend == "axolotl"
    assert (run.steps, run.device, run.dtype, run.gpus) == (3, "cpu", "float32", 0)
    assert run.versions["axolotl"] == VERSION
    assert base.n_params == run.n_params > 10_000
    # The curve comes from the last checkpoint, and what was held out was measured as asked.
    assert [step for step, _ in run.losses] == [1, 2, 3]
    assert run.train_loss == pytest.approx(sum(loss for _, loss in run.losses) / 3)
    assert [step for step, _ in run.measured] == [2, 3]
    assert run.kept_step == min(run.measured, key=lambda pair: pair[1])[0]
    assert run.held_out > 0
    assert run.epochs == pytest.approx(3 * 4 / (16 - run.held_out), rel=0.2)

    # What is kept is what every backend leaves, and nothing of what it took.
    folder = made.folder_of(run)
    kept = {file.name for file in (folder / "model").iterdir()}
    assert {"adapter_model.safetensors", "adapter_config.json", "tokenizer.json"} <= kept
    assert "config.json" not in kept
    (rows,) = (folder / "axolotl").iterdir()
    config = yaml.safe_load((rows / "config.yml").read_text())
    assert Path(config["datasets"][0]["path"]).is_file()
    assert not list(folder.rglob("checkpoint-*"))
    log = (folder / "log.txt").read_text()
    assert "Starting trainer" in log
    assert "Only local files will be used" in log

    # It is scored like any other, and nothing is trained twice.
    found = score(made, subjects(made, [base, run]), pool)
    assert {found.run_id for found in found.scores} == {base.run_id, run.run_id}
    assert made.train(pool, Rung(MIXED, (1,))) == [base, run]


def test_a_killed_run_goes_on_from_its_last_checkpoint(
    tmp_path: Path, tiny_model: Path, pool: WorkerPool
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "made"), str(tiny_model)]
    ) as killed:
        place = tmp_path / "made" / "ws" / "runs"

        def saved() -> list[Path]:
            return [
                output
                for output in place.glob(f"*{PARTIAL}/axolotl/output")
                if last_state(output) is not None
            ]

        wait_for(saved, 300.0)
        children = children_of(killed.pid)
        os.kill(killed.pid, signal.SIGKILL)
    # Axolotl ends with the worker that started it, and that with the program.
    wait_for(lambda: not any(map(alive, children)), 30.0)
    (output,) = saved()
    state = last_state(output)
    assert state is not None
    begun = state.step
    assert 3 <= begun < 60
    # A half-written checkpoint is none.
    (output / f"checkpoint-{begun + 30}").mkdir()

    made = project(tmp_path / "made", tiny_model, **LONG)
    _, run = made.train(pool, RUNG)
    assert run.steps == 60
    assert len({step for step, _ in run.losses}) == 20
    log = (made.folder_of(run) / "log.txt").read_text()
    assert f"checkpoint-{begun}" in log.rpartition("auto-resume")[2].splitlines()[0]
    # All weights were trained: a whole model, which samples no more than its base does.
    kept = {file.name for file in (made.folder_of(run) / "model").iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= kept
    generation = made.folder_of(run) / "model" / "generation_config.json"
    assert generation.read_bytes() == (tiny_model / generation.name).read_bytes()
    assert made.weights_of(run) != (tiny_model / "model.safetensors").read_bytes()


def test_what_axolotl_has_against_a_recipe_is_said_before_anything_is_trained(
    tmp_path: Path, tiny_model: Path, installed: Environment
) -> None:
    made: Project = project(
        tmp_path / "made", tiny_model, backend="axolotl", options={"max_grad_norm": "much"}
    )
    assert made.recipe.train is not None
    with pytest.raises(UsageError, match="Axolotl refuses the configuration") as caught:
        open_backend("axolotl").validate(made.recipe.train, str(tiny_model))
    assert "max_grad_norm" in f"{caught.value.where} {caught.value.why}"
    assert caught.value.next_step
