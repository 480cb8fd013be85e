"""Evaluation items, normalised as the training rows are; one of equal ones stays."""

from collections.abc import Sequence
from dataclasses import dataclass

from doitkit.core.records import Record, Reject
from doitkit.curate.normalize import normalize
from doitkit.recipe.curation import Curation


@dataclass(frozen=True)
class CuratedItems:
    """The items that stay, and those that do not."""

    records: list[Record]
    rejects: list[Reject]


def curate_items(items: Sequence[Record], curation: Curation) -> CuratedItems:
    """Normalise evaluation items as `curation` says, and keep the first of equal ones."""
    kept: dict[str, Record] = {}
    rejects: list[Reject] = []
    for given in items:
        item = normalize(given) if curation.normalize else given
        empty = next((m["role"] for m in item.messages if not m["content"]), None)
        if empty is not None:
            reason = f"nothing is left of the {empty} message after normalisation"
            rejects.append(item.rejected("filter", reason))
        elif (first := kept.setdefault(item.id, item)) is not item:
            reason = f"same text as {first.source}, {first.file}:{first.line}"
            rejects.append(item.rejected("dedup", reason))
    return CuratedItems(list(kept.values()), rejects)
