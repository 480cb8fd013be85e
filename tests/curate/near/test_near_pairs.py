"""What is found is what the definition says, whatever the road to it."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.curate.near import Shingling, grams_of, near_pairs
from tests.curate.near.brute import (
    WORDS_OF_5,
    Pair,
    components,
    equal,
    found,
    pairs_of,
    truth,
)

WORDS = ["a", "b", "c", "D", "É", "ﬁ", "３", "的", "，", "😀"]
GAPS = [" ", "  ", "\n", "\t ", "\u3000", "\u2028", "\x85"]


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


def rounded(pairs: dict[Pair, Fraction]) -> dict[Pair, float]:
    return {pair: float(np.float32(float(jaccard))) for pair, jaccard in pairs.items()}


@given(corpora(), similarities, shinglings)
def test_all_pairs_are_found_and_no_other(
    texts: list[str | None], similarity: str, shingling: Shingling
) -> None:
    right = truth(texts, similarity, shingling)
    result = found(texts, similarity, shingling)
    assert pairs_of(result) == rounded(right.pairs)
    assert list(pairs_of(result)) == sorted(right.pairs)
    assert result.cluster.tolist() == right.cluster


@given(corpora(), similarities, shinglings, st.integers(1, 4))
def test_of_large_groups_the_pairs_found_join_the_right_clusters(
    texts: list[str | None], similarity: str, shingling: Shingling, largest_group: int
) -> None:
    right = truth(texts, similarity, shingling)
    result = found(texts, similarity, shingling, largest_group=largest_group)
    pairs = pairs_of(result)
    assert pairs.items() <= rounded(right.pairs).items()
    assert components(pairs, len(texts)) == right.cluster
    assert result.cluster.tolist() == right.cluster


@given(
    corpora(),
    similarities,
    shinglings,
    st.lists(st.integers(0, 30), max_size=4),
    st.integers(1, 300),
    st.sampled_from([1, 3, 64]),
)
def test_neither_chunks_nor_memory_change_the_result(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str | None],
    similarity: str,
    shingling: Shingling,
    cuts: list[int],
    memory: int,
    largest_group: int,
) -> None:
    spill = tmp_path_factory.mktemp("spill")
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
        assert equal(lean, ample)
    assert list(spill.iterdir()) == []


def numbered(*numbers: int) -> str:
    """Return a text whose single words are these numbers."""
    return " ".join(f"w{number}" for number in numbers)


def test_four_fifths_are_enough_for_0_8_and_less_is_not() -> None:
    four_of_five = [numbered(*range(9)), numbered(*range(8), 99)]
    single = Shingling(1)
    assert pairs_of(found([numbered(*range(5)), numbered(*range(4))], "0.8", single)) == {
        (0, 1): pytest.approx(0.8)
    }
    assert pairs_of(found(four_of_five, "0.8", single)) == {(0, 1): pytest.approx(0.8)}
    assert pairs_of(found(four_of_five, "0.801", single)) == {}


@pytest.mark.parametrize(("above", "below"), [(1, 2), (2, 3), (7, 10), (9, 10), (19, 20), (64, 65)])
def test_a_similarity_on_the_threshold_counts(above: int, below: int) -> None:
    texts = [numbered(*range(below)), numbered(*range(above))]
    exact = near_pairs(
        grams_of([pl.Series(texts)], Shingling(1)), similarity=above / below, memory=1 << 20
    )
    assert len(exact.first) == 1


def test_a_chain_is_one_cluster_though_its_ends_are_unlike() -> None:
    texts = [numbered(*range(start, start + 20)) for start in range(30)]
    for largest_group in (1, 2, 5, 64):
        result = found(texts, "0.9", Shingling(1), largest_group=largest_group)
        assert set(result.cluster.tolist()) == {0}
        assert (0, 5) not in pairs_of(result)


def test_short_texts_are_one_gram_of_all_they_have() -> None:
    texts = ["Yes", "yes.", " YES ", "yes yes", "yes  yes", "a b c d e", "a b c d"]
    assert list(pairs_of(found(texts))) == [(0, 2), (3, 4)]
    characters = Shingling(5, "char")
    assert list(pairs_of(found(["是的", "是 的", " 是的\n", "是的。"], shingling=characters))) == [
        (0, 2)
    ]


def test_empty_and_null_texts_are_like_nothing() -> None:
    texts = [None, "", " \n\u3000", None, "", "the same words", "the same words"]
    result = found(texts)
    assert list(pairs_of(result)) == [(5, 6)]
    assert result.cluster.tolist() == [0, 1, 2, 3, 4, 5, 5]


def test_no_texts_at_all() -> None:
    for chunks in ([], [pl.Series([], dtype=pl.String)], [pl.Series([None, None])]):
        result = near_pairs(grams_of(chunks, WORDS_OF_5), similarity=0.8, memory=1 << 20)
        assert len(result.first) == len(result.second) == len(result.similarity) == 0
        assert result.cluster.tolist() == list(range(sum(map(len, chunks))))


def test_types_are_as_declared() -> None:
    result = found(["one two", "one two"])
    assert [a.dtype for a in (result.first, result.second, result.similarity, result.cluster)] == [
        np.uint32,
        np.uint32,
        np.float32,
        np.int32,
    ]


@pytest.mark.parametrize("similarity", [0.0, -0.5, 1.01])
def test_a_similarity_that_is_none_is_refused(similarity: float) -> None:
    with pytest.raises(ValueError, match="similarity"):
        near_pairs([], similarity=similarity, memory=1)


def test_the_spill_folder_is_emptied_after_an_error_too(tmp_path: Path) -> None:
    def breaks() -> Iterator[pl.Series]:
        yield pl.Series(["one two three four five six"] * 10)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        near_pairs(grams_of(breaks(), WORDS_OF_5), similarity=0.8, memory=1, spill=tmp_path)
    assert list(tmp_path.iterdir()) == []
