"""What a search finds: as a plain reference does, whatever the chunks; and what is a copy."""

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from doitkit.curate.overlap import Held, OverlapSearch
from doitkit.curate.overlap.items import MIN_TOKENS
from doitkit.recipe.curation import Overlap
from tests.curate.overlap.reference import Row, grams, matches, words
from tests.curate.overlap.searching import as_matches, found, frame

_WORDS = ("apple", "bread", "cheese", "dill", "eggs", "figs", "grapes")
_PARTS = st.tuples(st.sampled_from(_WORDS), st.sampled_from([" ", " ", " ", "  ", ", ", "\n"]))


def _texts(least: int, most: int) -> st.SearchStrategy[str]:
    parts = st.lists(_PARTS, min_size=least, max_size=most)
    return parts.map(lambda held: "".join(map("".join, held)))


_RIVER = (
    "A boat goes 12 miles down the river in two hours, and needs three hours to come back to "
    "where it set out. How fast does the river flow, in miles per hour?"
)


@st.composite
def _cases(draw: st.DrawFn) -> tuple[list[Held], list[Row], Overlap]:
    # From a few phrases and words, so that texts have much in common, here and there.
    phrases = st.sampled_from(draw(st.lists(_texts(3, 9), min_size=3, max_size=6)))
    texts = st.lists(st.one_of(phrases, phrases, _texts(1, 2)), min_size=1, max_size=4)
    texts = st.one_of(texts.map("".join), texts.map("".join), st.just(""))
    sides = draw(st.lists(st.tuples(texts, texts), min_size=2, max_size=6))
    items = [Held(f"test:{number}", *both) for number, both in enumerate(sides)]
    rows = draw(
        st.lists(st.builds(Row, st.sampled_from("ab"), texts, texts), min_size=2, max_size=9)
    )
    overlap = Overlap(
        ngram=draw(st.sampled_from([3, 4, 8])),
        share=draw(st.sampled_from([0, 0.25, 0.5, 1])),
        common=draw(st.integers(1, 4)),
    )
    return items, rows, overlap


@given(_cases(), st.lists(st.integers(1, 8)))
def test_it_finds_what_the_reference_finds_however_rows_are_cut(
    case: tuple[list[Held], list[Row], Overlap], cuts: list[int]
) -> None:
    items, rows, overlap = case
    result = found(items, rows, overlap, [cut for cut in cuts if cut < len(rows)])
    expected = [m._replace(share=pytest.approx(m.share)) for m in matches(items, rows, overlap)]
    assert as_matches(result) == expected


@given(st.text(max_size=40), st.text(max_size=40), st.booleans(), st.sampled_from([3, 8, 13]))
def test_a_row_that_holds_a_whole_prompt_is_found(
    before: str, after: str, in_answer: bool, ngram: int
) -> None:
    text = f"{before} {_RIVER.upper().replace(' ', '  ')} {after}"
    row = Row("a", "Go on.", text) if in_answer else Row("a", text, "Fine.")
    result = found([Held("test:1", _RIVER, "B")], [row], Overlap(ngram=ngram, share=1))
    assert result.select("row", "item", "of", "share").rows() == [(0, 0, "prompt", 1.0)]


@given(st.lists(_texts(0, 12), min_size=4, max_size=4), st.sampled_from([3, 4, 8]))
def test_where_no_gram_is_shared_nothing_is_found(texts: list[str], ngram: int) -> None:
    item, row = Held("test:1", texts[0], texts[1]), Row("a", texts[2], texts[3])
    sizes = [*range(MIN_TOKENS, ngram), ngram]
    held, told = (
        {gram for text in side for size in sizes for gram in grams(words(text), size)}
        for side in (texts[:2], texts[2:])
    )
    assume(not held & told)
    assert found([item], [row], Overlap(ngram=ngram, share=0)).is_empty()


def test_rows_keep_the_numbers_they_were_given() -> None:
    search = OverlapSearch([Held("test:1", _RIVER, "3")], Overlap())
    rows = [Row("a", "What is a river?", "Water."), Row("a", _RIVER, "I do not know.")]
    search.look_at(70_000, frame(rows), "a")
    search.look_at(12, frame(rows[1:]), "b")
    assert search.found()["row"].to_list() == [12, 70_001]


