"""What the rows of a file may mean: candidates, from the names and kinds of their columns."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
from polars.exceptions import PolarsError

from doitkit.recipe.data import Format
from doitkit.source.expressions import (
    answer_text,
    fields_of_elements,
    is_text,
    listed,
    prompt_text,
    quoted,
)
from doitkit.source.frame import FILE, LINE
from doitkit.source.names import (
    ANSWER,
    CHOICES,
    COMPLETION,
    CONTEXT,
    EXTRA_INPUT,
    INSTRUCTION,
    MESSAGES,
    PROMPT,
    SYSTEM,
    choice_columns,
    distractor_columns,
    named,
    plain_name,
)

_TRANSFORMED = ("input", "prompt", "instruction", "text", "sentence", "document", "article")
_ONLY_WITH = {"source": ("target", "translation"), "target": ("source", *_TRANSFORMED)}
"""Names that say prompt, or answer, only beside one of these."""
_ASKING, _ANSWERING = ("human", "user"), ("gpt", "assistant", "model", "bot")


@dataclass(frozen=True)
class Meaning:
    """How rows may be read: the keys of a recipe's source that say so."""

    format: Format
    columns: tuple[tuple[str, str], ...] = ()
    """Canonical column and SQL expression, where the file's own name differs."""
    explode: str | None = None
    where: str | None = None


def meanings(frame: pl.DataFrame) -> Iterator[Meaning]:
    """Yield the ways in which the rows of `frame` may be read, the more telling ones first."""
    columns = [column for column in frame.columns if column not in (FILE, LINE)]
    yield from _messages(frame, columns)
    yield from _multiple_choice(frame, columns)
    yield from _alpaca(frame, columns)
    yield from _prompt_completion(frame, columns)


def _meaning(form: Format, columns: dict[str, str], where: str | None = None) -> Meaning:
    return Meaning(form, tuple((k, v) for k, v in columns.items() if v != k), where=where)


def _system(columns: list[str]) -> dict[str, str]:
    found = named(columns, SYSTEM)
    return {"system": quoted(found[0])} if found else {}


def _messages(frame: pl.DataFrame, columns: list[str]) -> Iterator[Meaning]:
    for column in named(columns, MESSAGES):
        fields = fields_of_elements(frame, column)
        if {"role", "content"} <= fields or _is_json_list(frame, column):
            yield _meaning("messages", {"messages": quoted(column)})
        elif {"from", "value"} <= fields and _is_one_turn(frame, column):
            name = quoted(column)
            yield _meaning(
                "prompt_completion",
                {"prompt": f"{name}[1]->'value'", "completion": f"{name}[2]->'value'"},
                where=f"ARRAY_LENGTH({name}) = 2",
            )


def _is_json_list(frame: pl.DataFrame, column: str) -> bool:
    if frame.schema[column] != pl.String:
        return False
    return any(str(text).lstrip().startswith("[") for text in frame[column].drop_nulls())


def _is_one_turn(frame: pl.DataFrame, column: str) -> bool:
    """Say whether every chat is one question and its answer, as far as rows are at hand."""
    for chat in frame[column].drop_nulls().to_list():
        speakers = [message["from"] if message else None for message in chat]
        if len(speakers) != 2 or speakers[0] not in _ASKING or speakers[1] not in _ANSWERING:
            return False
    return True


def _multiple_choice(frame: pl.DataFrame, columns: list[str]) -> Iterator[Meaning]:
    questions = [column for column in named(columns, PROMPT) if is_text(frame, column)]
    for right, wrong in _distractors(frame, columns):
        choices = listed([quoted(column) for column in (right, *wrong)])
        for prompt in _prompts(frame, columns, questions, {right, *wrong})[:1]:
            taken = {"prompt": prompt, "choices": choices, "answer": quoted(right)}
            yield _meaning("multiple_choice", taken | _system(columns))
    for choices, used in _choice_lists(frame, columns):
        for answer in named(columns, ANSWER):
            expression = _which(frame, answer, choices)
            if answer in used or expression is None:
                continue
            for prompt in _prompts(frame, columns, questions, {answer, *used})[:1]:
                taken = {"prompt": prompt, "choices": choices, "answer": expression}
                yield _meaning("multiple_choice", taken | _system(columns))


