"""A build on a real local Ray cluster of two nodes, one of which is killed while it works."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from doitkit import api
from doitkit.core.cluster import RayEngine
from doitkit.core.errors import UsageError
from doitkit.source import stretch
from tests.project import load_project

ray = pytest.importorskip("ray", reason="the extra `ray` is not installed")


_CURATION = """\
curate:
  near: {similarity: 0.8, ngram: 3, unit: char}
  filters: {length: {answer_chars: {min: 2}}, personal: {then: flag}}
"""


@pytest.fixture
def cluster() -> Iterator[Any]:
    from ray.cluster_utils import Cluster

    found = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    found.add_node(num_cpus=1)
    ray.init(address=found.address, log_to_driver=False)
    yield found
    ray.shutdown()
    found.shutdown()


def _fails(_: int) -> int:
    raise UsageError("this job cannot work", next_step="give another")


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_bytes_are_the_same_even_if_a_node_dies(
    tmp_path: Path, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretch, "BYTES_OF_A_STRETCH", 40_000)
    recipe = load_project(tmp_path, _CURATION, rows=20_000)
    here = api.build(recipe, tmp_path / "here")
    victim = cluster.add_node(num_cpus=1)

    def kill() -> None:
        while not any((tmp_path / "there").rglob("rows-*.arrow")):
            time.sleep(0.01)
        cluster.remove_node(victim, allow_graceful=False)

    killer = threading.Thread(target=kill)
    killer.start()
    there = api.build(recipe, tmp_path / "there", engine=RayEngine(cluster.address))
    killer.join()
    assert _files(there.folder) == _files(here.folder)
    assert json.loads((there.folder / "manifest.json").read_text())["rows_in"]["sums-by-people"]
    with pytest.raises(UsageError, match="this job cannot work"):
        RayEngine(cluster.address).map(_fails, [1])
