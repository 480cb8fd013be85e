"""Items that a metric cannot score are left out, and it is said which and why."""

from dataclasses import replace

import pytest

from doitkit.curate import drop_unscorable, drop_without_distractors, extracted
from doitkit.recipe.data import EvaluationSet
from tests.records import record


def declared(metric: str, **settings: object) -> EvaluationSet:
    form = "multiple_choice" if metric == "multiple_choice" else "prompt_completion"
    return EvaluationSet.model_validate(
        {"path": "test.jsonl", "format": form, "metric": metric, **settings}
    )


@pytest.mark.parametrize(
    ("text", "pattern", "found"),
    [
        (" whole \n", None, "whole"),
        ("So 1, then #### 42", r"#### (-?[0-9]+)", "42"),
        ("#### 1 ... #### 2", r"#### (-?[0-9]+)", "2"),
        ("no number", r"#### (-?[0-9]+)", None),
        ("x=3", r"x=(\d)|y=(\d)", "3"),
        ("y=4", r"x=(\d)|y=(\d)", "4"),
        ("value 7", r"[0-9]+", "7"),
    ],
)
def test_what_is_extracted(text: str, pattern: str | None, found: str | None) -> None:
    assert extracted(text, pattern) == found


def test_a_reference_in_which_extract_finds_nothing_is_a_reject() -> None:
    items = [
        record("p", "so #### 42", line=1),
        record("q", "I do not know", line=2),
        record("r", "#### ", line=3),
    ]
    for pattern in ("#### ([0-9]+)", "#### ([0-9]*)"):
        kept, rejects = drop_unscorable(items, declared("exact_match", extract=pattern))
        assert kept == items[:1]
        assert [(r.file, r.line, r.step) for r in rejects] == [
            ("people.jsonl", 2, "score"),
            ("people.jsonl", 3, "score"),
        ]
        assert pattern in rejects[0].reason
    assert drop_unscorable(items, declared("exact_match")) == (items, [])


@pytest.mark.parametrize("metric", ["multiple_choice", "choice_likelihood"])
def test_a_choice_that_stands_there_twice_is_a_reject(metric: str) -> None:
    good = replace(record("p", "x"), choices=("x", "y"))
    bad = replace(record("q", "x"), choices=("x", "x", "y"))
    kept, (reject,) = drop_unscorable([good, bad], declared(metric))
    assert kept == [good]
    assert reject.reason == "the choice 'x' stands there twice"
    assert drop_unscorable([bad], declared("bits_per_byte")) == ([bad], [])


def test_items_whose_answers_are_all_the_same_have_no_distractors() -> None:
    same = [record(f"p{i}", "yes") for i in range(3)]
    chosen = replace(record("q", "yes"), choices=("yes", "no"))
    kept, rejects = drop_without_distractors([*same, chosen], declared("choice_likelihood"))
    assert kept == [chosen]
    assert len(rejects) == 3
    assert "no distractor" in rejects[0].reason
    other = [*same, record("r", "no")]
    assert drop_without_distractors(other, declared("choice_likelihood")) == (other, [])
    assert drop_without_distractors(same, declared("exact_match")) == (same, [])
