"""Real files that are not as their names promise."""

from pathlib import Path
from typing import Any

from doitkit.recipe.data import Rows
from doitkit.source import Reading, read_records


def _read(folder: Path, **declared: Any) -> Reading:
    rows = Rows.model_validate(declared)
    return read_records("s", rows, folder, ability="a", origin="synthetic")


def test_an_unfinished_translation_is_salvaged_object_by_object(data_folder: Path) -> None:
    reading = _read(
        data_folder / "instructions",
        path="alpaca_zh_translated/alpaca_data-9407-12345-*.json.gz",
        format="alpaca",
    )
    # As JSON the file does not parse; between its commas lie 2,801 whole objects, two of which
    # nobody has translated yet.
    assert len(reading.records) == 2799
    assert [reject.reason for reject in reading.rejects] == ["`output` is empty"] * 2
    assert all(reject.line > 9000 and reject.text for reject in reading.rejects)


def test_lines_of_json_under_a_json_name_are_read(data_folder: Path) -> None:
    reading = _read(
        data_folder / "instructions",
        path="cicero_v2/val.json.gz",
        format="prompt_completion",
        columns={"prompt": '"Question"', "completion": '"Choices"["Correct Answers"[1] + 1]'},
    )
    assert (len(reading.records), reading.rejects) == (1253, [])


def test_files_without_a_line_of_names_are_read_by_given_names(data_folder: Path) -> None:
    reading = _read(
        data_folder / "instructions",
        path="mmlu/formal_logic_test.csv",
        format="multiple_choice",
        header=["question", "a", "b", "c", "d", "key"],
        columns={
            "prompt": "question",
            "choices": "STRING_TO_ARRAY(a || '\t' || b || '\t' || c || '\t' || d, '\t')",
            "answer": "key",
        },
    )
    assert len(reading.records) > 100
    assert all(len(record.choices) == 4 for record in reading.records)


def test_passages_with_several_questions_become_rows(data_folder: Path) -> None:
    reading = _read(
        data_folder / "instructions",
        path="ar_lsat/AR_TrainingData.json.gz",
        format="multiple_choice",
        explode="questions",
        columns={"prompt": "passage || ' ' || question", "choices": "options"},
    )
    assert (len(reading.records), len(reading.rejects)) == (1630, 0)