def test_blocks_of_ascii_and_of_other_letters_give_the_same_numbers() -> None:
    many = [Row("a", f"Say {number} in French.", "é" * (number % 3)) for number in range(9_000)]
    rows = [*many[:4_000], Row("a", _RIVER, "Très vite"), *many[4_000:], Row("a", _RIVER, "fast")]
    assert found([Held("test:1", _RIVER, "3")], rows)["row"].to_list() == [4_000, 9_001]


def test_the_share_is_of_the_grams_of_one_side() -> None:
    held = " ".join(words(_RIVER)[:23])
    row = Row("a", f"{held} says who?", "Nobody.")
    size = len(words(_RIVER))
    (match,) = found([Held("test:1", _RIVER, "3")], [row], Overlap(share=0)).rows(named=True)
    assert match["share"] == pytest.approx(11 / (size - 12))
    assert found([Held("test:1", _RIVER, "3")], [row], Overlap(share=11 / (size - 12))).height == 1
    assert found([Held("test:1", _RIVER, "3")], [row], Overlap(share=0.6)).is_empty()


def test_the_passage_is_the_longest_run_in_the_words_of_the_item() -> None:
    held = "two hours, and needs three hours to come back... a boat goes 12 miles down the river"
    result = found([Held("test:1", _RIVER, "3")], [Row("a", held, "?")], Overlap(ngram=5, share=0))
    assert result["passage"].to_list() == ["two hours, and needs three hours to come back"]
    held = "A BOAT goes 12 miles down the river in two hours! It needs three hours to come back."
    result = found([Held("test:1", _RIVER, "3")], [Row("a", held, "?")], Overlap(ngram=5, share=0))
    assert result["passage"].to_list() == ["A boat goes 12 miles down the river in two hours"]


def test_a_passage_is_cut() -> None:
    item = Held("test:1", " ".join([_RIVER, *map(str, range(1_000))]), "3")
    (match,) = found([item], [Row("a", item.prompt, "?")]).rows(named=True)
    assert match["passage"] == item.prompt[:200]


def test_an_answer_is_looked_for_in_answers_only() -> None:
    solution = "It flows at one mile an hour, since four and six miles an hour are what it makes."
    item = Held("test:1", _RIVER, solution)
    rows = [Row("a", f"Is this right? {solution}", "No."), Row("a", "Go on.", f"{solution} So B.")]
    assert as_matches(found([item], rows)) == [(1, 0, "answer", 1.0)]


def test_a_question_inside_an_answer_is_found() -> None:
    row = Row("a", "Write a problem about a boat.", f"Here is one. {_RIVER} Good luck!")
    assert as_matches(found([Held("test:1", _RIVER, "3")], [row])) == [(0, 0, "prompt", 1.0)]


def test_of_several_items_the_one_is_named_that_the_row_holds_most_of() -> None:
    shorter = " ".join(words(_RIVER)[:20])
    items = [Held("test:1", shorter, "3"), Held("test:2", _RIVER, "3"), Held("test:3", _RIVER, "4")]
    assert found(items, [Row("a", _RIVER, "?")])["item"].to_list() == [1]


def test_halves_in_two_texts_are_no_whole() -> None:
    half = _RIVER.index(" and needs")
    longer = " ".join([*words(_RIVER)[:28], "and", "so", "on"])
    items = [Held("test:1", _RIVER, "3"), Held("test:2", longer, "3")]
    rows = [Row("a", _RIVER[:half], _RIVER[half:]), Row("a", "Go on.", _RIVER[:half])]
    rows.append(Row("a", _RIVER[half:], "So?"))
    assert found(items, rows, Overlap(share=1)).is_empty()


def test_nothing_to_look_for_and_nothing_to_look_at() -> None:
    schema = {
        "row": pl.UInt32,
        "item": pl.UInt32,
        "of": pl.String,
        "share": pl.Float32,
        "passage": pl.String,
    }
    for items in ([], [Held("test:1", "", "B")], [Held("test:1", _RIVER, "B")]):
        search = OverlapSearch(items, Overlap())
        assert search.found().schema == schema
        search.look_at(0, frame([]), "a")
        search.look_at(0, frame([Row("a", "", "")]), "a")
        assert search.found().is_empty()
        assert search.found().schema == schema


def test_half_a_pair_of_utf_16_in_an_item_does_no_harm() -> None:
    item = Held("test:1", f"\ud83d {_RIVER}", "\ude00")
    assert found([item], [Row("a", _RIVER, "?")])["passage"].to_list() == [_RIVER[:-1]]
