"""The order of rows: every row once an epoch, by seed and epoch alone, near in length."""

from hypothesis import given
from hypothesis import strategies as st

from doitkit.train.embedded.order import EpochOrder


def order(lengths: list[int], batch: int, seed: int, epoch: int) -> list[int]:
    sampler = EpochOrder(lengths, batch, seed)
    sampler.set_epoch(epoch)
    assert len(sampler) == len(lengths)
    return list(sampler)


@given(
    lengths=st.lists(st.integers(1, 50), max_size=300),
    batch=st.integers(1, 20),
    seed=st.integers(0, 2**32 - 1),
    epoch=st.integers(0, 5),
)
def test_every_row_comes_once_an_epoch(
    lengths: list[int], batch: int, seed: int, epoch: int
) -> None:
    found = order(lengths, batch, seed, epoch)
    assert sorted(found) == list(range(len(lengths)))
    assert order(lengths, batch, seed, epoch) == found


def test_seeds_and_epochs_differ() -> None:
    lengths = [1] * 40
    orders = {tuple(order(lengths, 4, seed, epoch)) for seed in range(3) for epoch in range(3)}
    assert len(orders) == 9


def test_an_epoch_is_the_same_whatever_came_before() -> None:
    resumed = order([5] * 40, 4, 1, 2)
    sampler = EpochOrder([5] * 40, 4, 1)
    for epoch in range(3):
        sampler.set_epoch(epoch)
        last = list(sampler)
    assert last == resumed


def test_rows_of_a_batch_are_near_in_length() -> None:
    lengths = [(7 * i) % 101 for i in range(1600)]
    found = order(lengths, 16, 1, 0)
    batches = [found[at : at + 16] for at in range(0, len(found), 16)]
    spread = [max(lengths[i] for i in b) - min(lengths[i] for i in b) for b in batches]
    assert sum(spread) / len(spread) < 10
    # Batches themselves are not sorted: short rows stand neither first nor last.
    means = [sum(lengths[i] for i in b) / 16 for b in batches]
    assert means != sorted(means)
    assert means != sorted(means, reverse=True)
