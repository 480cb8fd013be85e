"""The parts of a step carried out on a Ray cluster."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from doitkit.core.errors import DoitkitError, UsageError

Job = TypeVar("Job")
Done = TypeVar("Done")

_TRIES = 4


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
        try:
            import ray
        except ImportError as error:
            raise UsageError(
                "ray is not installed",
                next_step="pip install 'doitkit[ray]', or build without `--engine ray`",
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
        self._ray: Any = ray

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
            raise DoitkitError(
                "the Ray cluster lost a part of the work",
                why=str(error).splitlines()[0],
                next_step="run the same command again; finished steps are kept",
            ) from error
        return done

    def release(self) -> None:
        """Keep the connection: the cluster is its owner's."""
