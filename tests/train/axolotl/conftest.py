"""Axolotl's environment, where it is installed."""

import os
from pathlib import Path

import pytest

from doitkit.train.axolotl.environment import Environment, find_environment

_SMOKE = "test_three_steps_of_adapters"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave one real training to `make test`: each start of Axolotl takes most of a minute."""
    if os.environ.get("DOITKIT_TEST_AXOLOTL"):
        return
    for item in items:
        here = item.path.parent == Path(__file__).parent
        if here and item.get_closest_marker("slow") and item.name != _SMOKE:
            item.add_marker(pytest.mark.skip(reason="`make test-axolotl` carries it out"))


@pytest.fixture(scope="session")
def installed() -> Environment:
    """The environment; a test that asks for it is skipped where it is absent."""
    found = find_environment()
    if found is None:
        pytest.skip("Axolotl is not installed: doitkit backend install axolotl --cpu")
    return found


@pytest.fixture
def unseen_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a GPU."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")


@pytest.fixture
def eight_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that shows eight GPUs, as a scheduler would."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1,2,3,4,5,6,7")


@pytest.fixture
def for_gpus(tmp_path: Path) -> Environment:
    """An environment whose torch knows GPUs, as far as its record says."""
    return Environment(tmp_path / "env", "2.13.0", "pip")
