"""The step that filters: rows that are left out for what they hold."""

from collections import Counter
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import polars as pl

from doitkit.core.engine import Engine
from doitkit.core.rows import with_texts
from doitkit.core.store import Store
from doitkit.curate.filters import left_out, personal_counts
from doitkit.recipe.curation import Curation
from doitkit.recipe.filters import Filters
from doitkit.survey.read import SourceRows
from doitkit.survey.shards import Batch, with_source
from doitkit.survey.tokens import TokenCounter
from doitkit.survey.verdict import Judged, Verdict, nothing_left_out, verdict

VERSION = 1


@dataclass(frozen=True)
class _Part:
    """A part of a source, of which the first row has the number `first`."""

    source: SourceRows
    number: int
    first: int
    curation: Curation
    counter: TokenCounter


@dataclass(frozen=True)
class _Sifted:
    left_out: pl.DataFrame
    personal: Counter[str]
    """How many rows hold personal data of each kind."""


def filtered(
    store: Store, source: SourceRows, curation: Curation, counter: TokenCounter, engine: Engine
) -> Verdict:
    """Return which rows of a source the filters leave out, numbered within the source.

    Parameters
    ----------
    counter
        Counts tokens, where a filter goes by them.
    engine
        Who judges the rows.
    """
    declared = curation.filters
    key = {
        "version": VERSION,
        "rows": source.address,
        "filters": declared.model_dump(mode="json"),
        "max_chars": curation.max_chars,
        "tokenizer": counter.address if _by_tokens(declared) else None,
    }
    if declared.where or declared.plugins:
        # These may ask what a row is, beside what it says.
        key["is"] = [source.ability, source.origin, source.generator, source.license]

    def judge(_: Path) -> Judged:
        if declared == Filters() and curation.max_chars is None:
            return nothing_left_out(), {"personal": {}}
        firsts = accumulate(source.parts, initial=0)
        parts = [
            _Part(source, number, first, curation, counter)
            for number, (first, _) in enumerate(zip(firsts, source.parts, strict=False))
        ]
        sifted = engine.map(_sifted, parts)
        found = pl.concat([nothing_left_out(), *(part.left_out for part in sifted)])
        return found, {"personal": dict(sum((part.personal for part in sifted), Counter()))}

    return verdict(store, "filter", key, judge)


def _sifted(part: _Part) -> _Sifted:
    personal = part.curation.filters.personal
    found = [nothing_left_out()]
    counts: Counter[str] = Counter()
    first = part.first
    for rows in part.source.batches(part=part.number):
        batch = Batch(first, part.source, rows)
        found.append(_judged(batch, part.curation, part.counter))
        if personal is not None and personal.then == "flag":
            counts.update(personal_counts(rows, personal))
        first += rows.height
    return _Sifted(pl.concat(found), counts)


def _by_tokens(filters: Filters) -> bool:
    return filters.length is not None and filters.length.tokens is not None


def _judged(batch: Batch, curation: Curation, counter: TokenCounter) -> pl.DataFrame:
    rows = with_source(batch.rows, batch.source)
    counts = None
    if _by_tokens(curation.filters):
        counts = pl.Series(counter.count(rows["messages"]), dtype=pl.UInt32)
    reason = left_out(rows, curation.filters, tokens=counts)
    if curation.max_chars is not None:
        reason = with_texts(rows, "text").select(
            pl.coalesce(reason, _too_long(curation.max_chars)).alias("reason")
        )["reason"]
    numbered = pl.DataFrame(
        [
            pl.int_range(batch.first, batch.first + rows.height, dtype=pl.UInt32, eager=True).alias(
                "row"
            ),
            reason,
        ]
    )
    return numbered.filter(pl.col("reason").is_not_null())


def _too_long(most: int) -> pl.Expr:
    # The line ends between messages are none of the text.
    chars = pl.col("text").str.len_chars() - pl.col("messages").list.len() + 1
    reason = pl.format("{} characters, more than max_chars {}", chars, pl.lit(f"{most:,}"))
    return pl.when(chars > most).then(reason)
