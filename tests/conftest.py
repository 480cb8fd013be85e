"""What all tests share: the folder of the real data, and how much Hypothesis may do."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from doitkit.core.workers import WorkerPool
from doitkit.core.workspace import Workspace
from doitkit.demo import BASE_MODEL
from doitkit.loop import LoopState, loop
from doitkit.recipe.start import start_project
from tests.models import write_model

# Machines differ in speed; a test that fails for being slow would say nothing about the code.
settings.register_profile("doitkit", deadline=None, max_examples=60)
settings.load_profile("doitkit")

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The real instruction data; a test that asks for it is skipped where it is absent."""
    folder = Path(os.environ.get("DOITKIT_DATA", _BESIDE))
    if not (folder / "instructions").is_dir():
        pytest.skip("no real data: set DOITKIT_DATA to the folder that holds `instructions`")
    return folder


@pytest.fixture(scope="session")
def base_model() -> Path:
    """The demo's base model, which knows letters, digits and counting."""
    return BASE_MODEL


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with random weights that trains in a second."""
    return write_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerPool]:
    """Two warm worker processes."""
    with WorkerPool(2, 1, tmp_path_factory.mktemp("pool") / "workers.log") as workers:
        yield workers


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The starter project with the demo's tiny model as its base model."""
    return _start(tmp_path / "project")


@pytest.fixture(scope="session")
def looped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, LoopState]:
    """A starter project over which a whole turn was carried out, with a check of the advice."""
    folder = _start(tmp_path_factory.mktemp("looped") / "project")
    recipe = folder / "recipe.yaml"
    # At this price, the budget does not buy all that there is, and there is something to decide.
    text = recipe.read_text().replace("synthetic: {per_row: 0.02}", "synthetic: {per_row: 0.1}")
    recipe.write_text(text + "  supply: available\n  check_seeds: [5, 6]\n")
    return folder, loop(recipe, Workspace(folder / "ws"))


def _start(folder: Path) -> Path:
    start_project(folder)
    shutil.copytree(BASE_MODEL, folder / "models" / "base")
    recipe = folder / "recipe.yaml"
    # What is measured, or follows from the cores, may differ between two workspaces.
    settled = "train:\n  dtype: float32\n  threads: 1\n"
    recipe.write_text(recipe.read_text().replace("train:\n", settled, 1))
    return folder
