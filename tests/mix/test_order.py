"""The nested order: prefixes are the subsets, and they keep when rows come and go."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.core.hashing import rank_keys
from doitkit.core.records import Record
from doitkit.mix import Strata, nested_order, nested_places
from tests.records import record

seeds = st.integers(min_value=0, max_value=2**32 - 1)


def _rows(source: str, count: int, start: int = 0) -> list[Record]:
    return [record(f"{source} {i}", source=source) for i in range(start, start + count)]


@given(st.integers(0, 40), st.integers(0, 40), seeds, st.randoms())
def test_the_order_does_not_depend_on_how_the_rows_arrive(
    a: int, b: int, seed: int, draw: Random
) -> None:
    rows = _rows("a", a) + _rows("b", b)
    shuffled = list(rows)
    draw.shuffle(shuffled)
    weights = {"a": 1.0, "b": 2.5}
    ordered = nested_order(rows, seed, weights)
    assert ordered == nested_order(shuffled, seed, weights)
    assert sorted(r.id for r in ordered) == sorted(r.id for r in rows)


@given(st.integers(1, 60), st.integers(0, 60), seeds)
def test_rows_keep_their_order_when_others_are_added(old: int, new: int, seed: int) -> None:
    before = nested_order(_rows("a", old), seed, {"a": 1.0})
    after = nested_order(_rows("a", old + new), seed, {"a": 1.0})
    known = {r.id for r in before}
    assert [r for r in after if r.id in known] == before


@given(
    st.dictionaries(
        st.sampled_from("abcd"), st.tuples(st.integers(0, 40), st.floats(0.1, 10)), min_size=1
    ),
    seeds,
)
def test_every_prefix_gives_each_source_its_share_until_one_runs_out(
    sources: dict[str, tuple[int, float]], seed: int
) -> None:
    rows = [row for name, (count, _) in sources.items() for row in _rows(name, count)]
    weights = {name: share for name, (_, share) in sources.items()}
    held = {name: count for name, (count, _) in sources.items() if count}
    scale = sum(weights[name] for name in held)
    taken = dict.fromkeys(held, 0)
    for size, row in enumerate(nested_order(rows, seed, weights), 1):
        taken[row.source] += 1
        if any(taken[name] == count for name, count in held.items()):
            break
        for name in held:
            share = weights[name] / scale
            # At time t a source has given round(t w), half a row from t w; so the size is within
            # half a row per source of t times all weights.
            assert abs(taken[name] - size * share) <= 0.5 + share * len(held) / 2 + 1e-9


def test_equal_sources_alternate() -> None:
    ordered = nested_order(
        _rows("a", 9) + _rows("b", 9) + _rows("c", 9), 1, dict.fromkeys("abc", 1)
    )
    for size in range(1, 28):
        counts = [sum(r.source == name for r in ordered[:size]) for name in "abc"]
        assert max(counts) - min(counts) <= 1


@given(st.lists(st.integers(0, 30), min_size=1, max_size=5), st.booleans(), seeds)
def test_strata_have_their_shares_and_keep_their_order(
    sizes: list[int], equal: bool, seed: int
) -> None:
    codes = np.repeat(np.arange(len(sizes)), sizes)
    rank = rank_keys(seed, [str(row) for row in range(len(codes))])
    which = np.zeros(len(codes), dtype=np.int64)
    places = nested_places(rank, which, [1.0], {0: Strata(codes, equal)})
    assert sorted(places) == list(range(len(codes)))
    for code in range(len(sizes)):
        own = places[codes[places] == code]
        assert (np.diff(rank[own].astype(object)) >= 0).all()
    held = {code: size for code, size in enumerate(sizes) if size}
    for size in range(1, len(codes) + 1):
        taken = np.bincount(codes[places[:size]], minlength=len(sizes))
        if equal and any(taken[code] == held[code] for code in held):
            break
        for code, count in held.items():
            share = 1 / len(held) if equal else count / len(codes)
            assert abs(taken[code] - size * share) <= 0.5 + share * len(held) / 2 + 1e-9


def test_an_exhausted_source_passes_on_what_it_lacks() -> None:
    ordered = nested_order(_rows("a", 3) + _rows("b", 50), 7, {"a": 1.0, "b": 1.0})
    for size in range(6, 54):
        assert sum(r.source == "a" for r in ordered[:size]) == 3
        assert sum(r.source == "b" for r in ordered[:size]) == size - 3


def test_the_order_is_pinned() -> None:
    # These very numbers are the promise to every dataset built so far: never change them.
    ordered = nested_order(_rows("a", 6), 0, {"a": 1.0})
    assert [r.prompt[0]["content"][-1] for r in ordered] == ["5", "0", "3", "4", "1", "2"]
    assert nested_order(_rows("a", 6), 1, {"a": 1.0}) != ordered


def test_a_source_without_a_weight_is_a_defect() -> None:
    with pytest.raises(KeyError):
        nested_order(_rows("a", 1), 0, {})
