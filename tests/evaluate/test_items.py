"""Items, their distractors, and what guessing would score."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.core.errors import EvaluationError
from doitkit.evaluate.items import chance_level, questions
from tests.evaluate.items import declared, row

answers = st.lists(st.text("abc", min_size=1, max_size=3), min_size=2, max_size=25).filter(
    lambda found: len(set(found)) > 1
)


@given(answers, st.integers(1, 9))
def test_distractors_are_other_answers_and_never_the_right_one(
    given_answers: list[str], wanted: int
) -> None:
    rows = [row(f"prompt {i}", answer) for i, answer in enumerate(given_answers)]
    items = questions(rows, declared("choice_likelihood", distractors=wanted))
    available = len(set(given_answers)) - 1
    for item, answer in zip(items, given_answers, strict=True):
        assert item.answer == answer
        assert item.choices[item.gold] == answer
        assert len(item.choices) == len(set(item.choices)) == 1 + min(wanted, available)
        assert set(item.choices) <= set(given_answers)


def test_distractors_follow_from_the_items_alone() -> None:
    rows = [row(f"prompt {i}", f"answer {i}") for i in range(30)]
    found = questions(rows, declared("choice_likelihood"))
    backwards = questions(rows[::-1], declared("choice_likelihood"))
    assert backwards[::-1] == found
    # The right answer stands in every place about as often.
    places = [item.gold for item in found]
    assert all(places.count(place) >= 4 for place in range(3))


def test_choices_that_are_given_stay() -> None:
    rows = [row("prompt", "b", ("a", "b")), row("other", "c"), row("third", "d")]
    first, second, _ = questions(rows, declared("choice_likelihood"))
    assert (first.choices, first.gold) == (("a", "b"), 1)
    assert set(second.choices) <= {"b", "c", "d"}


def test_answers_that_are_all_the_same_give_no_distractors() -> None:
    rows = [row(f"prompt {i}", "yes") for i in range(5)]
    with pytest.raises(EvaluationError, match="no distractors"):
        questions(rows, declared("choice_likelihood"))


def test_chance() -> None:
    two, four = row("p", "a", ("a", "b")), row("q", "a", ("a", "b", "c", "d"))
    choice = declared("multiple_choice")
    assert chance_level(questions([two, four], choice), choice) == pytest.approx(3 / 8)
    exact = declared("exact_match")
    assert chance_level(questions([row("p", "a")], exact), exact) == 0.0
    bits = declared("bits_per_byte")
    assert chance_level(questions([row("p", "a")], bits), bits) == 8.0


def test_a_reference_without_an_answer_is_named() -> None:
    rows = [row("prompt", "I do not know")]
    with pytest.raises(EvaluationError, match="no answer that `extract` finds") as caught:
        questions(rows, declared("exact_match", extract="#### ([0-9]+)"))
    assert "I do not know" in str(caught.value)
