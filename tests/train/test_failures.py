"""A run that fails is tried again and recorded; the others go on, and nothing is left behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from doitkit.core.errors import TrainingError, UsageError
from doitkit.core.workers import WorkerPool
from doitkit.mix import Mixture, Rung
from doitkit.recipe.training import Training
from doitkit.train import Job, open_backend, read_failures, train_rungs
from doitkit.train.embedded import EmbeddedBackend
from doitkit.train.embedded.fit import Padding
from doitkit.train.jobs import plan_jobs
from doitkit.train.ladder import run_job
from doitkit.train.run import read_run
from tests.train.ladder import MIXED, SUMS, Project, project, rungs
from tests.train.test_ladder import Notes

pytestmark = pytest.mark.slow


class Fragile(WorkerPool):
    """A pool in whose workers one run, told by its seed, always dies or always breaks off."""

    how = "dies"

    def run(self, function: Any, jobs: Any) -> Iterator[tuple[int, Any]]:
        assert function is run_job
        return super().run({"dies": dies_at_seed_2, "breaks": breaks_at_seed_2}[self.how], jobs)


def dies_at_seed_2(job: Job) -> None:
    if job.seed == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    run_job(job)


def breaks_at_seed_2(job: Job) -> None:
    # What a library beneath might raise, at a place where libraries do.
    def broken(*_: Any) -> Any:
        raise IndexError("said by a library")

    with pytest.MonkeyPatch.context() as patch:
        if job.seed == 2:
            patch.setattr(Padding, "__call__", broken)
        run_job(job)


@pytest.mark.parametrize("how", ["dies", "breaks"])
def test_the_others_go_on_and_the_failure_is_recorded(
    tiny_model: Path, tmp_path: Path, how: str
) -> None:
    made = project(tmp_path / "made", tiny_model)
    notes = Notes()
    with Fragile(2, 1, tmp_path / "workers.log") as pool:
        pool.how = how
        with pytest.raises(
            TrainingError, match="1 of the runs failed twice: sums seed 2"
        ) as caught:
            train_rungs(
                made.recipe,
                made.dataset,
                rungs([SUMS], 1, 2, 3),
                made.workspace,
                pool,
                progress=notes,
            )
    assert sum("tried once more" in line for line in notes.lines) == 1
    found, missing = made.finished(*rungs([SUMS], 1, 2, 3))
    assert ([run.seed for run in found], missing) == ([0, 1, 3], 1)
    (failure,) = read_failures(made.workspace.runs)
    assert (failure.name, failure.seed) == ("sums", 2)
    if how == "dies":
        assert "died" in failure.what
    else:
        assert "IndexError: said by a library" in failure.why
        assert any("said by a library" in line for line in failure.log)
        assert str(caught.value.where).endswith("log.txt")
    # With the cause gone, only that run is made, and the record of its failure goes.
    with WorkerPool(1, 1, tmp_path / "workers.log") as whole:
        assert len(made.train(whole, *rungs([SUMS], 1, 2, 3))) == 4
    assert read_failures(made.workspace.runs) == []


class Small(EmbeddedBackend):
    """The embedded backend on a device that holds no more than so many rows at a time."""

    most = 2

    def _fit_once(self, job: Job, model: Any, micro: int) -> Any:
        def refuse(_module: Any, args: Any, given: dict[str, Any]) -> None:
            ids = given.get("input_ids", args[0] if args else None)
            if ids is not None and len(ids) > self.most:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1.00 GiB")

        model.register_forward_pre_hook(refuse, with_kwargs=True)
        return super()._fit_once(job, model, micro)


def test_memory_that_does_not_suffice_halves_the_micro_batch(
    tiny_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    pool: WorkerPool,
) -> None:
    asked = project(tmp_path / "asked", tiny_model, batch_size=6, micro_batch_size=2)
    _, smaller = asked.train(pool, Rung(MIXED, (1,)))
    made = project(tmp_path / "made", tiny_model, batch_size=6)
    monkeypatch.setattr(sys.modules[run_job.__module__], "open_backend", lambda _name: Small())
    notes = Notes()

    class Here(WorkerPool):
        """Runs jobs in this process, where the small device is."""

        def run(self, function: Any, jobs: Any) -> Iterator[tuple[int, Any]]:
            for index, job in enumerate(jobs):
                yield index, function(*job)

    with Here(1, 1, tmp_path / "workers.log") as here:
        _, run = train_rungs(
            made.recipe, made.dataset, [Rung(MIXED, (1,))], made.workspace, here, progress=notes
        )
    # 6 rows are too many, so are 3, and the largest divisor of 6 below that is 1.
    assert (run.asked_micro_batch_size, run.micro_batch_size) == (6, 1)
    assert run.steps == smaller.steps
    assert run.train_loss == pytest.approx(smaller.train_loss, rel=1e-3)
    assert "out of memory with 6 rows per pass; going on with 3" in capsys.readouterr().out
    assert any("memory did not suffice for 1 runs" in line for line in notes.lines)

    monkeypatch.setattr(Small, "most", 0)
    again = project(tmp_path / "again", tiny_model, batch_size=6, learning_rate=0.02)
    job, backend = _job(again), Small()
    job.folder.mkdir(parents=True)
    backend.prepare(job)
    with pytest.raises(TrainingError, match="out of memory with one row at a time"):
        backend.launch(job)


def _job(made: Project, mixture: Mixture = SUMS) -> Job:
    return plan_jobs(made.recipe, made.dataset, [Rung(mixture, (1,))], made.workspace)[1]


def test_a_full_disk_is_said_and_nothing_is_lost(tiny_model: Path, tmp_path: Path) -> None:
    made = project(tmp_path / "made", tiny_model)
    small = tmp_path / "made" / "ws" / "runs"
    small.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        with WorkerPool(1, 1, tmp_path / "workers.log") as pool:
            with pytest.raises(TrainingError, match="failed twice") as caught:
                made.train(pool, *rungs([SUMS], 1))
            assert "disk is full" in str(caught.value)
            subprocess.run(["mount", "-o", "remount,size=64m", str(small)], check=True)
            _, run = made.train(pool, *rungs([SUMS], 1))
        assert read_run(small / run.run_id) == run
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ({"method": "qlora"}, "qlora takes a GPU"),
        ({"options": {"flash_attention": True}}, "no options of its own"),
        ({"launch": {"processes": "torchrun"}}, "one process, on one device"),
        ({"launch": {"gpus": 8}}, "one process, on one device"),
        ({"handover": "messages"}, "trains on our tokens"),
    ],
)
def test_what_the_embedded_backend_cannot_do_is_said(
    tiny_model: Path, declared: dict[str, Any], says: str
) -> None:
    settings = Training(base_model="m", device="cpu", **declared)
    with pytest.raises(UsageError, match=says) as caught:
        open_backend("embedded").validate(settings, str(tiny_model))
    assert caught.value.next_step
