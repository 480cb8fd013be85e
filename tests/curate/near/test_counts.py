"""Rarities are never more than they should be, and do not depend on memory."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from doitkit.curate.near.counts import mark_rarities
from doitkit.curate.near.layout import Words, distinct, keys_of, rarities_of
from doitkit.curate.near.spool import Spool

_AMPLE = 1 << 20


def _marked(blocks: list[Words], memory: int) -> Words:
    spool = Spool(_AMPLE, None)
    for block in blocks:
        spool.append(block)
    mark_rarities(spool, memory)
    return np.concatenate([spool[i] for i in range(len(spool))])


def _block(grams: list[int], rows: int) -> Words:
    """Return keys of which each gram is in the first rows of a block."""
    hashes = np.array(grams, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    row = np.arange(len(grams)) % rows
    return distinct(keys_of(hashes, row))


@given(
    st.lists(st.lists(st.integers(0, 60), min_size=1, max_size=60), min_size=1, max_size=4),
    st.integers(1, 200),
)
def test_a_gram_of_rarity_0_is_in_one_row_only(grams: list[list[int]], memory: int) -> None:
    blocks = [_block(held, 5) for held in grams]
    marked = _marked(blocks, _AMPLE)
    names, counts = np.unique(marked >> np.uint64(16), return_counts=True)
    rarity = dict(zip(names.tolist(), counts.tolist(), strict=True))
    for key in marked:
        if rarities_of(key) == 0:
            assert rarity[int(key >> np.uint64(16))] == 1
    assert (marked >> np.uint64(4) == np.concatenate(blocks) >> np.uint64(4)).all()
    assert (_marked(blocks, memory) == marked).all()


def test_a_count_stops_and_does_not_begin_anew() -> None:
    everywhere = [_block([7] * 4_096, 4_096) for _ in range(17)]
    assert (rarities_of(_marked(everywhere, _AMPLE)) == 15).all()


def test_common_grams_come_after_rare_ones() -> None:
    blocks = [_block([3] * n, n) for n in (1, 2, 3)] + [_block(list(range(100, 160)), 60)]
    by_gram = {int(k >> np.uint64(16)): int(rarities_of(k)) for k in _marked(blocks, _AMPLE)}
    common = by_gram.pop(int(_block([3], 1)[0] >> np.uint64(16)))
    assert common >= 4
    assert sorted(by_gram.values())[len(by_gram) // 2] < common
