"""Evaluation items as the harness reads them, and the level of chance on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from doitkit.core.errors import EvaluationError
from doitkit.core.hashing import rank_key
from doitkit.curate import extracted
from doitkit.recipe.data import EvaluationSet


@dataclass(frozen=True)
class Question:
    """One item: the messages before the answer, what is compared, and the item's id."""

    id: str
    messages: tuple[dict[str, str], ...]
    answer: str
    choices: tuple[str, ...]

    @property
    def gold(self) -> int:
        """The index of the right choice."""
        return self.choices.index(self.answer)


def questions(rows: Sequence[dict[str, Any]], declared: EvaluationSet) -> list[Question]:
    """Return the items of one evaluation set from the rows of its `EVALUATION` table.

    A `choice_likelihood` item without choices is set against the answers of other items: fluent
    texts of the same ability that do not follow the instruction (the coarse distractors of
    Song et al. 2023, section 4.2). Which ones, and in which order, follows from ids alone.

    Raises
    ------
    EvaluationError
        If an item has no answer that the metric could compare; a survey leaves such items out.
    """
    found = [_question(row, declared) for row in rows]
    if declared.metric == "choice_likelihood":
        found = _with_distractors(found, declared.distractors)
    return found


def chance_level(items: Sequence[Question], declared: EvaluationSet) -> float:
    """Return what guessing would score: 1 / choices on average; 0 for generated answers.

    For bits per byte it is 8, what a uniform guess over all bytes needs.
    """
    if declared.metric == "bits_per_byte":
        return 8.0
    if declared.metric == "exact_match":
        return 0.0
    return sum(1 / len(item.choices) for item in items) / len(items)


def _question(row: dict[str, Any], declared: EvaluationSet) -> Question:
    messages = tuple({"role": m["role"], "content": m["content"]} for m in row["messages"])
    answer: str = row["answer"]
    if declared.metric == "exact_match":
        found = extracted(answer, declared.extract)
        if found is None:
            raise EvaluationError(
                "an evaluation item has no answer that `extract` finds",
                where=f"{row['source']}: {answer[:80]!r}",
                why=f"extract: {declared.extract}",
                next_step="correct `extract`, or leave such items out with `where`",
            )
        answer = found
    return Question(row["id"], messages[:-1], answer, tuple(row["choices"] or ()))


def _with_distractors(items: list[Question], wanted: int) -> list[Question]:
    ring = sorted(items, key=lambda item: rank_key(0, item.id))
    place = {item.id: index for index, item in enumerate(ring)}
    result = []
    for item in items:
        if item.choices:
            result.append(item)
            continue
        others: list[str] = []
        for step in range(1, len(ring)):
            other = ring[(place[item.id] + step) % len(ring)].answer
            if other != item.answer and other not in others:
                others.append(other)
            if len(others) == wanted:
                break
        if not others:
            raise EvaluationError(
                "an evaluation set gives no distractors",
                where=f"item {item.id}",
                why="all its answers are the same",
                next_step="give a `choices` column, or use another metric",
            )
        at = rank_key(1, item.id) % (len(others) + 1)
        choices = (*others[:at], item.answer, *others[at:])
        result.append(Question(item.id, item.messages, item.answer, choices))
    return result
