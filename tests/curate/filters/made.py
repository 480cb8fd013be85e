"""Rows for the tests of filters."""

from typing import Any

import polars as pl

from doitkit.core.rows import ROWS
from doitkit.curate.filters import left_out
from doitkit.recipe.filters import Filters

Talk = list[tuple[str, str | None]]

CONSTANTS: dict[str, str | None] = {
    "source": "people",
    "ability": "chat",
    "origin": "human",
    "generator": None,
    "license": "cc-by-4.0",
}


def talks(*rows: Talk, **constants: str | None) -> pl.DataFrame:
    """Return rows of these messages, each a role and a content."""
    schema = pl.DataFrame(ROWS.empty_table()).schema
    told = [
        {
            "id": str(at),
            "prompt_id": str(at),
            "messages": [{"role": role, "content": content} for role, content in row],
            "file": "people.jsonl",
            "line": at + 1,
        }
        for at, row in enumerate(rows)
    ]
    frame = pl.DataFrame(told, schema=schema)
    beside = {**CONSTANTS, **constants}
    return frame.with_columns(**{name: pl.lit(beside[name], pl.String) for name in beside})


def answers(*texts: str | None, prompt: str = "Tell me.") -> pl.DataFrame:
    """Return one row for each answer."""
    return talks(*([("user", prompt), ("assistant", text)] for text in texts))


def reasons(rows: pl.DataFrame, tokens: list[int] | None = None, **declared: Any) -> list[Any]:
    """Return what `left_out` says of the rows, with the filters declared as in a recipe."""
    filters = Filters.model_validate(declared)
    counted = None if tokens is None else pl.Series(tokens)
    return left_out(rows, filters, tokens=counted).to_list()
