"""Floor 2: normalisation, filters, near-duplicates, overlaps, items fit to score."""

from doitkit.curate.items import CuratedItems, curate_items
from doitkit.curate.scorable import drop_unscorable, drop_without_distractors, extracted

__all__ = [
    "CuratedItems",
    "curate_items",
    "drop_unscorable",
    "drop_without_distractors",
    "extracted",
]
