"""The nested order of a cell: the subset of size k is always the first k records.

Within a source, records stand in the order of a keyed hash of their own id. Several sources
of one cell are interleaved by weight: the i-th record (from 0) of a source of weight w stands
at (i + 1/2) / w. Taking the first k of that order gives each source its Sainte-Lague quota,
which sums to k, passes on what an exhausted source cannot give, and never takes a record back
when k grows. Largest remainders would not do here: they can lower one source's quota when the
total rises (the Alabama paradox), and the subsets of a ladder would not be nested.
"""

from collections.abc import Mapping, Sequence

from doitkit.core.hashing import rank_key
from doitkit.core.records import Record


def nested_order(
    records: Sequence[Record], seed: int, weights: Mapping[str, float]
) -> list[Record]:
    """Return the records of one cell in their nested order.

    Parameters
    ----------
    records
        The records of one (ability, origin), of one or several sources.
    seed
        Decides the order; nothing else does.
    weights
        Source name -> weight (> 0).
    """
    by_source: dict[str, list[tuple[int, str, Record]]] = {}
    for record in records:
        identity = record.id
        by_source.setdefault(record.source, []).append((rank_key(seed, identity), identity, record))
    placed: list[tuple[float, int, str, Record]] = []
    for source, entries in by_source.items():
        entries.sort(key=lambda entry: entry[:2])
        weight = weights[source]
        placed += [
            ((index + 0.5) / weight, rank, identity, record)
            for index, (rank, identity, record) in enumerate(entries)
        ]
    placed.sort(key=lambda entry: entry[:3])
    return [record for *_, record in placed]
