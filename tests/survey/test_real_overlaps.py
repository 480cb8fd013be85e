"""Published sets that hold the same rows: the overlaps are found, row for row."""

from pathlib import Path
from typing import Any

from doitkit.core.origins import Origin
from doitkit.core.records import Record
from doitkit.recipe.curation import Curation
from doitkit.recipe.data import Rows
from doitkit.source import read_records
from tests.survey.curating import curate


def _records(
    folder: Path, source: str, origin: Origin = "synthetic", **declared: Any
) -> list[Record]:
    rows = Rows.model_validate(declared)
    reading = read_records(source, rows, folder / "instructions", ability="code", origin=origin)
    return reading.records


def test_two_sets_under_two_licences_are_the_same_4535_rows(data_folder: Path) -> None:
    columns = {"format": "alpaca", "columns": {"output": "response"}}
    gpteacher = _records(
        data_folder, "gpteacher", path="gpteacher/codegen-instruct.json.gz", **columns
    )
    codealpaca = _records(
        data_folder, "codealpaca", path="codealpaca/new_codealpaca.json.gz", **columns
    )
    assert len(gpteacher) == len(codealpaca) == 4535
    result = curate([*gpteacher, *codealpaca], [], Curation())
    assert {record.source for record in result.records} == {"gpteacher"}
    twins = [reject for reject in result.rejects if reject.source == "codealpaca"]
    assert len(twins) == 4535
    assert all("same text as gpteacher" in reject.reason for reject in twins)


def test_gpt4_solutions_to_test_tasks_are_found_by_their_prompts(data_folder: Path) -> None:
    reflexion = {
        "path": "reflexion_gpt4_code/mbpp-py*.jsonl.gz",
        "format": "prompt_completion",
        "columns": {"completion": "solution"},
    }
    task = "CAST(SPLIT_PART(name, '_', 2) AS INTEGER)"
    in_test = {**reflexion, "where": f"{task} BETWEEN 11 AND 510"}
    rows = _records(data_folder, "reflexion", **reflexion)
    items = _records(data_folder, "mbpp.evaluate", "human", **in_test)
    assert (len(rows), len(items)) == (397, 235)
    result = curate(rows, items, Curation())
    found = [reject for reject in result.rejects if reject.step == "decontaminate"]
    same = [reject for reject in found if reject.reason.startswith("same prompt")]
    assert len(same) == 235
    # Two train tasks are test tasks in all but a few words.
    assert len(found) == 235 + 2
    assert len(result.records) == 397 - 237


def test_solutions_to_the_test_questions_of_gsm8k_never_train(data_folder: Path) -> None:
    questions = {"format": "prompt_completion", "columns": {"prompt": "question"}}
    items = _records(
        data_folder,
        "math.evaluate",
        "human",
        path="gsm8k/test.jsonl.gz",
        format="prompt_completion",
        columns={"prompt": "question", "completion": "answer"},
    )
    solutions = _records(
        data_folder,
        "gpt3",
        path="gsm8k/example_model_solutions.jsonl.gz",
        **{**questions, "columns": {"prompt": "question", "completion": "ground_truth"}},
    )
    assert curate(solutions, items, Curation()).records == []
