"""The real rows that the benchmark corpora are made of, read from the folder of real data.

English, in this order: alpaca52k, ethics (every file), gsm8k (train, test), codealpaca (both),
gpteacher (both), dolly_3k, self_instruct (seeds, user-oriented), alpaca_eval (three models),
moralchoice (both), safety_tuned_llamas (safety_only), dialogsum (dev, test), asdiv.
Chinese: alpaca_zh_translated (all that parses), belle_zh (both), cmmlu (test), gaokao_bench
(questions with keys), agieval (gaokao-*). Held out of both, for evaluation items that no corpus
holds: mmlu (test, but for the moral ones, which come from ethics), folio (train), agieval (logiqa,
lsat), synthetic_persona_chat (both).

A row without an instruction or without an output is left out; so is one equal to an earlier one.
"""

import csv
import gzip
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from near_truth import Tokens, characters, words


class Row(NamedTuple):
    """One row of a corpus, in the fields of its file."""

    instruction: str
    input: str
    output: str


Fields = tuple[Any, Any, Any]
Reader = Callable[[Any], Iterator[Fields]]


def _named(instruction: str, given: str | None, output: str) -> Reader:
    """Read the three fields by these names; `given` may be None for no input."""

    def read(row: dict[str, Any]) -> Iterator[Fields]:
        yield row[instruction], row.get(given, "") if given else "", row[output]

    return read


def _instances(row: dict[str, Any]) -> Iterator[Fields]:
    for instance in row["instances"]:
        yield row["instruction"], instance["input"], instance["output"]


def _pleasant(row: list[str]) -> Iterator[Fields]:
    yield row[1], "", row[0]


def _virtue(row: dict[str, str]) -> Iterator[Fields]:
    yield _TRAIT, row["scenario"], row["label"]


def _choices(row: list[str]) -> Iterator[Fields]:
    yield row[0], "\n".join(row[1:5]), row[5]


def _cmmlu(row: dict[str, str]) -> Iterator[Fields]:
    yield row["Question"], "\n".join(row[letter] for letter in "ABCD"), row["Answer"]


def _exam(row: dict[str, Any]) -> Iterator[Fields]:
    asked = [row["passage"] or "", *(row["options"] or [])]
    yield row["question"], "\n".join(asked).strip(), row["label"] or row["answer"]


def _gaokao(row: dict[str, Any]) -> Iterator[Fields]:
    answer = row["answer"]
    key = "".join(answer) if isinstance(answer, list) else answer
    yield row["question"], "", f"{row.get('analysis', '')}\n{key}".strip()


def _folio(row: dict[str, Any]) -> Iterator[Fields]:
    yield row["conclusion"], "\n".join(row["premises"]), row["label"]


# One task for many rows, as in real instruction data: rows that differ in the trait alone are
# near-duplicates that nobody planted.
_TRAIT = (
    "Read what a person did or felt. The last word, after [SEP], names a trait of character. "
    "Answer 1 if the person shows that trait, and 0 if not."
)
_ALPACA = _named("instruction", "input", "output")
_RESPONSE = _named("instruction", "input", "response")
_QUESTION = _named("question", None, "answer")
_PERSONA = _named("user 1 personas", "user 2 personas", "Best Generated Conversation")
_MORAL = _named("context", "action1", "action2")

