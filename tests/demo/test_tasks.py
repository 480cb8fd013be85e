import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.demo.tasks import TASKS, near_misses, write_data

PARTS = {"eval": 20, "weak": 30, "train": 50}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("demo-data")
    write_data(place, PARTS)
    return place


def rows(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.ability)
def test_no_prompt_stands_twice_and_the_answer_is_among_the_choices(folder: Path, task) -> None:
    found = {part: rows(folder / f"{task.ability}.{part}.jsonl") for part in PARTS}
    assert {part: len(r) for part, r in found.items()} == PARTS
    prompts = [row["prompt"] for part in found.values() for row in part]
    assert len(set(prompts)) == len(prompts)
    for row in found["eval"]:
        choices = row["choices"]
        assert isinstance(choices, list)
        assert choices.count(row["completion"]) == 1
        assert len(set(choices)) == 4


def _right(ability: str, prompt: str) -> str | None:
    """Solve a row by a program of our own, where that is short."""
    body = prompt.split(": ", 1)[-1]
    if ability == "spelling":
        return body[::-1]
    if ability == "counting":
        return str(body.lower().count(prompt.split('"')[1].lower()))
    if ability == "sorting":
        numbers = sorted(map(int, body.split()), reverse="descending" in prompt)
        return " ".join(map(str, numbers))
    if ability == "arithmetic":
        return str(eval(prompt.rstrip("= ")))
    return None


@pytest.mark.parametrize(
    "task", [t for t in TASKS if t.ability != "sequences"], ids=lambda t: t.ability
)
def test_the_answers_are_right(folder: Path, task) -> None:
    for row in rows(folder / f"{task.ability}.train.jsonl"):
        assert row["completion"] == _right(task.ability, str(row["prompt"])), row


@given(st.integers(-500, 500).map(str) | st.text("abcxyz", min_size=3, max_size=8), st.integers())
def test_near_misses_are_wrong_and_distinct(answer: str, seed: int) -> None:
    found = near_misses(answer, 3, random.Random(seed))
    assert len(set(found)) == 3
    assert answer not in found


def test_the_same_data_is_made_twice(folder: Path, tmp_path: Path) -> None:
    write_data(tmp_path, PARTS)
    for file in folder.iterdir():
        assert file.read_bytes() == (tmp_path / file.name).read_bytes()
