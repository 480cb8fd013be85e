"""Words are the same in memory and in a file."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.curate.near.layout import Ints
from doitkit.curate.near.partitions import Partitions
from doitkit.curate.near.remaining import PARTITIONS
from doitkit.curate.near.spool import Spool

parts = st.lists(st.lists(st.integers(0, 2**64 - 1), max_size=9), max_size=9)


@given(parts, st.integers(0, 400), st.booleans())
def test_parts_are_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[int]], memory: int, file: bool
) -> None:
    spool = Spool(memory, tmp_path_factory.mktemp("spool") / "words" if file else None)
    for part in parts:
        spool.append(np.array(part, dtype=np.uint64))
    assert [spool[i].tolist() for i in range(len(spool))] == parts
    assert spool.size == sum(map(len, parts))
    assert spool.in_file == (file and 8 * spool.size > 8 * (memory // 8))
    for i in range(len(spool)):
        spool[i][:] = ~spool[i]
    assert [(~spool[i]).tolist() for i in range(len(spool))] == parts


@pytest.mark.parametrize("memory", [8, 1000])
def test_words_are_gathered_and_overwritten(tmp_path: Path, memory: int) -> None:
    spool = Spool(memory, tmp_path / "words")
    for start in (0, 10, 20):
        spool.append(np.arange(start, start + 10, dtype=np.uint64))
    places: tuple[Ints, Ints] = np.array([25, 3, 3]), np.array([2, 0, 4])
    assert spool.gather(*places).tolist() == [25, 26, 3, 4, 5, 6]
    shorter = spool.overwritten()
    for i in range(len(spool)):
        shorter.append(spool[i][::5])
    assert shorter.gather(np.array([0]), np.array([6])).tolist() == [0, 5, 10, 15, 20, 25]


@pytest.mark.parametrize("memory", [0, 100, 1 << 20])
def test_partitions_hold_what_was_put_in(tmp_path: Path, memory: int) -> None:
    apart = Partitions(tmp_path, memory)
    bounds = np.minimum(np.arange(PARTITIONS + 1) * 2, 5)
    for start in (0, 100):
        apart.append(np.arange(start, start + 10, dtype=np.uint64).reshape(5, 2), bounds)
    assert apart.take(0).tolist() == [[0, 1], [2, 3], [100, 101], [102, 103]]
    assert apart.take(2).tolist() == [[8, 9], [108, 109]]
    assert apart.take(PARTITIONS - 1).tolist() == []
