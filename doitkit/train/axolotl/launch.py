"""On what Axolotl trains, in how many processes, and by which command."""

import json
import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from doitkit.core.errors import UsageError
from doitkit.core.gpus import visible_gpus
from doitkit.recipe.training import Training
from doitkit.train.axolotl.environment import QUIET, Environment
from doitkit.train.steps import fewer_per_pass

# Several runs may train beside each other.
_FREE_PORT = ("--main_process_port", "0")


def device_of(training: Training) -> str:
    """Return `cpu` or `cuda`, `auto` decided without loading torch."""
    if training.device != "auto":
        return training.device
    return "cuda" if on_cluster(training) or visible_gpus() else "cpu"


def on_cluster(training: Training) -> bool:
    """Say whether Axolotl itself spreads the run over a Ray cluster."""
    return bool(training.options.get("use_ray"))


def processes(training: Training) -> int:
    """Return in how many processes a run is trained, over all its machines."""
    if on_cluster(training):
        return int(training.options.get("ray_num_workers") or 1)
    if device_of(training) == "cpu":
        return 1
    return training.launch.gpus * training.launch.nodes


def passes(training: Training, micro: int) -> int:
    """Return over how many forward passes of `micro` rows each process gathers gradients."""
    return training.batch_size // (micro * processes(training))


def first_micro(training: Training) -> int:
    """Return how many rows each process is to pass forward at a time.

    Raises
    ------
    UsageError
        If the batch cannot be shared out so.
    """
    share, rest = divmod(training.batch_size, processes(training))
    micro = training.micro_batch_size or share
    if rest or share == 0 or share % micro:
        raise UsageError(
            f"a batch of {training.batch_size:,} cannot be shared out evenly",
            where="train.batch_size",
            why=f"there are {processes(training):,} processes"
            + (f", of {micro:,} rows per forward pass each" if training.micro_batch_size else ""),
            next_step="choose a multiple of processes times `micro_batch_size`",
        )
    return micro


def smaller_micro(training: Training, micro: int) -> int:
    """Return the largest number of rows, half as many at most, by which the share divides."""
    return fewer_per_pass(micro, training.batch_size // processes(training))


def require_launch(training: Training, environment: Environment) -> None:
    """Raise unless runs like this can be started here.

    Raises
    ------
    UsageError
        It says what to do instead.
    """
    launch, device = training.launch, device_of(training)
    if device == "cpu":
        if training.method == "qlora":
            raise UsageError(
                "qlora takes a GPU",
                where="train.method: qlora",
                why="weights in 4 bits are computed with on GPUs only, and there is none here",
                next_step="say `method: lora`, or train on a machine with a GPU",
            )
        if training.dtype == "bfloat16":
            raise UsageError(
                "Axolotl computes in float32 on a CPU",
                where="train.dtype: bfloat16",
                next_step="say `dtype: auto` or `float32`, or use the embedded backend",
            )
    elif environment.torch.endswith("+cpu"):
        raise UsageError(
            "Axolotl was installed for CPUs here",
            where=environment.folder,
            why=f"its torch is {environment.torch}",
            next_step="remove that folder, and install it again without --cpu",
        )
    elif launch.launcher == "local" and not on_cluster(training):
        found = len(visible_gpus())
        if found < launch.gpus:
            raise UsageError(
                f"a run is to have {launch.gpus} GPUs, and there are {found}",
                where="train.launch.gpus" if found else "train.device: cuda",
                next_step="ask for fewer, or train on another machine",
            )
        if launch.gpus > 1 and launch.processes == "python":
            raise UsageError(
                "several GPUs take a process each",
                where="train.launch.processes: python",
                next_step="say `processes: torchrun` or `accelerate`",
            )
    if launch.nodes > 1 and (launch.processes != "torchrun" or launch.rendezvous is None):
        raise UsageError(
            "several machines meet by torchrun, at an address that all of them reach",
            where=f"train.launch.nodes: {launch.nodes}",
            next_step="say `processes: torchrun` and `rendezvous: HOST:PORT`",
        )
    first_micro(training)


def command(
    environment: Environment, config: Path, training: Training, run_id: str
) -> list[str | Path]:
    """Return the command that trains what `config` says."""
    launch, device = training.launch, device_of(training)
    per_machine = 1 if device == "cpu" else launch.gpus
    start: list[str | Path] = [environment.python, "-m", "axolotl.cli.main", "train", config]
    # With one process, accelerate starts a program that would outlive it, and adds nothing.
    alone = launch.processes == "accelerate" and per_machine == 1
    if on_cluster(training) or launch.processes == "python" or alone:
        return [*start, "--launcher", "python"]
    start += ["--launcher", launch.processes, "--"]
    if launch.processes == "accelerate":
        return [*start, "--multi_gpu", "--num_processes", str(per_machine), *_FREE_PORT]
    start += ["--nproc_per_node", str(per_machine)]
    if launch.nodes == 1:
        return [*start, "--standalone"]
    place = [f"--nnodes={launch.nodes}", "--rdzv_backend=c10d", f"--rdzv_id={run_id}"]
    return [*start, *place, f"--rdzv_endpoint={launch.rendezvous}"]


def surroundings(
    environment: Environment, training: Training, base_path: str, folder: Path, threads: int
) -> dict[str, str]:
    """Return the environment variables in which Axolotl runs."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    }
    found = {
        **kept,
        **QUIET,
        # torchrun and accelerate are called by their names.
        "PATH": os.pathsep.join([str(environment.folder / "bin"), os.environ.get("PATH", "")]),
        "HF_DATASETS_CACHE": str(folder / "cache"),
        "OMP_NUM_THREADS": str(threads),
        "TOKENIZERS_PARALLELISM": "false",
        "PYTHONUNBUFFERED": "1",
    }
    if Path(base_path).is_dir():
        found |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    if device_of(training) == "cpu":
        found["CUDA_VISIBLE_DEVICES"] = ""
    if on_cluster(training):
        # The processes that Ray starts on other machines know nothing of ours.
        told = {name: found[name] for name in (*QUIET, "HF_HUB_OFFLINE") if name in found}
        found["RAY_JOB_CONFIG_JSON_ENV_VAR"] = json.dumps(
            {"runtime_env": {"env_vars": told}, "metadata": {}}
        )
    return found


def for_other_machines(words: Sequence[str | Path], variables: Mapping[str, str]) -> str:
    """Return the line that starts the same run on the other machines."""
    told = [
        f"{name}={shlex.quote(variables[name])}"
        for name in (*QUIET, "HF_HUB_OFFLINE")
        if name in variables
    ]
    return " ".join(
        [
            *told,
            f"PATH={shlex.quote(variables['PATH'].split(os.pathsep)[0])}:$PATH",
            shlex.join(map(str, words)),
        ]
    )
