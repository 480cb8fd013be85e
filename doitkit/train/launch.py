"""Where the runs of a ladder are carried out: on this machine's devices, or on a cluster."""

import os
from pathlib import Path

from doitkit.core.gpus import visible_gpus
from doitkit.core.workers import Pool, WorkerPool
from doitkit.recipe.training import Training


def open_pool(training: Training | None, log: Path) -> Pool:
    """Return who carries out runs, and their scoring, as the recipe says.

    On this machine each process has its own GPUs, if runs use any: `launch.gpus` of them. So many
    run at the same time as `workers` says, or as there are GPUs for.

    Parameters
    ----------
    log
        File to which what the processes print is appended.

    Raises
    ------
    UsageError
        If a cluster is asked for and does not answer.
    """
    if training is None:
        return WorkerPool(1, os.cpu_count() or 1, log)
    on_gpus = training.device != "cpu"
    if training.launch.launcher == "ray":
        from doitkit.core.cluster import RayPool

        threads = training.threads or 1
        return RayPool(
            training.launch.address,
            threads=threads,
            cpus=training.launch.cpus or threads,
            gpus=training.launch.gpus if training.device == "cuda" else 0,
        )
    gpus = visible_gpus() if on_gpus else ()
    per_run = training.launch.gpus
    sets = [gpus[at : at + per_run] for at in range(0, len(gpus) - per_run + 1, per_run)]
    workers = training.workers or max(1, len(sets))
    threads = training.threads or max(1, (os.cpu_count() or 1) // workers)
    environments = [
        {"CUDA_VISIBLE_DEVICES": ",".join(sets[worker % len(sets)])} if sets else {}
        for worker in range(workers)
    ]
    return WorkerPool(workers, threads, log, environments)
