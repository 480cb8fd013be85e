"""Exact duplicates: one of several rows with the same text stays, and it is said which."""

from collections.abc import Sequence

from doitkit.core.origins import Origin
from doitkit.core.records import Record, Reject


def drop_duplicates(
    records: Sequence[Record], prefer: Sequence[Origin]
) -> tuple[list[Record], list[Reject]]:
    """Keep one record of each `id`.

    Who stays: the origin that stands first in `prefer`, then the source that stands first in
    the recipe, then the row that stands first in it. Origins not in `prefer` come last.

    Returns
    -------
    kept, rejects
        `kept` in the order given; every other record is a reject that names the one kept.
    """
    order = {origin: index for index, origin in enumerate(prefer)}
    last = len(order)
    best: dict[str, tuple[int, int]] = {}
    for index, record in enumerate(records):
        claim = (order.get(record.origin, last), index)
        if record.id not in best or claim < best[record.id]:
            best[record.id] = claim
    kept: list[Record] = []
    rejects: list[Reject] = []
    for index, record in enumerate(records):
        winner = records[best[record.id][1]]
        if winner is record and best[record.id][1] == index:
            kept.append(record)
        else:
            reason = f"same text as {winner.source}, {winner.file}:{winner.line}"
            rejects.append(_reject(record, "dedup", reason))
    return kept, rejects


def _reject(record: Record, step: str, reason: str) -> Reject:
    return Reject(
        record.source,
        record.file,
        record.line,
        step,
        reason,
        record.messages[0]["content"][:200],
        record.id,
    )
