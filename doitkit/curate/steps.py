"""The steps of curation in their order, with the count of rows after each."""

from collections.abc import Sequence
from dataclasses import dataclass

from doitkit.core.records import Record, Reject
from doitkit.curate.decontaminate import drop_contaminated
from doitkit.curate.dedup import drop_duplicates
from doitkit.curate.normalize import normalize
from doitkit.recipe.curation import Curation


@dataclass(frozen=True)
class Curated:
    """The rows that stay, the rows that do not, and how many of each source each step left."""

    records: list[Record]
    rejects: list[Reject]
    steps: dict[str, dict[str, int]]


def curate(records: Sequence[Record], items: Sequence[Record], curation: Curation) -> Curated:
    """Carry out `curation` on the training `records`, against the evaluation `items`.

    `len(records) == len(result.records) + len(result.rejects)`, always.
    """
    kept = [normalize(r) for r in records] if curation.normalize else list(records)
    rejects: list[Reject] = []
    steps = {"read": _count(kept)}
    kept, dropped = _drop_unusable(kept, curation.max_chars)
    rejects += dropped
    steps["filter"] = _count(kept)
    if curation.dedup != "none":
        across = curation.dedup == "exact"
        kept, dropped = drop_duplicates(kept, curation.prefer, across_origins=across)
        rejects += dropped
    steps["dedup"] = _count(kept)
    if curation.decontaminate:
        kept, dropped = drop_contaminated(kept, items)
        rejects += dropped
    steps["decontaminate"] = _count(kept)
    if len(records) != len(kept) + len(rejects):
        raise AssertionError(
            f"curation lost rows: {len(records)} in, {len(kept)} kept, {len(rejects)} rejected"
        )
    return Curated(kept, rejects, steps)


def curate_items(items: Sequence[Record], curation: Curation) -> Curated:
    """Normalise evaluation items as the training rows are, and keep one of equal ones."""
    kept = [normalize(item) for item in items] if curation.normalize else list(items)
    kept, unusable = _drop_unusable(kept, None)
    kept, dropped = drop_duplicates(kept, curation.prefer)
    return Curated(kept, unusable + dropped, {"read": _count(items), "dedup": _count(kept)})


def _drop_unusable(
    records: Sequence[Record], max_chars: int | None
) -> tuple[list[Record], list[Reject]]:
    kept: list[Record] = []
    rejects: list[Reject] = []
    for record in records:
        reason = None
        empty = next((m["role"] for m in record.messages if not m["content"]), None)
        if empty is not None:
            reason = f"nothing is left of the {empty} message after normalisation"
        elif max_chars is not None and record.size > max_chars:
            reason = f"{record.size:,} characters, more than max_chars {max_chars:,}"
        if reason is None:
            kept.append(record)
        else:
            rejects.append(record.rejected("filter", reason))
    return kept, rejects


def _count(records: Sequence[Record]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for record in records:
        counts[record.source] = counts.get(record.source, 0) + 1
    return counts
