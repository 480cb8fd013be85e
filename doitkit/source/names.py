"""What columns are commonly called, and what they then hold."""

import re
from itertools import pairwise

MESSAGES = ("messages", "conversations", "conversation", "chat", "dialogue", "dialog", "chosen")
INSTRUCTION = ("instruction",)
PROMPT = (
    *("prompt", "question", "query", "problem", "instruction", "input", "user", "task"),
    *("source", "request", "text", "sentence", "document", "article", "passage", "dialogue"),
    *("dialog", "context", "scenario", "statement", "premise"),
)
COMPLETION = (
    *("completion", "response", "output", "answer", "reply", "assistant", "target", "chosen"),
    *("model_output", "model_answer", "solution", "canonical_solution", "std_answer"),
    *("reference", "ground_truth", "gold", "answers", "summary", "highlights", "translation"),
    *("code", "rationale", "explanation", "analysis", "label"),
)
EXTRA_INPUT = ("input", "context", "inputs", "question", "query", "problem")
CONTEXT = ("context", "passage", "article", "document", "story", "background", "premises")
SYSTEM = ("system", "system_prompt", "system_message")
CHOICES = ("choices", "options", "endings", "candidates", "alternatives", "answers")
ANSWER = (
    *("answer", "label", "correct_answer", "answer_key", "answerkey", "correct", "target"),
    *("gold", "answer_idx", "answer_index", "correct_option", "correct_index", "cop", "key"),
    *("solution", "ground_truth"),
)
GENERATOR = ("generator", "model", "model_name", "generated_by")

_CHOICE = re.compile(r"(?P<of>(?:option|choice|opt|op|ending|answer|ans)?_?)(?P<which>[a-j]|[0-9])")
_DISTRACTOR = re.compile(r"(?:distractor|incorrect_answer|wrong_answer|incorrect)_?[0-9]")
_KNOWN = frozenset(
    [*MESSAGES, *PROMPT, *COMPLETION, *CONTEXT, *SYSTEM, *CHOICES, *ANSWER, *GENERATOR, "id"]
)


def plain_name(column: str) -> str:
    """Return the name of a column without case, spaces and marks: `Correct Answer` and the like."""
    return re.sub(r"[^0-9a-z]+", "_", column.lower()).strip("_")


def is_known_name(column: str) -> bool:
    """Say whether a column is called what columns of instruction data are commonly called."""
    return plain_name(column) in _KNOWN


def named(columns: list[str], names: tuple[str, ...]) -> list[str]:
    """Return those of `columns` that are called one of `names`, in the order of `names`."""
    by_name: dict[str, str] = {}
    for column in columns:
        by_name.setdefault(plain_name(column), column)
    return [by_name[name] for name in names if name in by_name]


def choice_columns(columns: list[str]) -> list[str]:
    """Return the columns that hold one choice each (`A` to `D`, `option1`, ...), in order."""
    groups: dict[str, dict[str, str]] = {}
    for column in columns:
        found = _CHOICE.fullmatch(plain_name(column))
        if found is not None:
            groups.setdefault(found["of"], {})[found["which"]] = column
    for group in groups.values():
        marks = sorted(group)
        in_a_row = all(ord(b) - ord(a) == 1 for a, b in pairwise(marks))
        if len(marks) > 1 and in_a_row and marks[0] in "a01":
            return [group[mark] for mark in marks]
    return []


def distractor_columns(columns: list[str]) -> list[str]:
    """Return the columns that hold one wrong answer each, in order."""
    return [column for column in columns if _DISTRACTOR.fullmatch(plain_name(column))]
