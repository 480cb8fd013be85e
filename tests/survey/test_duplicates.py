"""Of equal rows one stays, and which one is decided by origin, then source, then place."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from doitkit.core.origins import ORIGINS, Origin
from doitkit.core.records import Record
from doitkit.recipe.curation import Curation, Dedup
from tests.records import record, record_lists
from tests.survey.curating import Result, curate

PREFER: list[Origin] = ["human", "programmatic", "synthetic"]


def _deduplicated(
    records: Sequence[Record], prefer: list[Origin], dedup: Dedup = "exact"
) -> Result:
    return curate(records, [], Curation(normalize=False, dedup=dedup, prefer=prefer))


def _kept(records: Sequence[Record], prefer: list[Origin]) -> list[str]:
    return [f"{r.source}:{r.line}" for r in _deduplicated(records, prefer).records]


def test_the_preferred_origin_stays_wherever_it_stands() -> None:
    rows = [
        record(origin="synthetic", source="model", line=1),
        record(origin="human", source="people", line=1),
        record(origin="human", source="people", line=2),
    ]
    assert _kept(rows, PREFER) == ["people:1"]
    assert _kept(rows, ["synthetic", "human"]) == ["model:1"]
    assert _kept(rows, ["programmatic"]) == ["model:1"]


def test_a_reject_names_the_row_that_stayed() -> None:
    rows = [record(line=3), record(source="copy", line=8)]
    (reject,) = _deduplicated(rows, PREFER).rejects
    assert (reject.source, reject.line, reject.step) == ("copy", 8, "dedup")
    assert reject.reason == "same text as people, people.jsonl:3"


def test_other_answers_to_one_prompt_are_no_duplicates() -> None:
    assert len(_kept([record(reply="4"), record(reply="four")], PREFER)) == 2


def test_within_origins_a_model_keeps_the_answers_that_equal_a_person_s() -> None:
    rows = [
        record(origin="human", source="people", line=1),
        record(origin="synthetic", source="model", line=1),
        record(origin="synthetic", source="model", line=2),
    ]
    result = _deduplicated(rows, PREFER, "within_origin")
    (reject,) = result.rejects
    assert result.records == rows[:2]
    assert reject.reason == "same text as model, model.jsonl:1"


@given(record_lists(), st.permutations(ORIGINS))
def test_one_of_each_text_stays_and_it_is_of_the_best_origin(
    rows: list[Record], prefer: list[Origin]
) -> None:
    result = _deduplicated(rows, prefer)
    kept, rejects = result.records, result.rejects
    assert len(kept) + len(rejects) == len(rows)
    assert {r.id for r in kept} == {r.id for r in rows}
    assert len({r.id for r in kept}) == len(kept)
    for source in {r.source for r in rows}:
        own = [r.line for r in kept if r.source == source]
        assert own == sorted(own)
    for survivor in kept:
        rivals = [r.origin for r in rows if r.id == survivor.id]
        assert prefer.index(survivor.origin) == min(map(prefer.index, rivals))
