"""Rows that share a template make large groups, of which few pairs are compared."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.curate.near import Shingling
from tests.curate.near.brute import components, found, pairs_of, truth

_TEMPLATE = [f"t{i}" for i in range(40)]


def _around(*middle: str) -> str:
    return " ".join([*_TEMPLATE[:25], *middle, *_TEMPLATE[25:]])


def _own_words(row: int, draw: Random) -> str:
    return _around(*(f"own{row}-{i}" for i in range(draw.randrange(1, 12))))


def _two_slots(row: int, draw: Random) -> str:
    slots = [f"{name}{i}" for name, n in (("a", 4), ("b", 12)) for i in [draw.randrange(n)]]
    return _around(*(f"{slot}-{i}" for slot in slots for i in range(2)))


def _two_slots_and_a_number(row: int, draw: Random) -> str:
    return f"{_two_slots(row, draw)} number {row}"


def _six_slots(row: int, draw: Random) -> str:
    slots = [draw.randrange(3) for _ in range(6)]
    return " ".join(f"s{place}-{slot}-{i}" for place, slot in enumerate(slots) for i in range(6))


def _two_templates(row: int, draw: Random) -> str:
    changed = _TEMPLATE[: 10 + 6 * (row % 2)] + [f"u{i}" for i in range(8)] + _TEMPLATE[20:]
    return " ".join([*changed, f"own{row}"])


@pytest.mark.parametrize("similarity", ["0.5", "0.7", "0.8", "0.9"])
@pytest.mark.parametrize(
    "row", [_own_words, _two_slots, _two_slots_and_a_number, _six_slots, _two_templates]
)
def test_clusters_are_right(row: Callable[[int, Random], str], similarity: str) -> None:
    draw = Random(7)
    texts = [row(i, draw) for i in range(150)]
    right = truth(texts, similarity)
    for largest_group in (1, 8, 64):
        result = found(texts, similarity, largest_group=largest_group)
        assert result.cluster.tolist() == right.cluster
        pairs = pairs_of(result)
        assert pairs.keys() <= right.pairs.keys()
        assert components(pairs, len(texts)) == right.cluster


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.lists(st.integers(0, 9), max_size=5)),
        min_size=2,
        max_size=40,
    ),
    st.sampled_from(["0.5", "0.65", "0.8"]),
    st.integers(1, 3),
)
def test_ends_of_rows_decide_within_a_group(
    made: list[tuple[int, list[int]]], similarity: str, largest_group: int
) -> None:
    """Rows of a common part that differs by little, and words that several rows have too."""
    texts = [
        " ".join([*(f"c{i}" for i in range(12) if i != left_out), *(f"w{w}" for w in words)])
        for left_out, words in made
    ]
    right = truth(texts, similarity, Shingling(1))
    result = found(texts, similarity, Shingling(1), largest_group=largest_group)
    assert result.cluster.tolist() == right.cluster
    assert components(pairs_of(result), len(texts)) == right.cluster


def test_twenty_thousand_rows_of_a_template_take_no_pair_each_with_each() -> None:
    own = 20_000
    texts = [f"{_around()} own{i}" for i in range(own)] + ["nothing like it, not at all"] * 2
    result = found(texts)
    assert set(result.cluster[:own].tolist()) == {0}
    assert result.cluster[own:].tolist() == [own, own]
    assert own <= len(result.first) < 20 * own
    assert result.similarity[:-1].min() >= 0.8
    assert result.similarity[-1] == 1


def test_rows_of_a_template_that_differ_are_no_near_duplicates() -> None:
    texts = [_around(*(f"own{row}-{i}" for i in range(9))) for row in range(3000)]
    assert len(found(texts).first) == 0
