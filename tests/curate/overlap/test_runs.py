"""Hashes of runs: equal for equal runs wherever they stand, and the sieve before them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from doitkit.curate.overlap.runs import Runs, mixed
from doitkit.curate.overlap.sieve import Sieve

_NUMBERS = st.lists(st.integers(0, 3), max_size=40)


def _hashes(numbers: list[int]) -> np.ndarray:
    return mixed(np.array(numbers, np.uint64) + np.uint64(1))


@given(_NUMBERS, st.integers(1, 12))
def test_runs_have_equal_hashes_just_when_they_are_equal(numbers: list[int], size: int) -> None:
    grams = Runs(_hashes(numbers)).grams(size)
    runs = [tuple(numbers[i : i + size]) for i in range(len(numbers) - size + 1)]
    assert len(grams) == len(runs)
    by_run = dict(zip(runs, grams.tolist(), strict=True))
    assert [by_run[run] for run in runs] == grams.tolist()
    assert len(set(by_run.values())) == len(by_run)


@given(_NUMBERS, _NUMBERS, _NUMBERS)
def test_the_hash_of_a_run_does_not_depend_on_where_it_stands(
    before: list[int], run: list[int], after: list[int]
) -> None:
    start, end = np.array([len(before)]), np.array([len(before) + len(run)])
    inside = Runs(_hashes([*before, *run, *after])).hashes(start, end)
    alone = Runs(_hashes(run)).hashes(np.array([0]), np.array([len(run)]))
    assert inside == alone


def test_long_sequences_have_the_hashes_of_short_ones() -> None:
    numbers = _hashes([number % 7 for number in range(100_000)])
    at = np.array([99_000])
    assert Runs(numbers).hashes(at, at + 900) == Runs(numbers[99_000:99_900]).grams(900)


@given(st.integers(0, 2**32), st.integers(0, 5_000))
def test_a_sieve_passes_all_that_is_known_and_little_else(seed: int, known: int) -> None:
    hashes = np.random.default_rng(seed).integers(0, 1 << 63, 20_000, np.uint64) * np.uint64(2)
    passed = Sieve(hashes[:known]).passes(hashes)
    assert passed[:known].tolist() == list(range(known))
    assert len(passed) - known < 20_000 / 32
