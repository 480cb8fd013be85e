"""Records are named by what they say."""

from doitkit.core.records import folded
from tests.records import record


def test_equal_messages_have_one_id_wherever_they_came_from() -> None:
    assert record(source="a", line=1).id == record(source="b", line=9, ability="other").id
    assert record(reply="4").id != record(reply="5").id
    assert record(prompt="a", system="b").id != record(prompt="b", system="a").id


def test_answers_to_one_prompt_share_its_id() -> None:
    human, model = record(reply="four"), record("  what is\n2 + 2? ", "4", origin="synthetic")
    assert human.prompt_id == model.prompt_id
    assert human.id != model.id
    assert record(system="s").prompt_id != record().prompt_id


def test_folding_is_blind_to_case_width_and_white_space() -> None:
    assert folded(" Ｈｅｌｌｏ\u00a0\n WORLD ") == "hello world"
    assert folded("STRASSE") == folded("straße")


def test_a_row_of_the_table_says_where_the_record_stood() -> None:
    row = record(line=7).row()
    assert row["meta"] == '{"line":7}'
    assert row["messages"][-1] == {"role": "assistant", "content": "4"}
