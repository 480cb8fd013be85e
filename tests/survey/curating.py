"""Records through the steps of curation, and back: for tests that look at single rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from doitkit.core.origins import Cell
from doitkit.core.records import Record, Reject
from doitkit.recipe.curation import Curation
from doitkit.source import Meant
from doitkit.source.formats import Chat
from doitkit.survey import curate_rows


@dataclass(frozen=True)
class Result:
    records: list[Record]
    rejects: list[Reject]
    steps: dict[str, dict[str, int]]


def curate(rows: Sequence[Record], items: Sequence[Record], curation: Curation) -> Result:
    """Curate records; those of one source come together, sources in the order of their first."""
    sources: dict[str, tuple[Cell, list[Meant]]] = {}
    for source in dict.fromkeys(row.source for row in rows):
        own = [row for row in rows if row.source == source]
        chats = [Chat(row.messages) for row in own]
        some = Meant.of(chats, [row.file for row in own], [row.line for row in own])
        sources[source] = Cell(own[0].ability, own[0].origin), [some]
    found = curate_rows(sources, items, curation)
    rejects = [Reject(**row) for f in found.reject_frames() for row in f.iter_rows(named=True)]
    return Result(
        found.shards.records(np.flatnonzero(found.alive)),
        sorted(rejects, key=lambda r: (list(sources).index(r.source), r.line)),
        found.left(),
    )
