"""Floor 2: normalisation, filters, dedup, decontamination, items fit to score; what each drops."""

from doitkit.curate.scorable import drop_unscorable, drop_without_distractors, extracted
from doitkit.curate.steps import Curated, curate, curate_items

__all__ = [
    "Curated",
    "curate",
    "curate_items",
    "drop_unscorable",
    "drop_without_distractors",
    "extracted",
]
