"""The demo's data: five abilities whose rows a program makes and verifies.

The questions come from `reasoning-gym`; their wording is cut to what a model that reads one
character at a time needs. Answers are right by construction: the origin is `programmatic`.
"""

import json
import random
import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doitkit.core.errors import MissingExtraError
from doitkit.core.files import write_text

_CHOICES = 4
_SEED = 20_231_030


@dataclass(frozen=True)
class Task:
    """One ability: a task of reasoning-gym, its settings, and how a row is worded."""

    ability: str
    dataset: str
    settings: dict[str, Any]
    prompt: Callable[[dict[str, Any]], str]
    answer: Callable[[dict[str, Any]], str]


def _spelling(entry: dict[str, Any]) -> str:
    return f"Spell backward: {entry['metadata']['word']}"


def _counting(entry: dict[str, Any]) -> str:
    data = entry["metadata"]
    return f'Count "{data["target_letter"]}" in: {" ".join(data["span"])}'


def _sorting(entry: dict[str, Any]) -> str:
    order = "descending" if "descending" in entry["question"].split(":")[0] else "ascending"
    numbers = entry["question"].splitlines()[0].split(": ")[1]
    return f"Sort {order}: {' '.join(_integers(numbers))}"


def _integers(text: str) -> list[str]:
    return [str(int(float(number))) for number in re.findall(r"-?[0-9]+(?:\.[0-9]+)?", text)]


TASKS: tuple[Task, ...] = (
    Task(
        "spelling",
        "spell_backward",
        {"min_word_len": 3, "max_word_len": 7},
        _spelling,
        lambda entry: str(entry["answer"]),
    ),
    Task(
        "counting",
        "letter_counting",
        {"min_words": 2, "max_words": 4},
        _counting,
        lambda entry: str(entry["answer"]),
    ),
    Task(
        "sequences",
        "number_sequence",
        # Deeper rules are refused: a few of them take the generator a minute each.
        {"min_value": -30, "max_value": 30, "max_complexity": 2},
        lambda entry: str(entry["question"]),
        lambda entry: str(entry["answer"]),
    ),
    Task(
        "sorting",
        "number_sorting",
        {
            "min_numbers": 3,
            "max_numbers": 4,
            "min_decimals": 0,
            "max_decimals": 0,
            "min_value": 0,
            "max_value": 99,
        },
        _sorting,
        lambda entry: " ".join(_integers(entry["answer"])),
    ),
    Task(
        "arithmetic",
        "chain_sum",
        {"min_terms": 2, "max_terms": 2, "min_digits": 1, "max_digits": 2},
        lambda entry: str(entry["question"].split("problem: ")[1]),
        lambda entry: str(entry["answer"]),
    ),
)


def write_data(folder: Path, parts: dict[str, int]) -> None:
    """Write `ABILITY.PART.jsonl` for every ability and part, unless the files are there.

    Parameters
    ----------
    parts
        Part -> rows. No prompt stands in two parts, or twice in one.

    Raises
    ------
    MissingExtraError
        If reasoning-gym is not installed.
    """
    for task in TASKS:
        files = {part: folder / f"{task.ability}.{part}.jsonl" for part in parts}
        if all(file.is_file() for file in files.values()):
            continue
        rows = _rows(task, sum(parts.values()))
        for part, count in parts.items():
            lines = [json.dumps(next(rows)) + "\n" for _ in range(count)]
            write_text(files[part], "".join(lines))


def _rows(task: Task, wanted: int) -> Iterator[dict[str, Any]]:
    """Yield rows with a prompt of their own, each with near misses of its answer."""
    try:
        import reasoning_gym
    except ImportError as error:
        raise MissingExtraError("the demo cannot make its tasks", extra="demo") from error
    draw = random.Random(f"{_SEED} {task.ability}")
    entries = reasoning_gym.create_dataset(
        task.dataset, size=20 * wanted, seed=_SEED, **task.settings
    )
    seen: set[str] = set()
    for entry in entries:
        prompt, answer = task.prompt(entry), task.answer(entry)
        if prompt.casefold() in seen or not prompt.isascii():
            continue
        seen.add(prompt.casefold())
        choices = [answer, *near_misses(answer, _CHOICES - 1, draw)]
        draw.shuffle(choices)
        yield {"prompt": prompt, "completion": answer, "choices": choices}


def near_misses(answer: str, count: int, draw: random.Random) -> list[str]:
    """Return wrong answers that look right: a number a little off, two parts swapped, one changed.

    These are the fine-grained distractors of Song et al. 2023, section 4.2.
    """
    found: dict[str, None] = {}
    while len(found) < count:
        candidate = _near_miss(answer, draw)
        if candidate != answer:
            found[candidate] = None
    return list(found)


def _near_miss(answer: str, draw: random.Random) -> str:
    if answer.lstrip("-").isdigit():
        return str(int(answer) + draw.choice((-10, -3, -2, -1, 1, 2, 3, 10)))
    parts = answer.split(" ")
    if len(parts) > 1:
        at = draw.randrange(len(parts) - 1)
        if draw.random() < 0.6:
            parts[at], parts[at + 1] = parts[at + 1], parts[at]
        else:
            parts[at] = str(draw.randrange(100))
        return " ".join(parts)
    letters = list(answer)
    at = draw.randrange(len(letters) - 1)
    if draw.random() < 0.5:
        letters[at], letters[at + 1] = letters[at + 1], letters[at]
    else:
        letters[at] = draw.choice(string.ascii_lowercase)
    return "".join(letters)
