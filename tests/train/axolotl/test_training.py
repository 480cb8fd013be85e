"""How a training is carried to its end, with a program in Axolotl's place that fails at will.

Memory cannot be made to run out on a CPU without taking the machine with it. The program reads
the configuration as Axolotl does, and leaves what Axolotl leaves.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from doitkit.core.errors import TrainingError
from doitkit.mix import Mixture
from doitkit.recipe.training import Training
from doitkit.train.axolotl.config import Task
from doitkit.train.axolotl.data import Handed
from doitkit.train.axolotl.environment import Environment
from doitkit.train.axolotl.metrics import State
from doitkit.train.axolotl.training import train
from doitkit.train.backend import Job

pytestmark = pytest.mark.usefixtures("unseen_gpus")

_PROGRAM = """#!{python}
import json, sys, yaml
from pathlib import Path

assert sys.argv[1:4] == ["-m", "axolotl.cli.main", "train"]
config = yaml.safe_load(Path(sys.argv[4]).read_text())
output = Path(config["output_dir"])
micro, passes = config["micro_batch_size"], config["gradient_accumulation_steps"]
print("rows per pass:", micro, "passes:", passes, "resumes:", [p.name for p in output.glob("*")])
if micro > {fits}:
    print("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.")
    sys.exit(1)
checkpoint = output / "checkpoint-{until}"
checkpoint.mkdir(parents=True)
state = dict(global_step={until}, max_steps=6, epoch=1.0, log_history=[])
(checkpoint / "trainer_state.json").write_text(json.dumps(state))
(output / "adapter_model.safetensors").touch()
{last}
"""
Trained = Callable[..., tuple[Task, State]]


@pytest.fixture
def trained(tmp_path: Path) -> Trained:
    def carried_out(fits: int = 8, until: int = 6, last: str = "", **declared: Any) -> Any:
        program = tmp_path / "environment" / "bin" / "python"
        program.parent.mkdir(parents=True)
        text = _PROGRAM.format(python=sys.executable, fits=fits, until=until, last=last)
        program.write_text(text)
        program.chmod(0o755)
        training = Training.model_validate(
            {"base_model": "m", "device": "cpu", "method": "lora", "batch_size": 12, **declared}
        )
        folder = tmp_path / "axolotl"
        data = Handed(folder / "0123", 24, 0, None)
        task = Task(training, str(tmp_path), data, folder, 1, 6, 1.0, 12)
        job = Job(
            run_id="run",
            recipe_hash="",
            mixture=Mixture.of("all", {}),
            dataset_folder=tmp_path,
            dataset_id="",
            training=training,
            base_path=str(tmp_path),
            base_hash="",
            config_hash="",
            seed=1,
            folder=tmp_path,
            threads=1,
        )
        environment = Environment(tmp_path / "environment", "2.13.0+cpu", "pip")
        return train(job, task, folder / "config.yml", environment)

    return carried_out


def test_fewer_rows_per_pass_until_memory_suffices(
    trained: Trained, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    task, state = trained(fits=4)
    assert (task.micro, state.step) == (3, 6)
    config = yaml.safe_load((tmp_path / "axolotl" / "config.yml").read_text())
    assert (config["micro_batch_size"], config["gradient_accumulation_steps"]) == (3, 4)
    out = capfd.readouterr().out
    assert "out of memory with 12 rows per pass; going on with 6" in out
    assert "rows per pass: 3 passes: 4" in out


def test_with_one_row_there_is_nothing_left_to_try(trained: Trained) -> None:
    with pytest.raises(TrainingError, match="with one row at a time") as caught:
        trained(fits=0)
    assert "max_length" in str(caught.value.next_step)


def test_several_machines_are_not_started_again(
    trained: Trained, capfd: pytest.CaptureFixture[str]
) -> None:
    launch = {"processes": "torchrun", "nodes": 2, "rendezvous": "10.0.0.1:29500"}
    with pytest.raises(TrainingError, match="Axolotl failed") as caught:
        trained(fits=4, launch=launch)
    assert "OutOfMemoryError" in str(caught.value.why)
    assert "--rdzv_endpoint=10.0.0.1:29500" in capfd.readouterr().out


def test_the_last_line_that_tells_is_told(trained: Trained) -> None:
    with pytest.raises(TrainingError, match="Axolotl failed") as caught:
        trained(last="raise KeyError('no such layer')")
    assert caught.value.why == "KeyError: 'no such layer'"
    assert "exit code 1" in str(caught.value.where)


def test_an_end_without_an_error_is_no_proof_of_a_training(trained: Trained) -> None:
    with pytest.raises(TrainingError, match="ended before the training did"):
        trained(until=4)


def test_a_model_that_is_not_there_is_no_result(trained: Trained) -> None:
    with pytest.raises(TrainingError, match="ended before the training did"):
        trained(method="full")


def test_an_early_end_is_one_where_it_was_asked_for(trained: Trained) -> None:
    _, state = trained(until=4, validation={"patience": 2})
    assert state.step == 4


def test_half_a_checkpoint_is_not_gone_on_from(
    trained: Trained, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "axolotl" / "output" / "checkpoint-5").mkdir(parents=True)
    trained(fits=12)
    assert "resumes: []" in capfd.readouterr().out
