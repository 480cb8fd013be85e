"""Curation as a whole: every row that goes in is kept or rejected with a reason."""

from hypothesis import given
from hypothesis import strategies as st

from doitkit.core.origins import ORIGINS
from doitkit.core.records import Record
from doitkit.curate import curate_items
from doitkit.recipe.curation import Curation
from tests.records import record, record_lists
from tests.survey.curating import curate

curations = st.builds(
    Curation,
    normalize=st.booleans(),
    dedup=st.sampled_from(["exact", "within_origin", "within_source", "none"]),
    scope=st.sampled_from(["record", "prompt", "answer"]),
    prefer=st.permutations(ORIGINS),
    decontaminate=st.booleans(),
    max_chars=st.none() | st.integers(1, 6),
)


@given(record_lists(), record_lists(max_size=4), curations)
def test_rows_in_are_rows_out_and_rejects(
    rows: list[Record], items: list[Record], curation: Curation
) -> None:
    result = curate(rows, items, curation)
    assert len(result.records) + len(result.rejects) == len(rows)
    places = [(r.source, r.line) for r in (*result.records, *result.rejects)]
    assert sorted(places) == sorted((r.source, r.line) for r in rows)
    assert all(reject.reason for reject in result.rejects)
    for source in {r.source for r in rows}:
        after = [step.get(source, 0) for step in result.steps.values()]
        assert after == sorted(after, reverse=True)
        assert after[-1] == sum(r.source == source for r in result.records)


@given(record_lists(), record_lists(max_size=4), curations)
def test_curating_what_was_curated_changes_nothing(
    rows: list[Record], items: list[Record], curation: Curation
) -> None:
    once = curate(rows, items, curation)
    twice = curate(once.records, items, curation)
    assert (twice.records, twice.rejects) == (once.records, [])


@given(record_lists(), curations)
def test_items_too_are_kept_or_rejected(items: list[Record], curation: Curation) -> None:
    result = curate_items(items, curation)
    assert len(result.records) + len(result.rejects) == len(items)
    assert len({item.id for item in result.records}) == len(result.records)


def test_each_step_says_what_it_left_out_and_why() -> None:
    rows = [
        record("a", "\x00", line=1),
        record("\ufeff", "b", line=2),
        record("a", "b", system="\x07", line=3),
        record("long", "x" * 100, line=4),
        record("kept", "row", line=5),
        record("kept ", "row", line=6),
        record("asked", "c", line=7),
    ]
    result = curate(rows, [record("Asked", "d")], Curation(max_chars=50))
    assert [(r.line, r.step, r.reason.split(" after")[0]) for r in result.rejects] == [
        (1, "filter", "nothing is left of the assistant message"),
        (2, "filter", "nothing is left of the user message"),
        (3, "filter", "nothing is left of the system message"),
        (4, "filter", "104 characters, more than max_chars 50"),
        (6, "dedup", "same text as people, people.jsonl:5"),
        (7, "decontaminate", "same prompt as the evaluation item people, people.jsonl:1"),
    ]
    assert [r.line for r in result.records] == [5]
    assert result.steps == {
        "read": {"people": 7},
        "filter": {"people": 3},
        "dedup": {"people": 2},
        "decontaminate": {"people": 1},
    }


def test_steps_that_are_switched_off_do_nothing() -> None:
    rows = [record("a ", "b", line=1), record("a ", "b", line=2)]
    off = Curation(normalize=False, dedup="none", decontaminate=False)
    assert curate(rows, rows, off).records == rows
