"""Training rows that are evaluation items are found by id, by prompt and by question."""

import pytest

from doitkit.core.records import Record, Reject
from doitkit.recipe.curation import Curation
from tests.records import record
from tests.survey.curating import curate

QUESTION = "How many clips did Natalia sell altogether in April and May?"
ITEM = record(QUESTION, "72", source="math.evaluate", line=5)


def drop_contaminated(rows: list[Record], items: list[Record]) -> tuple[list[Record], list[Reject]]:
    result = curate(rows, items, Curation(dedup="none", normalize=False))
    return result.records, result.rejects


@pytest.mark.parametrize(
    "row",
    [
        record(QUESTION, "72"),
        record(QUESTION, "The answer is 72."),
        record(f"  {QUESTION.upper()}\n", "seventy-two"),
        record(QUESTION, "72", system="You are a calculator."),
    ],
    ids=["the item itself", "its prompt", "its prompt spelt otherwise", "its question"],
)
def test_an_item_in_disguise_is_found_and_named(row: Record) -> None:
    kept, (reject,) = drop_contaminated([record(), row], [ITEM])
    assert kept == [record()]
    assert (
        reject.reason == "same prompt as the evaluation item math.evaluate, math.evaluate.jsonl:5"
    )
    assert (reject.step, reject.id) == ("decontaminate", row.id)


def test_a_question_at_the_end_of_a_conversation_is_found() -> None:
    chat = Record(
        messages=(
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Hi"},
            {"role": "user", "content": QUESTION},
            {"role": "assistant", "content": "72"},
        ),
        ability="math", origin="human", source="people", file="f", line=1,
    )  # fmt: skip
    assert drop_contaminated([chat], [ITEM])[0] == []


def test_a_short_question_may_be_asked_by_chance() -> None:
    item = record("Why?", "Because.", system="Talk about clips.")
    row = record("Why?", "No idea.", system="Talk about trains.")
    assert drop_contaminated([row], [item])[0] == [row]
    assert drop_contaminated([record("Why?", "No idea.")], [record("why?", "x")])[0] == []


def test_other_questions_stay_even_with_the_same_answer() -> None:
    rows = [record("How many clips did Natalia sell in April?", "72")]
    assert drop_contaminated(rows, [ITEM]) == (rows, [])
    assert drop_contaminated(rows, []) == (rows, [])
