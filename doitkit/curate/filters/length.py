"""Rows that are too short, or too long."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from doitkit.curate.filters.filter import Filter, worked_out_once
from doitkit.curate.filters.words import count_words
from doitkit.recipe.filters import Bounds, Length


@dataclass(frozen=True)
class _Measure:
    column: str
    of: str
    unit: str
    size: Callable[[pl.Expr], pl.Expr] = lambda column: column


_MEASURES = {
    "prompt_chars": _Measure("prompt", "prompt of ", "character", lambda t: t.str.len_chars()),
    "answer_chars": _Measure("answer", "answer of ", "character", lambda t: t.str.len_chars()),
    "prompt_words": _Measure("prompt", "prompt of ", "word", count_words),
    "answer_words": _Measure("answer", "answer of ", "word", count_words),
    "tokens": _Measure("tokens", "", "token"),
    "turns": _Measure("turns", "", "turn"),
}


def length_filters(declared: Length) -> Iterator[Filter]:
    """Yield a filter for every bound of `declared`, in its order; bounds are inclusive.

    Characters are code points. A text that is missing has no characters and no words.
    """
    for name, measure in _MEASURES.items():
        bounds: Bounds | None = getattr(declared, name)
        if bounds is not None:
            yield Filter(f"length.{name}", _reason(measure, bounds))


def _reason(measure: _Measure, bounds: Bounds) -> pl.Expr:
    def reason(size: pl.Expr) -> pl.Expr:
        unit = pl.when(size == 1).then(pl.lit(measure.unit)).otherwise(pl.lit(f"{measure.unit}s"))
        said = [pl.lit(None, dtype=pl.String)]
        # Of a size that is null, nothing is said.
        if bounds.min is not None:
            small = pl.when(size < bounds.min).then(size)
            said.append(pl.format(f"{measure.of}{{}} {{}}, fewer than {bounds.min}", small, unit))
        if bounds.max is not None:
            large = pl.when(size > bounds.max).then(size)
            said.append(pl.format(f"{measure.of}{{}} {{}}, more than {bounds.max}", large, unit))
        return pl.coalesce(said)

    return worked_out_once(measure.size(pl.col(measure.column)).fill_null(0), reason)
