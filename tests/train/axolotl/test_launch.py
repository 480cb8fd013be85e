"""On what is trained, in how many processes, by which command."""

import json
from pathlib import Path
from typing import Any

import pytest

from doitkit.core.errors import UsageError
from doitkit.recipe.training import Training
from doitkit.train.axolotl import launch
from doitkit.train.axolotl.environment import Environment

CONFIG = Path("/job/config.yml")


def training(**declared: Any) -> Training:
    return Training.model_validate({"base_model": "m", "device": "cuda", **declared})


def words(environment: Environment, **declared: Any) -> list[str]:
    asked = training(**declared)
    found = [str(word) for word in launch.command(environment, CONFIG, asked, "run7")]
    assert found[0] == str(environment.python)
    assert found[1:5] == ["-m", "axolotl.cli.main", "train", str(CONFIG)]
    return found[5:]


def test_one_process(for_gpus: Environment) -> None:
    assert words(for_gpus) == ["--launcher", "python"]


def test_torchrun_on_one_machine(for_gpus: Environment) -> None:
    asked = {"processes": "torchrun", "gpus": 8}
    assert words(for_gpus, launch=asked) == [
        *("--launcher", "torchrun", "--", "--nproc_per_node", "8", "--standalone"),
    ]


def test_torchrun_on_several_machines(for_gpus: Environment) -> None:
    asked = {"processes": "torchrun", "gpus": 8, "nodes": 2, "rendezvous": "10.0.0.1:29500"}
    assert words(for_gpus, launch=asked) == [
        *("--launcher", "torchrun", "--", "--nproc_per_node", "8", "--nnodes=2"),
        *("--rdzv_backend=c10d", "--rdzv_id=run7", "--rdzv_endpoint=10.0.0.1:29500"),
    ]


def test_accelerate(for_gpus: Environment) -> None:
    found = words(for_gpus, launch={"processes": "accelerate", "gpus": 4})
    assert found[:3] == ["--launcher", "accelerate", "--"]
    assert found[found.index("--num_processes") + 1] == "4"
    assert "--multi_gpu" in found
    # Several runs beside each other cannot share a port.
    assert found[found.index("--main_process_port") + 1] == "0"


def test_accelerate_is_for_several_processes(for_gpus: Environment) -> None:
    assert words(for_gpus, launch={"processes": "accelerate"}) == ["--launcher", "python"]


def test_ray_starts_the_processes_itself(for_gpus: Environment) -> None:
    options = {"use_ray": True, "ray_num_workers": 16}
    assert words(for_gpus, options=options) == ["--launcher", "python"]
    assert launch.processes(training(options=options)) == 16


@pytest.mark.parametrize(
    ("declared", "processes", "micro", "passes"),
    [
        ({"batch_size": 16}, 1, 16, 1),
        ({"batch_size": 16, "micro_batch_size": 4}, 1, 4, 4),
        ({"batch_size": 16, "launch": {"gpus": 8}}, 8, 2, 1),
        ({"batch_size": 32, "micro_batch_size": 1, "launch": {"gpus": 4, "nodes": 2}}, 8, 1, 4),
        ({"batch_size": 12, "device": "cpu", "launch": {"gpus": 8}}, 1, 12, 1),
    ],
)
def test_a_batch_is_shared_out(
    declared: dict[str, Any], processes: int, micro: int, passes: int
) -> None:
    asked = training(**declared)
    assert launch.processes(asked) == processes
    assert launch.first_micro(asked) == micro
    assert launch.passes(asked, micro) == passes
    assert processes * micro * passes == asked.batch_size


@pytest.mark.parametrize(
    "declared",
    [
        {"batch_size": 12, "launch": {"gpus": 8}},
        {"batch_size": 4, "launch": {"gpus": 8}},
        {"batch_size": 16, "micro_batch_size": 4, "launch": {"gpus": 8}},
    ],
)
def test_a_batch_that_cannot_be_shared_out(declared: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="cannot be shared out evenly"):
        launch.first_micro(training(**declared))


def test_fewer_rows_per_pass_divide_the_share_too() -> None:
    asked = training(batch_size=24, launch={"gpus": 2})
    sizes = [launch.first_micro(asked)]
    while sizes[-1] > 1:
        sizes.append(launch.smaller_micro(asked, sizes[-1]))
    assert sizes == [12, 6, 3, 1]


@pytest.mark.usefixtures("eight_gpus")
@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"launch": {"gpus": 16, "processes": "torchrun"}}, "16 GPUs, and there are 8"),
        ({"launch": {"gpus": 8}}, "a process each"),
        ({"launch": {"nodes": 2, "processes": "torchrun"}}, "several machines meet by torchrun"),
        ({"launch": {"nodes": 2, "rendezvous": "a:1"}}, "several machines meet by torchrun"),
        ({"device": "cpu", "method": "qlora"}, "qlora takes a GPU"),
        ({"device": "cpu", "dtype": "bfloat16"}, "float32 on a CPU"),
    ],
)
def test_what_cannot_be_started(for_gpus: Environment, declared: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        launch.require_launch(training(**declared), for_gpus)
    assert said in caught.value.what
    assert caught.value.next_step


@pytest.mark.usefixtures("eight_gpus")
def test_an_environment_for_cpus_trains_on_no_gpu(tmp_path: Path) -> None:
    environment = Environment(tmp_path, "2.13.0+cpu", "uv")
    with pytest.raises(UsageError, match="installed for CPUs"):
        launch.require_launch(training(), environment)


@pytest.mark.usefixtures("eight_gpus")
def test_eight_gpus_of_one_machine(for_gpus: Environment) -> None:
    launch.require_launch(training(launch={"gpus": 8, "processes": "torchrun"}), for_gpus)


@pytest.mark.usefixtures("unseen_gpus")
def test_auto_is_a_cpu_where_there_is_no_gpu(for_gpus: Environment) -> None:
    assert launch.device_of(training(device="auto")) == "cpu"
    with pytest.raises(UsageError, match="there are 0"):
        launch.require_launch(training(), for_gpus)


def test_nothing_is_reported_home_and_nothing_asked_of_the_hub(
    for_gpus: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    found = launch.surroundings(for_gpus, training(), str(tmp_path), tmp_path / "job", 3)
    assert found["AXOLOTL_DO_NOT_TRACK"] == found["DO_NOT_TRACK"] == "1"
    assert found["HF_HUB_OFFLINE"] == "1"
    assert found["OMP_NUM_THREADS"] == "3"
    assert found["PATH"].startswith(str(for_gpus.folder / "bin"))
    assert found["HF_DATASETS_CACHE"].startswith(str(tmp_path / "job"))
    assert "PYTHONPATH" not in found


def test_a_model_of_the_hub_may_be_fetched(for_gpus: Environment, tmp_path: Path) -> None:
    found = launch.surroundings(for_gpus, training(), "someone/model", tmp_path, 1)
    assert "HF_HUB_OFFLINE" not in found


def test_processes_on_other_machines_are_told_the_same(
    for_gpus: Environment, tmp_path: Path
) -> None:
    asked = training(options={"use_ray": True, "ray_num_workers": 4})
    found = launch.surroundings(for_gpus, asked, str(tmp_path), tmp_path, 1)
    told = json.loads(found["RAY_JOB_CONFIG_JSON_ENV_VAR"])["runtime_env"]["env_vars"]
    assert told["AXOLOTL_DO_NOT_TRACK"] == "1"
    line = launch.for_other_machines(["python", "-m", "axolotl.cli.main"], found)
    assert "AXOLOTL_DO_NOT_TRACK=1" in line
    assert line.endswith("python -m axolotl.cli.main")
