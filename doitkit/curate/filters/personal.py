"""Personal data: found, counted, and masked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from doitkit.core.rows import TEXTS
from doitkit.curate.filters.filter import Filter
from doitkit.curate.filters.kinds import KINDS
from doitkit.recipe.filters import Personal, PersonalData


@dataclass(frozen=True)
class _Held:
    """A row that holds personal data: which, and its messages without."""

    row: int
    kinds: frozenset[Personal]
    messages: list[dict[str, str | None]]


def personal_filter(declared: PersonalData) -> Filter:
    """Return the filter of rows that hold personal data, in whichever message."""

    def reasons(messages: pl.Series) -> pl.Series:
        said: list[str | None] = [None] * len(messages)
        for held in _held(messages, declared.kinds):
            named = [kind for kind in declared.kinds if kind in held.kinds]
            said[held.row] = f"personal data: {', '.join(named)}"
        return pl.Series(messages.name, said, dtype=pl.String)

    reason = pl.col("messages").map_batches(reasons, return_dtype=pl.String)
    return Filter("personal", reason)


def masked(rows: pl.DataFrame, personal: PersonalData) -> pl.DataFrame:
    """Return `rows` with [EMAIL], [PHONE] and the like in the place of personal data.

    What was masked once stays as it is. The ids remain those of the rows as they were.
    """
    found = list(_held(rows["messages"], personal.kinds))
    if not found:
        return rows
    clean = pl.DataFrame(
        {"row": [held.row for held in found], "clean": [held.messages for held in found]},
        schema={"row": pl.UInt32, "clean": rows.schema["messages"]},
    )
    numbered = rows.select("messages").with_row_index("row")
    joined = numbered.join(clean, on="row", how="left", maintain_order="left")
    return rows.with_columns(joined.select(messages=pl.coalesce("clean", "messages")).to_series())


def personal_counts(rows: pl.DataFrame, personal: PersonalData) -> dict[str, int]:
    """Return how many of `rows` hold each of the declared kinds of personal data."""
    counts: dict[str, int] = dict.fromkeys(personal.kinds, 0)
    for held in _held(rows["messages"], personal.kinds):
        for kind in held.kinds:
            counts[kind] += 1
    return counts


def _held(messages: pl.Series, kinds: Sequence[Personal]) -> Iterator[_Held]:
    """Yield the rows that hold personal data, in their order.

    Few rows have a sign of any; only these are read in Python.
    """
    sign = "|".join(KINDS[kind].sign for kind in kinds)
    numbered = messages.alias("messages").to_frame().with_row_index("row")
    for row, talk in numbered.filter(TEXTS["text"].str.contains(sign)).iter_rows():
        held: set[Personal] = set()
        clean = [
            {**message, "content": _masked_text(message["content"], kinds, held)}
            for message in talk
        ]
        if held:
            yield _Held(row, frozenset(held), clean)


def _masked_text(text: str | None, kinds: Sequence[Personal], held: set[Personal]) -> str | None:
    """Return `text` masked, and add to `held` the kinds that were there."""
    if text is None:
        return None
    while True:
        before = text
        for kind, how in KINDS.items():
            if kind not in kinds:
                continue
            parts: list[str] = []
            end = 0
            for match in how.pattern.finditer(text):
                if how.genuine(match):
                    parts += [text[end : match.start()], f"[{kind.upper()}]"]
                    end = match.end()
            if parts:
                held.add(kind)
                text = "".join([*parts, text[end:]])
        # A mask may part what ran together, and so bare what was hidden in it.
        if text == before:
            return text
