"""Published sets that hold each other's items, and sets that do not, counted."""

import csv
import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from doitkit.curate.overlap import Held
from doitkit.recipe.curation import Overlap
from tests.curate.overlap.reference import Row, grams, words
from tests.curate.overlap.searching import found

_ONE_RUN = Overlap(ngram=16, share=0)


def _read(folder: Path, pattern: str) -> list[Any]:
    rows: list[Any] = []
    files = sorted((folder / "instructions").glob(pattern))
    assert files
    for file in files:
        raw = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        text = raw.decode("utf-8-sig")
        if ".jsonl" in file.name:
            rows += [json.loads(line) for line in text.split("\n") if line.strip()]
        elif ".csv" in file.name:
            rows += csv.reader(text.splitlines(keepends=True))
        else:
            held = json.loads(text)
            rows += held["example"] if isinstance(held, dict) else held
    return rows


def _items(texts: Sequence[tuple[str, str]]) -> list[Held]:
    return [Held(str(number), *sides) for number, sides in enumerate(texts)]


def _rows(texts: Sequence[tuple[str, str]]) -> list[Row]:
    return [Row("set", *sides) for sides in texts]


def _alpaca(folder: Path, pattern: str, answer: str = "output") -> list[tuple[str, str]]:
    rows = _read(folder, pattern)
    return [(f"{row['instruction']}\n{row.get('input', '')}".strip(), row[answer]) for row in rows]


def _multiple_choice(folder: Path, pattern: str) -> list[tuple[str, str]]:
    return [("\n".join(row[:5]), row[5]) for row in _read(folder, pattern)]


def _exam(folder: Path, pattern: str) -> list[tuple[str, str]]:
    return [
        ("\n".join([row["passage"] or "", row["question"], *(row["options"] or [])]), row["label"])
        for row in _read(folder, pattern)
    ]


def _bench(folder: Path, names: Sequence[str]) -> list[tuple[str, str]]:
    files = [f"gaokao_bench/2010-2022_{name}.json*" for name in names]
    rows = [row for file in files for row in _read(folder, file)]
    return [(row["question"], "".join(row["answer"])) for row in rows]


@pytest.mark.parametrize(
    ("exam", "names", "size", "share_a_run", "are_not_stock", "half"),
    [
        ("biology", ["Biology_MCQs"], 210, 96, 96, 88),
        ("chinese", ["Chinese_Lang_and_Usage_MCQs", "Chinese_Modern_Lit"], 246, 87, 75, 65),
        ("mathqa", ["Math_I_MCQs", "Math_II_MCQs"], 351, 159, 159, 109),
        ("history", ["History_MCQs"], 235, 0, 0, 0),
    ],
)
def test_chinese_exams_that_share_questions(
    data_folder: Path,
    exam: str,
    names: list[str],
    size: int,
    share_a_run: int,
    are_not_stock: int,
    half: int,
) -> None:
    asked = _exam(data_folder, f"agieval/gaokao-{exam}.jsonl*")
    bench = _bench(data_folder, names)
    assert len(asked) == size
    known = {gram for prompt, _ in bench for gram in grams(words(prompt), 16)}
    plainly = [i for i, (prompt, _) in enumerate(asked) if known & {*grams(words(prompt), 16)}]
    everything = _ONE_RUN.model_copy(update={"common": 10_000})
    assert found(_items(bench), _rows(asked), everything)["row"].to_list() == plainly
    assert len(plainly) == share_a_run
    assert found(_items(bench), _rows(asked), _ONE_RUN).height == are_not_stock
    assert found(_items(bench), _rows(asked)).height == half


def test_test_tasks_whose_words_were_kept_are_found(data_folder: Path) -> None:
    tasks = [t for t in _read(data_folder, "mbpp/mbpp.jsonl.gz") if 11 <= t["task_id"] <= 510]
    solved = _read(data_folder, "reflexion_gpt4_code/mbpp-py*.jsonl.gz")
    numbers = [int(row["name"].split("_")[1]) for row in solved]
    rows = _rows([(row["prompt"], row["solution"]) for row in solved])
    result = found(_items([(task["text"], task["code"]) for task in tasks]), rows)
    of_the_test = {row for row, number in enumerate(numbers) if 11 <= number <= 510}
    assert len(of_the_test) == 235
    texts = {task["task_id"]: words(task["text"]) for task in tasks}
    kept = {
        row
        for row in of_the_test
        if texts[numbers[row]] in grams(words(rows[row].prompt), len(texts[numbers[row]]))
    }
    assert len(kept) == 117
    # Four are short and go on: "find the volume of a cube given its side length".
    assert len(kept - {*result["row"]}) == 4
    assert len(of_the_test & {*result["row"]}) == 118
    assert result.height == 122


def test_instructions_that_another_evaluation_took_over(data_folder: Path) -> None:
    tasks = _read(data_folder, "self_instruct/user_oriented_instructions.jsonl")
    items = [
        (f"{task['instruction']}\n{task['instances'][0]['input']}", task["instances"][0]["output"])
        for task in tasks
    ]
    outputs = _read(data_folder, "alpaca_eval/gpt4__model_outputs.json.gz")
    result = found(_items(items), _rows([(row["instruction"], row["output"]) for row in outputs]))
    ours = [row for row, output in enumerate(outputs) if output["dataset"] == "selfinstruct"]
    assert len(ours) == 252
    assert {*ours} <= {*result["row"]}


def test_two_sets_of_the_same_4535_rows(data_folder: Path) -> None:
    ours = _alpaca(data_folder, "gpteacher/codegen-instruct.json.gz", "response")
    theirs = _alpaca(data_folder, "codealpaca/new_codealpaca.json.gz")
    assert found(_items(ours), _rows(theirs)).height == len(theirs) == 4535


def test_scenarios_that_a_test_put_into_a_frame(data_folder: Path) -> None:
    items = _items(_multiple_choice(data_folder, "mmlu/moral_scenarios_test.csv*"))
    scenarios = _read(data_folder, "ethics/cm_*.csv.gz")
    label, text = scenarios[0].index("label"), scenarios[0].index("input")
    rows = _rows([(row[text], row[label]) for row in scenarios])
    result = found(items, rows, Overlap(share=0))
    assert result["item"].n_unique() == 592
    half = found(items, rows)
    assert set(half["row"]) < set(result["row"])


def test_sets_that_have_nothing_to_do_with_each_other_share_nothing(data_folder: Path) -> None:
    dolly = _rows(_alpaca(data_folder, "dolly_3k/*.json.gz"))
    assert found(_items(_multiple_choice(data_folder, "mmlu/*_test.csv*")), dolly).is_empty()
    problems = _read(data_folder, "gsm8k/test.jsonl.gz")
    items = _items([(row["question"], row["answer"]) for row in problems])
    assert found(items, _rows(_alpaca(data_folder, "alpaca52k/*.json.gz"))).is_empty()
