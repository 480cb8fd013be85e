"""The pairs are those of the definition, whatever the road to them."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.curate.near import NearPairs, Shingling, near_pairs
from tests.curate.near.brute import components, truth

AMPLE = 1 << 30
NONE = 1

WORDS = ["a", "b", "c", "D", "é", "ﬁ", "３", "的", "😀"]
GAPS = [" ", "  ", "\n", "\t ", "\u3000", "\u2028"]

WORD_GRAMS = Shingling()


def found(
    texts: list[str | None],
    similarity: str = "0.8",
    shingling: Shingling = WORD_GRAMS,
    *,
    cuts: Sequence[int] = (),
    memory: int = AMPLE,
    spill: Path | None = None,
    largest_group: int = 256,
) -> NearPairs:
    places = sorted({0, len(texts), *(cut % (len(texts) + 1) for cut in cuts)})
    chunks = [pl.Series(texts[i:j], dtype=pl.String) for i, j in pairwise(places)]
    return near_pairs(
        chunks,
        similarity=float(similarity),
        shingling=shingling,
        memory=memory,
        spill=spill,
        largest_group=largest_group,
    )


def as_pairs(result: NearPairs) -> dict[tuple[int, int], float]:
    rows = zip(result.first.tolist(), result.second.tolist(), strict=True)
    return dict(zip(rows, result.similarity.tolist(), strict=True))


def same(one: NearPairs, other: NearPairs) -> bool:
    return as_pairs(one) == as_pairs(other) and one.cluster.tolist() == other.cluster.tolist()


@st.composite
def corpora(draw: st.DrawFn) -> list[str | None]:
    """Texts of which many are edits of one another."""
    token = st.sampled_from(WORDS)
    bases = draw(st.lists(st.lists(token, max_size=14), min_size=1, max_size=4))
    texts: list[str | None] = []
    for _ in range(draw(st.integers(0, 24))):
        tokens = list(draw(st.sampled_from(bases)))
        for _ in range(draw(st.integers(0, 2))):
            place = draw(st.integers(0, len(tokens)))
            tokens[place : place + draw(st.integers(0, 1))] = [draw(token)]
        gap = draw(st.sampled_from(GAPS))
        texts.append(draw(st.sampled_from(["", " ", gap])) + gap.join(tokens))
    return texts + draw(st.lists(st.sampled_from([None, "", " \n"]), max_size=2))


shinglings = st.builds(Shingling, st.integers(1, 6), st.sampled_from(["word", "char"]))
similarities = st.sampled_from(["0.5", "0.6", "0.75", "0.8", "0.9", "0.95", "1"])


@given(corpora(), similarities, shinglings)
def test_all_pairs_are_found_and_no_other(
    texts: list[str | None], similarity: str, shingling: Shingling
) -> None:
    right = truth(texts, similarity, shingling)
    result = found(texts, similarity, shingling)
    assert as_pairs(result) == {pair: np.float32(float(j)) for pair, j in right.pairs.items()}
    assert list(as_pairs(result)) == sorted(as_pairs(result))
    assert result.cluster.tolist() == right.cluster


@given(corpora(), similarities, shinglings, st.integers(1, 4))
def test_condensed_groups_tie_together_the_same_clusters(
    texts: list[str | None], similarity: str, shingling: Shingling, largest_group: int
) -> None:
    right = truth(texts, similarity, shingling)
    result = found(texts, similarity, shingling, largest_group=largest_group)
    assert result.cluster.tolist() == right.cluster
    pairs = as_pairs(result)
    assert pairs.items() <= {pair: np.float32(float(j)) for pair, j in right.pairs.items()}.items()
    assert components(pairs, len(texts)) == right.cluster


@given(corpora(), similarities, shinglings, st.lists(st.integers(0, 30)), st.integers(1, 300))
def test_neither_chunks_nor_memory_change_the_result(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str | None],
    similarity: str,
    shingling: Shingling,
    cuts: list[int],
    memory: int,
) -> None:
    spill = tmp_path_factory.mktemp("spill")
    for largest_group in (2, 256):
        ample = found(texts, similarity, shingling, largest_group=largest_group)
        for room in (None, spill):
            lean = found(
                texts,
                similarity,
                shingling,
                cuts=cuts,
                memory=memory,
                spill=room,
                largest_group=largest_group,
            )
            assert same(lean, ample)
    assert list(spill.iterdir()) == []
