"""Rows come out in their order, whether they fit into memory or go through files."""

from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from doitkit.build.gather import gathered
from doitkit.core.origins import Cell
from doitkit.core.saved import ROWS_OF_A_BATCH
from doitkit.recipe.curation import Curation
from doitkit.source import Meant
from doitkit.source.formats import Chat
from doitkit.survey import Shards, curate_rows


def _shards(rows: int) -> Shards:
    def some(source: str) -> list[Meant]:
        chats = [
            Chat(
                (
                    {"role": "user", "content": f"{source} asks {i}"},
                    {"role": "assistant", "content": "x" * (i % 50 + 1)},
                )
            )
            for i in range(rows)
        ]
        return [Meant.of(chats, [source] * rows, list(range(1, rows + 1)))]

    sources = {name: (Cell("a", "human"), some(name)) for name in ("one", "two")}
    found = curate_rows(sources, [], Curation(dedup="none"))
    # The rows live as long as what holds them.
    _HELD.append(found)
    return found.shards


_HELD: list[object] = []


def test_files_and_memory_give_the_same_batches(tmp_path: Path) -> None:
    shards = _shards(30_000)
    order = np.random.default_rng(3).permutation(len(shards))[:50_001].astype(np.uint32)
    whole = list(gathered(shards, order, 1 << 40, tmp_path / "unused"))
    assert not (tmp_path / "unused").exists()
    spread = list(gathered(shards, order, 1 << 20, tmp_path / "aside"))
    assert list((tmp_path / "aside").iterdir()) == []
    assert [batch.height for batch in whole] == [ROWS_OF_A_BATCH] * 6 + [50_001 % ROWS_OF_A_BATCH]
    assert all(a.equals(b) for a, b in zip(whole, spread, strict=True))
    together = pl.concat(whole)
    assert together["id"].to_list() == shards.take(order)["id"].to_list()
    assert set(together["source"]) == {"one", "two"}


@given(st.lists(st.integers(0, 39), unique=True))
def test_any_rows_in_any_order(numbers: list[int]) -> None:
    shards = _SMALL
    order = np.array(numbers, dtype=np.uint32)
    found = [
        row for batch in gathered(shards, order, 1 << 40, Path("unused")) for row in batch["id"]
    ]
    assert found == shards.take(order)["id"].to_list()
    assert found == [_IDS[number] for number in numbers]


_SMALL = _shards(20)
_IDS = _SMALL.take(np.arange(40))["id"].to_list()
