"""One training by Axolotl: started again with fewer rows per pass as long as memory fails."""

import shutil
from dataclasses import replace
from pathlib import Path

from doitkit.core.errors import TrainingError
from doitkit.train.axolotl import launch, metrics
from doitkit.train.axolotl.config import Task, write_config
from doitkit.train.axolotl.environment import Environment
from doitkit.train.axolotl.model import weights_in
from doitkit.train.axolotl.process import Ended, run
from doitkit.train.backend import Job


def train(
    job: Job, task: Task, config: Path, environment: Environment
) -> tuple[Task, metrics.State]:
    """Train to the end, from the last whole checkpoint if there is one.

    Returns
    -------
    tuple of Task and State
        The task as it was carried out, with as many rows per pass as memory took, and what the
        trainer knew in the end.

    Raises
    ------
    TrainingError
        If Axolotl fails, or ends without having trained to the end.
    """
    training = job.training
    variables = launch.surroundings(environment, training, job.base_path, task.folder, job.threads)
    words = launch.command(environment, config, training, job.run_id)
    while True:
        _remove_halves(task.output)
        write_config(task, config)
        if training.launch.nodes > 1:
            line = launch.for_other_machines(words, variables)
            print(f"on every other machine, start: {line}", flush=True)
        ended = run(words, variables)
        if ended.code == 0:
            return task, _whole_state(job, task, ended)
        # The other machines would have to be started again, which we cannot do.
        if not ended.no_memory or training.launch.nodes > 1:
            raise _failed(job, ended)
        if task.micro == 1:
            raise TrainingError(
                "the device ran out of memory with one row at a time",
                where=f"run {job.run_id}",
                next_step="set a smaller `train.max_length`, say `gradient_checkpointing: true` "
                "or `method: lora`, or use more or larger devices",
            )
        micro = launch.smaller_micro(training, task.micro)
        print(f"out of memory with {task.micro} rows per pass; going on with {micro}", flush=True)
        task = replace(task, micro=micro)


def _whole_state(job: Job, task: Task, ended: Ended) -> metrics.State:
    """Return the last state: that a program ends without an error is no proof of a training."""
    state = metrics.last_state(task.output)
    validation = job.training.validation
    early = validation is not None and validation.patience is not None
    whole = state is not None and (state.step >= state.asked or early)
    if state is None or not whole or not weights_in(task.output, adapters=job.training.adapters):
        raise _failed(job, ended)
    return state


def _failed(job: Job, ended: Ended) -> TrainingError:
    return TrainingError(
        "Axolotl failed" if ended.code else "Axolotl ended before the training did",
        where=f"run {job.run_id}, exit code {ended.code}",
        why=ended.telling,
        next_step="mend the cause and run the same command again; it goes on from the last "
        "checkpoint",
    )


def _remove_halves(output: Path) -> None:
    """Remove checkpoints that were not written to their end: Axolotl takes the newest one."""
    for folder in output.glob("checkpoint-*"):
        if metrics.state_of(folder) is None:
            shutil.rmtree(folder, ignore_errors=True)
