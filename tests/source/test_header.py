"""Whether a CSV file names its columns."""

import pytest

from doitkit.source.header import guessed_header

LETTERS = [
    ["Which is a prime?", "4", "7", "9", "12", "B"],
    ["Which is even?", "3", "5", "8", "9", "C"],
]


@pytest.mark.parametrize(
    "lines",
    [
        [["question", "answer"], ["What?", "That."]],
        [["Question", "A", "B", "C", "D", "Answer"], *LETTERS],
        [["", "Prompt"], ["0", "x"]],
        [["frage", "antwort"], ["Was ist das?", "Ein Haus."]],
        [["n", "text_de"], ["1", "x"], ["2", "y"]],
        [["stem", "w", "x", "y", "z", "key"], *LETTERS],
        [["only"]],
        [],
    ],
)
def test_a_line_of_names(lines: list[list[str]]) -> None:
    assert guessed_header(lines) is True


def test_a_question_its_choices_and_a_letter_are_named() -> None:
    named = ["question", "A", "B", "C", "D", "answer"]
    assert guessed_header(LETTERS) == named
    assert guessed_header([[f"{'Why? ' * 20}", *row[1:]] for row in LETTERS]) == named


@pytest.mark.parametrize(
    "lines",
    [
        [["1", "2"], ["3", "4"]],
        [["A sentence that is far too long to be the name of a column", "x"], ["b", "y"]],
        [["same", "same"], ["b", "c"]],
    ],
)
def test_columns_without_names_that_could_be_anything(lines: list[list[str]]) -> None:
    assert guessed_header(lines) is False
