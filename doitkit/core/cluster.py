"""Work carried out on a Ray cluster: the parts of a step, and the runs of a ladder."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from doitkit.core.errors import DoitkitError, UsageError

Job = TypeVar("Job")
Done = TypeVar("Done")

_TRIES = 4
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class RayEngine:
    """Carries out jobs on the nodes of a Ray cluster.

    The nodes must see the workspace and the data under the same paths, as on a shared file
    system: jobs leave their rows in files there, and hand back only what is small. A job whose
    node dies is carried out again on another.

    Parameters
    ----------
    address
        Of a running cluster; `auto` finds the one of this machine. A local one is started, and
        ended with this process, if not given.

    Raises
    ------
    UsageError
        If ray is not installed, or no cluster answers at `address`.
    """

    elsewhere = True

    def __init__(self, address: str | None = None) -> None:
        self._ray = _connected(address)

    def map(self, function: Callable[[Job], Done], jobs: Sequence[Job]) -> list[Done]:
        """Return `function(job)` for every job, in their order."""
        remote = self._ray.remote(function).options(max_retries=_TRIES, num_cpus=1)
        try:
            done: list[Done] = self._ray.get([remote.remote(job) for job in jobs])
        except self._ray.exceptions.RayTaskError as error:
            if isinstance(error.cause, DoitkitError):
                raise error.cause from error
            raise
        except self._ray.exceptions.RayError as error:
            raise _lost(error) from error
        return done

    def release(self) -> None:
        """Keep the connection: the cluster is its owner's."""


class RayPool:
    """Carries out jobs on a Ray cluster, each with CPUs and GPUs of its own; a `Pool`.

    The nodes must see the workspace, the models and the data under the same paths. A job whose
    node or process dies is begun again on another, and goes on from what it left in its files.

    Parameters
    ----------
    address
        As for `RayEngine`.
    threads
        Compute threads of a job.
    cpus, gpus
        What a job takes of the cluster. Of CPUs it may be a part.

    Raises
    ------
    UsageError
        If ray is not installed, no cluster answers, or none of its nodes has so much.
    """

    def __init__(self, address: str | None, *, threads: int, cpus: float, gpus: int) -> None:
        self.threads = threads
        self._ray = _connected(address)
        self._needs = {"num_cpus": cpus, "num_gpus": gpus}
        self._running: dict[Any, int] = {}
        most = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        if not any(n.get("CPU", 0) >= cpus and n.get("GPU", 0) >= gpus for n in most):
            raise UsageError(
                "no node of the Ray cluster has what a run needs",
                where="train.launch",
                why=f"{cpus:g} CPUs and {gpus} GPUs are asked for",
                next_step="ask for less, or add a larger node to the cluster",
            )

    def run(
        self, function: Callable[..., Any], jobs: Sequence[tuple[Any, ...]]
    ) -> Iterator[tuple[int, Any]]:
        """Run `function(*job)` for every job; yield (index, result) as each one ends."""
        threads = {name: str(self.threads) for name in _THREAD_VARIABLES}
        remote = self._ray.remote(function).options(
            max_retries=_TRIES, runtime_env={"env_vars": threads}, **self._needs
        )
        self._running = {remote.remote(*job): index for index, job in enumerate(jobs)}
        while self._running:
            (done,), _ = self._ray.wait(list(self._running), num_returns=1)
            index = self._running.pop(done)
            try:
                yield index, self._ray.get(done)
            except self._ray.exceptions.RayTaskError as error:
                if not isinstance(error.cause, DoitkitError):
                    raise
                yield index, error.cause
            except self._ray.exceptions.RayError as error:
                yield index, _lost(error)

    def close(self) -> None:
        """End the jobs under way. The cluster is its owner's."""
        for job in self._running:
            self._ray.cancel(job, force=True)
        self._running = {}


def _connected(address: str | None) -> Any:
    """Return ray, connected to a cluster."""
    try:
        import ray
    except ImportError as error:
        raise UsageError(
            "ray is not installed",
            next_step="pip install 'doitkit[ray]', or do without Ray",
        ) from error
    if not ray.is_initialized():
        try:
            ray.init(address=address, include_dashboard=False, log_to_driver=False)
        except (ConnectionError, ValueError) as error:
            raise UsageError(
                "no Ray cluster answers",
                where=address,
                why=str(error).splitlines()[0],
                next_step="start one with `ray start --head`, or correct the address",
            ) from error
    return ray


def _lost(error: Exception) -> DoitkitError:
    return DoitkitError(
        "the Ray cluster lost a part of the work",
        why=str(error).splitlines()[0],
        next_step="run the same command again; what is finished is kept",
    )
