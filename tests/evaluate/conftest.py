import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Tiny tensors on several threads of busy cores take ten times as long."""
    torch.set_num_threads(1)
