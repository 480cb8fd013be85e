"""The benchmark's corpus is the same for one seed, and its truth is the truth."""

import json
from itertools import combinations
from pathlib import Path

import corpus as corpora
import near_truth
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from near_truth import Truth, alike, characters, grams, judged, truth, truth_of, words
from real_rows import Language, chinese, english

_ROWS = 2000


@pytest.fixture(scope="module", params=[english, chinese], ids=["english", "chinese"])
def language(request: pytest.FixtureRequest, data_folder: Path) -> Language:
    return request.param(data_folder)


def _by_hand(rows: list[list[str]]) -> set[tuple[int, int]]:
    sets = [grams(row) for row in rows]
    return {(a, b) for a, b in combinations(range(len(rows)), 2) if alike(sets[a], sets[b])}


def _pairs(found: Truth) -> set[tuple[int, int]]:
    return set(zip(found.first.tolist(), found.second.tolist(), strict=True))


def test_the_corpus_has_the_shares_it_says_and_every_row_has_text(language: Language) -> None:
    corpus = corpora.Corpus(language, _ROWS, seed=3)
    made = list(corpus.written())
    assert len(made) == _ROWS
    assert (corpus.real, corpus.planted, corpus.distinct) == (800, 300, 1600)
    assert len({original for original, _ in made}) == corpus.distinct
    assert len({row for _, row in made}) == pytest.approx(_ROWS - 100, abs=5)
    assert all(row.instruction.strip() and row.output.strip() for _, row in made)


def test_truth_equals_all_pairs_by_hand_and_holds_what_was_planted(language: Language) -> None:
    made = list(corpora.Corpus(language, _ROWS, seed=3).written())
    tokens = [language.tokens("\n".join(row)) for _, row in made]
    found = truth(tokens)
    assert _pairs(found) == _by_hand(tokens)
    origins = np.array([original for original, _ in made])
    for original in np.unique(origins):
        assert len(np.unique(found.component[origins == original])) == 1


def test_one_seed_gives_the_same_rows_and_another_seed_others(language: Language) -> None:
    first, again, other = (
        list(corpora.Corpus(language, _ROWS, seed=seed).written()) for seed in (0, 0, 1)
    )
    assert first == again
    assert len(set(first) & set(other)) < _ROWS / 10


def test_an_item_is_taken_from_the_row_of_the_file_that_it_names(
    data_folder: Path, tmp_path: Path
) -> None:
    corpora.corpus(data_folder, tmp_path / "rows", rows=_ROWS)
    corpora.evaluation_items(data_folder, tmp_path / "items", rows=_ROWS)
    rows, items = (
        [
            json.loads(line)
            for line in (tmp_path / name).read_text(encoding="utf-8").split("\n")[:-1]
        ]
        for name in ("rows", "items")
    )
    taken = [item for item in items if item["taken_from"] is not None]
    assert len(rows) == _ROWS
    assert len(taken) > 100
    for item in taken:
        held = words(near_truth.whole(rows[item["taken_from"]]))
        asked = words(item["instruction"])[:40]
        assert " ".join(asked) in " ".join(held)


@given(st.lists(st.text("ab ", max_size=24), max_size=30))
def test_truth_equals_all_pairs_by_hand_for_any_text(texts: list[str]) -> None:
    for tokens in (words, characters):
        rows = [tokens(text) for text in texts]
        assert _pairs(truth(rows)) == _by_hand(rows)


def test_a_short_row_is_one_gram_and_an_empty_one_is_nobodys_twin() -> None:
    found = truth([["a", "b"], ["a", "b"], ["a"], [], [], ["b", "a"]])
    assert _pairs(found) == {(0, 1)}
    assert found.component.tolist() == [0, 0, 2, 3, 4, 5]
    assert found.survivors == 5


def test_truth_is_kept_by_content(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    row = {"instruction": "Say five words and more", "input": "", "output": "to me"}
    file.write_text(f"{json.dumps(row)}\n{json.dumps(row)}\n")
    found = truth_of(file, tmp_path / "kept")
    again = truth_of(file, tmp_path / "kept")
    assert len(list((tmp_path / "kept").iterdir())) == 1
    assert _pairs(found) == _pairs(again) == {(0, 1)}


def test_a_tool_is_judged_by_pairs_found_and_by_right_removals() -> None:
    found = truth([list("abcdef"), list("abcdef"), list("uvwxyz"), list("uvwxyz"), list("klmnop")])
    right = judged(found, [0, 2, 4])
    assert (right.survivors, right.recall, right.precision) == (3, 1.0, 1.0)
    greedy = judged(found, [0, 1])
    assert (greedy.recall, greedy.precision) == (0.5, pytest.approx(1 / 3))
