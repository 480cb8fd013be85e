"""A ladder over the small project, ready to be trained."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from doitkit.build import Dataset, build
from doitkit.core.origins import Cell
from doitkit.core.workers import Pool
from doitkit.core.workspace import Workspace
from doitkit.mix import Mixture, Rung
from doitkit.recipe import Recipe
from doitkit.train import Run, finished_runs, train_rungs
from tests.project import load_project

SUMS = Mixture.of("sums", {Cell("sums", "human"): 9})
MIXED = Mixture.of(
    "mixed", {Cell("sums", "human"): 6, Cell("sums", "synthetic"): 6, Cell("words", "human"): 4}
)


@dataclass(frozen=True)
class Project:
    """A recipe and its built dataset."""

    recipe: Recipe
    dataset: Dataset
    workspace: Workspace

    def train(self, pool: Pool, *rungs: Rung) -> list[Run]:
        return train_rungs(self.recipe, self.dataset, rungs, self.workspace, pool)

    def finished(self, *rungs: Rung) -> tuple[list[Run], int]:
        return finished_runs(self.recipe, self.dataset, rungs, self.workspace)

    def folder_of(self, run: Run) -> Path:
        return self.workspace.runs / run.run_id

    def weights_of(self, run: Run) -> bytes:
        (file,) = (self.folder_of(run) / "model").glob("*.safetensors")
        return file.read_bytes()


def project(folder: Path, base_model: Path | str, *, rows: int = 20, **training: Any) -> Project:
    """Write the small project with a `train:` block, and build its dataset."""
    declared = {
        "base_model": str(base_model),
        "device": "cpu",
        "dtype": "float32",
        "epochs": 2,
        "batch_size": 4,
        "learning_rate": 0.01,
        "max_length": 200,
        **training,
    }
    folder.mkdir(parents=True, exist_ok=True)
    recipe = load_project(folder, yaml.safe_dump({"train": declared}), rows=rows)
    workspace = Workspace(folder / "ws")
    return Project(recipe, build(recipe, workspace), workspace)


def rungs(mixtures: Sequence[Mixture], *seeds: int) -> list[Rung]:
    return [Rung(mixture, seeds) for mixture in mixtures]