def _distractors(frame: pl.DataFrame, columns: list[str]) -> Iterator[tuple[str, list[str]]]:
    wrong = [column for column in distractor_columns(columns) if is_text(frame, column)]
    if wrong:
        yield from ((right, wrong) for right in named(columns, ANSWER) if is_text(frame, right))


def _choice_lists(frame: pl.DataFrame, columns: list[str]) -> Iterator[tuple[str, set[str]]]:
    """Yield the expressions that may give the list of choices, with the columns they use."""
    for column in named(columns, CHOICES):
        kind = frame.schema[column]
        if kind in (pl.List(pl.String), pl.String):
            yield quoted(column), {column}
        elif isinstance(kind, pl.Struct):
            fields = {field.name: field.dtype for field in kind.fields}
            if fields.get("text") == pl.List(pl.String):
                yield f"{quoted(column)}.text", {column}
            marks = choice_columns(list(fields))
            if marks and all(fields[mark] == pl.String for mark in marks):
                each = [f"{quoted(column)}.{quoted(mark)}" for mark in marks]
                yield listed(each), {column}
    single = choice_columns(columns)
    if single and all(is_text(frame, column) for column in single):
        yield listed([quoted(column) for column in single]), set(single)


def _which(frame: pl.DataFrame, answer: str, choices: str) -> str | None:
    """Return the right answer as an expression; a number that counts from 1 is made to from 0."""
    kind = frame.schema[answer]
    name = quoted(answer)
    if kind == pl.List(pl.String):
        return f"{name}[1]" if frame[answer].list.len().max() == 1 else None
    if not is_text(frame, answer):
        return None
    try:
        pairs = frame.select(pl.col(answer), pl.sql_expr(choices).alias("_choices")).rows()
    except (PolarsError, ValueError, TypeError):
        return name
    numbers: list[int] = []
    most = 0
    for value, choices_of_row in pairs:
        if isinstance(choices_of_row, list):
            if str(value) in choices_of_row:
                return name
            most = max(most, len(choices_of_row))
        if value is not None:
            if not str(value).isdecimal():
                return name
            numbers.append(int(value))
    counts_from_one = bool(numbers) and min(numbers) > 0 and max(numbers) == most
    return f"CAST({name} AS BIGINT) - 1" if counts_from_one else name


def _alpaca(frame: pl.DataFrame, columns: list[str]) -> Iterator[Meaning]:
    for instruction in named(columns, INSTRUCTION):
        extra = named(columns, EXTRA_INPUT)
        for output in named(columns, COMPLETION):
            text = answer_text(frame, output)
            if text is None or output in (instruction, *extra[:1]):
                continue
            taken = {"instruction": quoted(instruction), "output": text}
            taken |= {"input": quoted(extra[0])} if extra else {}
            yield _meaning("alpaca", taken | _system(columns))


def _prompt_completion(frame: pl.DataFrame, columns: list[str]) -> Iterator[Meaning]:
    questions = named(columns, PROMPT)
    for completion in named(columns, COMPLETION):
        text = answer_text(frame, completion)
        if text is None:
            continue
        asking = [q for q in questions if _belong_together(q, completion)]
        for prompt in _prompts(frame, columns, asking, {completion})[:2]:
            taken = {"prompt": prompt, "completion": text}
            yield _meaning("prompt_completion", taken | _system(columns))


def _belong_together(question: str, completion: str) -> bool:
    prompt, answer = plain_name(question), plain_name(completion)
    return answer in _ONLY_WITH.get(prompt, (answer,)) and prompt in _ONLY_WITH.get(
        answer, (prompt,)
    )


def _prompts(
    frame: pl.DataFrame, columns: list[str], questions: list[str], used: set[str]
) -> list[str]:
    """Return the expressions that may give the prompt: what is asked, below what it is about."""
    found: list[str] = []
    for question in questions:
        text = prompt_text(frame, question)
        if text is None or question in used:
            continue
        about = [c for c in named(columns, CONTEXT) if c not in (question, *used)]
        texts = [t for c in about[:1] if (t := prompt_text(frame, c)) is not None]
        if texts and question not in named(columns, CONTEXT):
            before = f"{texts[0]} || '\n\n'"
            before = f"COALESCE({before}, '')" if frame[about[0]].null_count() else before
            found.append(f"{before} || {text}")
        found.append(text)
    return found
