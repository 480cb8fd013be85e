"""Exact duplicates: one of several rows with the same text stays, and it is said which."""

from collections.abc import Sequence

from doitkit.core.origins import Origin
from doitkit.core.records import Record, Reject


def drop_duplicates(
    records: Sequence[Record], prefer: Sequence[Origin], *, across_origins: bool = True
) -> tuple[list[Record], list[Reject]]:
    """Keep one record of each `id`.

    Who stays: the origin that stands first in `prefer`, then the source that stands first in
    the recipe, then the row that stands first in it. Origins not in `prefer` come last.

    Parameters
    ----------
    across_origins
        False compares rows only with rows of their own origin. Where a model answers the
        prompts of a person, its right answers may equal the person's; to drop these as
        duplicates would leave the model with its mistakes alone.

    Returns
    -------
    kept, rejects
        `kept` in the order given; every other record is a reject that names the one kept.
    """
    order = {origin: index for index, origin in enumerate(prefer)}
    last = len(order)
    keys = [(record.id, None if across_origins else record.origin) for record in records]
    best: dict[tuple[str, Origin | None], tuple[int, int]] = {}
    for index, (key, record) in enumerate(zip(keys, records, strict=True)):
        claim = (order.get(record.origin, last), index)
        if key not in best or claim < best[key]:
            best[key] = claim
    kept: list[Record] = []
    rejects: list[Reject] = []
    for index, record in enumerate(records):
        kept_index = best[keys[index]][1]
        if kept_index == index:
            kept.append(record)
        else:
            winner = records[kept_index]
            reason = f"same text as {winner.source}, {winner.file}:{winner.line}"
            rejects.append(record.rejected("dedup", reason))
    return kept, rejects
