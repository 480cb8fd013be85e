"""Runs go to the devices that are free: processes of this machine, or nodes of a Ray cluster."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from doitkit.core.cluster import RayPool
from doitkit.core.errors import UsageError
from doitkit.core.gpus import visible_gpus
from doitkit.core.workers import WorkerPool
from doitkit.mix import Rung
from doitkit.recipe.training import Training
from doitkit.train import open_pool
from tests.train.ladder import MIXED, SUMS, Project, project, rungs


def surroundings(_: int) -> str:
    time.sleep(0.2)
    return os.environ.get("CUDA_VISIBLE_DEVICES", "")


@pytest.mark.parametrize(
    ("visible", "declared", "own"),
    [
        ("0,1,2,3", {}, {"0", "1", "2", "3"}),
        ("4,5,6,7,8", {"launch": {"gpus": 2}}, {"4,5", "6,7"}),
        ("0,1", {"workers": 1}, {"0"}),
        ("3", {"workers": 2}, {"3"}),
    ],
)
def test_every_process_has_its_own_gpus(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    visible: str,
    declared: dict[str, Any],
    own: set[str],
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    pool = open_pool(Training(base_model="m", threads=1, **declared), tmp_path / "log")
    assert isinstance(pool, WorkerPool)
    try:
        found = dict(pool.run(surroundings, [(at,) for at in range(2 * pool.workers)]))
    finally:
        pool.close()
    assert set(found.values()) == own


def test_on_a_cpu_one_run_has_all_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    for declared in ({}, {"device": "cpu"}):
        pool = open_pool(Training(base_model="m", **declared), tmp_path / "log")
        assert isinstance(pool, WorkerPool)
        assert (pool.workers, pool.threads) == (1, os.cpu_count())
    several = open_pool(Training(base_model="m", workers=2), tmp_path / "log")
    assert several.threads == max(1, (os.cpu_count() or 1) // 2)


def test_gpus_are_told_by_the_environment_or_the_driver(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for stated, gpus in (("", ()), ("-1", ()), ("0, 2", ("0", "2")), ("GPU-ab", ("GPU-ab",))):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", stated)
        assert visible_gpus() == gpus
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 0\necho 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert visible_gpus() == ("0", "1")
    program.write_text("#!/bin/sh\nexit 9\n")
    assert visible_gpus() == ()


@pytest.fixture
def cluster() -> Iterator[Any]:
    ray = pytest.importorskip("ray", reason="the extra `ray` is not installed")
    from ray.cluster_utils import Cluster

    found = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    found.add_node(num_cpus=1)
    ray.init(address=found.address, log_to_driver=False)
    yield found
    ray.shutdown()
    found.shutdown()


def workers_of_runs() -> list[int]:
    """Return the processes that carry out runs on the cluster."""
    listed = subprocess.run(
        ["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [int(line.split()[0]) for line in listed if "ray::run_job" in line]


def on_ray(folder: Path, model: Path, cluster: Any, **more: Any) -> Project:
    launch = {"launcher": "ray", "address": cluster.address, "cpus": 0.5}
    return project(folder, model, launch=launch, threads=1, **more)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_same_weights_even_if_a_worker_and_a_node_die(
    tiny_model: Path, tmp_path: Path, pool: WorkerPool, cluster: Any
) -> None:
    long = {"epochs": None, "max_steps": 150, "checkpoint_steps": 10}
    here = project(tmp_path / "here", tiny_model, **long)
    expected = here.train(pool, *rungs([SUMS, MIXED], 1, 2))
    there = on_ray(tmp_path / "there", tiny_model, cluster, **long)
    victim = cluster.add_node(num_cpus=1)
    killed: list[int] = []

    def kill() -> None:
        deadline = time.monotonic() + 240
        while not list((tmp_path / "there").glob("ws/runs/*.partial/checkpoints/*/whole")):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        for process in workers_of_runs()[:1]:
            killed.append(process)
            os.kill(process, 9)
        time.sleep(2)
        cluster.remove_node(victim, allow_graceful=False)

    killer = threading.Thread(target=kill)
    killer.start()
    assert there.recipe.train is not None
    cloud = open_pool(there.recipe.train, tmp_path / "log")
    assert isinstance(cloud, RayPool)
    try:
        found = there.train(cloud, *rungs([SUMS, MIXED], 1, 2))
    finally:
        cloud.close()
        killer.join()
    assert killed
    assert [run.run_id for run in found] == [run.run_id for run in expected]
    for run, other in zip(found[1:], expected[1:], strict=True):
        assert there.weights_of(run) == here.weights_of(other)
        assert run.losses == other.losses


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_without_room_for_a_run_is_said(
    tiny_model: Path, tmp_path: Path, cluster: Any
) -> None:
    for declared, says in (
        ({"launch": {"launcher": "ray", "address": cluster.address, "cpus": 64}}, "64 CPUs"),
        ({"launch": {"launcher": "ray", "address": cluster.address}, "device": "cuda"}, "1 GPUs"),
    ):
        settings = Training(base_model=str(tiny_model), **declared)
        with pytest.raises(UsageError, match="no node of the Ray cluster") as caught:
            open_pool(settings, tmp_path / "log")
        assert says in str(caught.value)
    broken = on_ray(tmp_path / "broken", tiny_model, cluster, max_length=8)
    assert broken.recipe.train is not None
    cloud = open_pool(broken.recipe.train, tmp_path / "log")
    with pytest.raises(UsageError, match="too long"):
        broken.train(cloud, Rung(SUMS, (1,)))
    cloud.close()
