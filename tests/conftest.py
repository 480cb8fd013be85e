"""What all tests share: the folder of the real data, and how much Hypothesis may do."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

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