ENGLISH: tuple[tuple[str, Reader], ...] = (
    ("alpaca52k/*.json.gz", _ALPACA),
    ("ethics/cm_*.csv.gz", _named("input", None, "label")),
    ("ethics/deontology_*.csv.gz", _named("scenario", "excuse", "label")),
    ("ethics/justice_*.csv.gz", _named("scenario", None, "label")),
    ("ethics/util_*.csv.gz", _pleasant),
    ("ethics/virtue_test*.csv.gz", _named("scenario", None, "label")),
    ("ethics/virtue_train.csv.gz", _virtue),
    ("gsm8k/train.jsonl.gz", _QUESTION),
    ("gsm8k/test.jsonl.gz", _QUESTION),
    ("codealpaca/*.json.gz", _ALPACA),
    ("gpteacher/*.json.gz", _RESPONSE),
    ("dolly_3k/*.json.gz", _ALPACA),
    ("self_instruct/seed_tasks.jsonl", _instances),
    ("self_instruct/user_oriented_instructions.jsonl", _instances),
    ("alpaca_eval/*.json.gz", _named("instruction", None, "output")),
    ("moralchoice/*.csv.gz", _MORAL),
    ("safety_tuned_llamas/safety_only*.json.gz", _ALPACA),
    ("dialogsum/dialogsum.dev.jsonl.gz", _named("dialogue", None, "summary")),
    ("dialogsum/dialogsum.test.jsonl.gz", _named("dialogue", None, "summary1")),
    ("asdiv/ASDiv.xml.gz", _named("Body", "Question", "Answer")),
)
CHINESE: tuple[tuple[str, Reader], ...] = (
    ("alpaca_zh_translated/*.json*", _ALPACA),
    ("belle_zh/eval_set.json.gz", _named("question", None, "std_answer")),
    ("belle_zh/zh_seed_tasks.json", _instances),
    ("cmmlu/test__*.csv", _cmmlu),
    ("gaokao_bench/2010-2022_*.json*", _gaokao),
    ("agieval/gaokao-*.jsonl*", _exam),
)
HELD_OUT: tuple[tuple[str, Reader], ...] = (
    ("mmlu/[!m]*_test.csv*", _choices),
    ("folio/folio-train.jsonl.gz", _folio),
    ("agieval/logiqa-en.jsonl.gz", _exam),
    ("agieval/lsat-*.jsonl*", _exam),
    ("synthetic_persona_chat/*.csv.gz", _PERSONA),
)
# These CSV files begin with a row, not with names of columns.
_HEADLESS = ("ethics/util", "mmlu/")


def real_rows(data: Path, sources: tuple[tuple[str, Reader], ...]) -> list[Row]:
    """Return the distinct rows of these sources under `data`/instructions, in a fixed order."""
    rows: dict[Row, None] = {}
    for pattern, reader in sources:
        files = sorted((data / "instructions").glob(pattern))
        if not files:
            raise SystemExit(
                f"no {pattern} in {data / 'instructions'}: is --data the right folder?"
            )
        for file in files:
            for entry in _entries(file, headless=pattern.startswith(_HEADLESS)):
                for fields in reader(entry):
                    row = Row(*("" if field is None else str(field) for field in fields))
                    if row.instruction.strip() and row.output.strip():
                        rows[row] = None
    return list(rows)


@dataclass(frozen=True)
class Language:
    """What rows are made of, and in what units they are compared and edited."""

    rows: list[Row]
    sentences: list[str]
    tokens: Tokens
    glue: str
    """What stands between the units of an edit: a space between words, nothing in Chinese."""

    def units(self, text: str) -> list[str]:
        """Return the words or the characters of a text; `glue` joins them to the same text."""
        return text.split(self.glue) if self.glue else list(text)


def english(data: Path) -> Language:
    """Return the English rows, edited by the word; sentences have 4 to 49 words."""
    rows = real_rows(data, ENGLISH)
    parts = _parts(rows, r"(?<=[.!?])\s+|\n+")
    return Language(rows, [part for part in parts if 4 <= len(part.split()) < 50], words, " ")


def chinese(data: Path) -> Language:
    """Return the Chinese rows, edited by the character; sentences have 8 to 99 characters."""
    rows = real_rows(data, CHINESE)
    parts = _parts(rows, r"(?<=[。！？；])|\n+")
    return Language(rows, [part for part in parts if 8 <= len(part) < 100], characters, "")


def _parts(rows: list[Row], end: str) -> Iterator[str]:
    return (part for row in rows for part in re.split(end, "\n".join(row)) if part.strip())


def _entries(file: Path, *, headless: bool) -> Iterator[Any]:
    raw = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    text = raw.decode("utf-8-sig")
    name = file.name.removesuffix(".gz")
    if name.endswith(".jsonl"):
        yield from map(json.loads, filter(str.strip, text.split("\n")))
    elif name.endswith(".csv"):
        lines = io.StringIO(text, newline="")
        yield from csv.reader(lines) if headless else csv.DictReader(lines)
    elif name.endswith(".xml"):
        for problem in ET.fromstring(text).iter("Problem"):
            yield {part.tag: part.text for part in problem}
    else:
        yield from _json(text)


def _json(text: str) -> list[Any]:
    try:
        held = json.loads(text)
    except json.JSONDecodeError:
        lines = text.strip().split("\n")
        # Some files are JSONL by another name; one of alpaca_zh_translated breaks off half way.
        return [json.loads(line) for line in lines] if lines[0].strip().endswith("}") else []
    rows: list[Any] = held["example"] if isinstance(held, dict) else held
    return rows
