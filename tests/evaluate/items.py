"""Evaluation items for tests, in the form in which a dataset holds them."""

from typing import Any

from doitkit.core.records import Record
from doitkit.recipe.data import EvaluationSet


def declared(metric: str, **settings: Any) -> EvaluationSet:
    """Return an evaluation set with `metric`."""
    form = "multiple_choice" if metric == "multiple_choice" else "prompt_completion"
    return EvaluationSet.model_validate(
        {"path": "test.jsonl", "format": form, "metric": metric, **settings}
    )


def row(
    prompt: str, answer: str, choices: tuple[str, ...] = (), *, system: str | None = None
) -> dict[str, Any]:
    """Return one row of the table of evaluation items."""
    opening = ({"role": "system", "content": system},) if system else ()
    record = Record(
        messages=(
            *opening,
            {"role": "user", "content": prompt},
            {"role": "assistant", "content": answer},
        ),
        ability="words",
        origin="human",
        source="words.evaluate",
        file="test.jsonl",
        line=1,
        choices=choices,
        answer=answer,
    )
    return {**record.row(), "choices": list(choices), "answer": answer}
