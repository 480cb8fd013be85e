"""Whoever adds a backend names it as an entry point, and the ladder does the rest."""

import sys
from pathlib import Path

import pytest

from doitkit.core.errors import TrainingError
from doitkit.core.workers import WorkerPool
from doitkit.train import open_backend, read_failures
from tests.train.ladder import SUMS, project, rungs

# Trains nothing: every run is the base model, but for what is written beside it.
_MODULE = """
import json
import shutil
from pathlib import Path

from doitkit.train import Outcome
from doitkit.train.embedded import EmbeddedBackend


class Copying(EmbeddedBackend):
    def launch(self, job):
        if job.seed == 13:
            raise RuntimeError("this one breaks off")
        shutil.copytree(job.base_path, job.folder / "model", dirs_exist_ok=True)

    def collect(self, job):
        return Outcome(1, None, (), 0, 0.0, 0.5, "cpu", versions={"copying": "1"})
"""


def test_a_package_adds_a_backend(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "package"
    info = package / "copying-1.dist-info"
    info.mkdir(parents=True)
    (package / "copying.py").write_text(_MODULE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: copying\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[doitkit.backends]\ncopying = copying:Copying\n")
    monkeypatch.syspath_prepend(str(package))
    monkeypatch.setenv("PYTHONPATH", str(package))
    assert type(open_backend("copying")).__name__ == "Copying"
    made = project(tmp_path / "made", tiny_model, backend="copying")
    with WorkerPool(1, 1, tmp_path / "workers.log") as pool:
        with pytest.raises(TrainingError, match="sums seed 13"):
            made.train(pool, *rungs([SUMS], 1, 13))
        (failure,) = read_failures(made.workspace.runs)
        assert "this one breaks off" in failure.why
        (_, run), missing = made.finished(*rungs([SUMS], 1, 13))
    assert missing == 1
    assert (run.backend, run.versions) == ("copying", {"copying": "1"})
    assert run.trained == {"sums": {"human": 9}}
    assert (made.folder_of(run) / "model" / "model.safetensors").is_file()
    sys.modules.pop("copying", None)
