"""How problems are shown: the frame, the caret, the nearest word."""

import pickle
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.recipe.diagnostics import (
    Problem,
    did_you_mean,
    in_order,
    listed,
    recipe_error,
    render,
)
from doitkit.recipe.document import Document
from doitkit.recipe.flaw import Position, printable, shown
from doitkit.recipe.frame import frame


def _problem(line: int = 1, column: int = 1, file: str = "f", code: str = "E120") -> Problem:
    return Problem(code, Position(line, column, file), "what", "step")


def test_a_frame_shows_the_line_between_its_neighbours() -> None:
    assert frame("a: 1\nb: 2\nc: 3\nd: 4\n", Position(2, 4)) == [
        "    1 | a: 1",
        "  > 2 | b: 2",
        "      |    ^",
        "    3 | c: 3",
    ]
    assert frame("a: 1", Position(1, 1)) == ["  > 1 | a: 1", "      | ^"]
    assert frame("", Position(1, 1)) == ["  > 1 |", "      | ^"]


def test_numbers_of_lines_are_set_to_the_right() -> None:
    text = "\n".join(f"k{i}: 1" for i in range(1, 12))
    assert frame(text, Position(9, 1))[0] == "     8 | k8: 1"
    assert frame(text, Position(9, 1))[3] == "    10 | k10: 1"


@pytest.mark.parametrize("column", [1, 50, 100, 101, 500, 990])
def test_of_a_long_line_the_part_around_the_place_is_shown(column: int) -> None:
    line = "".join(chr(ord("a") + i % 26) for i in range(1000))
    _, shown_line, caret = ["", *frame(line, Position(1, column))]
    assert len(shown_line) < 120
    assert shown_line[caret.index("^")] == line[column - 1]


def test_the_caret_stands_below_wide_characters_and_accents() -> None:
    line = "名前: e\u0301x"
    _, caret = frame(line, Position(1, 1 + line.index("x")))
    assert caret == "      | " + " " * 7 + "^"
    assert unicodedata.combining(line[5])


def test_what_a_terminal_obeys_is_not_shown() -> None:
    shown_line, _ = frame("a: \x1b[31m\u202eb\x07", Position(1, 1))
    assert shown_line == "  > 1 | a: \ufffd[31m\ufffdb\ufffd"
    assert printable("a\tb\x00") == "a\u2192b\ufffd"
    assert shown("x" * 500 + "\x1b") == "x" * 100 + "..."


@given(st.text(max_size=300), st.integers(1, 9), st.integers(1, 400))
def test_a_frame_of_anything_prints(text: str, line: int, column: int) -> None:
    for shown_line in frame(text, Position(line, column)):
        assert shown_line.isprintable()
        assert len(shown_line) < 250


def test_the_nearest_word_is_meant_or_all_are_listed() -> None:
    assert did_you_mean("orgin", ["origin", "path"]) == "did you mean `origin`?"
    assert did_you_mean("zzz", ["b", "a"]) == "known here: a, b"
    assert did_you_mean("zzz", []) == "remove it"
    assert did_you_mean("zzz", [], "declare it") == "declare it"


def test_of_very_many_words_the_nearest_is_still_found() -> None:
    words = [f"source-{i:05}" for i in range(20_000)]
    assert did_you_mean("source-01234x", words) == "did you mean `source-01234`?"
    assert did_you_mean("zzz", words).endswith("more")
    assert len(did_you_mean("zzz", words)) < 250


def test_a_list_of_words_fits_in_two_lines() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed(["x" * 60] * 10) == ", ".join(["x" * 60] * 3) + " and 7 more"


def test_problems_stand_in_the_order_of_their_places_and_once() -> None:
    found = [_problem(3), _problem(1, 5), _problem(1, 2), _problem(3), _problem(1, 1, "e")]
    places = [(p.position.file, p.position.line, p.position.column) for p in in_order(found)]
    assert places == [("e", 1, 1), ("f", 1, 2), ("f", 1, 5), ("f", 3, 1)]


def test_a_problem_without_its_text_is_still_shown() -> None:
    assert "f:3:1: E120 what" in render({}, [_problem(3)])


def test_an_error_names_the_pages_and_crosses_processes() -> None:
    document = Document("f", "a: 1")
    one = recipe_error(document, [_problem()])
    assert str(one).endswith("`doitkit explain E120` says more")
    two = recipe_error(document, [_problem(), _problem(code="E104")])
    assert str(two).endswith("`doitkit explain CODE` says more about E104, E120")
    again = pickle.loads(pickle.dumps(two))
    assert str(again) == str(two)
    assert again.problems == two.problems
