"""Searches of rows that are written out, for tests."""

from collections.abc import Sequence
from itertools import pairwise

import polars as pl

from doitkit.curate.overlap import Held, OverlapSearch
from doitkit.recipe.curation import Overlap
from tests.curate.overlap.reference import Match, Row


def found(
    items: Sequence[Held],
    rows: Sequence[Row],
    overlap: Overlap | None = None,
    cuts: Sequence[int] = (),
) -> pl.DataFrame:
    """Search `rows`, cut before the rows at `cuts` and wherever the source changes."""
    search = OverlapSearch(items, overlap or Overlap())
    changes = [i for i in range(1, len(rows)) if rows[i].source != rows[i - 1].source]
    bounds = sorted({0, len(rows), *changes, *cuts})
    for first, end in pairwise(bounds):
        search.look_at(first, frame(rows[first:end]), rows[first].source)
    return search.found()


def frame(rows: Sequence[Row]) -> pl.DataFrame:
    texts = [(row.prompt, row.answer) for row in rows]
    return pl.DataFrame(texts, {"prompt": pl.String, "answer": pl.String}, orient="row")


def as_matches(result: pl.DataFrame) -> list[Match]:
    return [Match(*row) for row in result.select("row", "item", "of", "share").iter_rows()]
