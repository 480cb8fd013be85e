"""Who lost rows to whom in dedup, as the manifest of a dataset tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_HOW = ("equal", "alike", "semantic")


@dataclass(frozen=True)
class Loss:
    """Rows that one source lost to another, or to itself.

    Attributes
    ----------
    how
        `equal`: the rows are copies; `alike`: near-duplicates; `alike, kept`: near-duplicates of
        which a source has so many among its own that it keeps them; `semantic`: rows that say
        the same in other words.
    examples
        The place of a row that was left out, that of the row it is likest to, and how alike they
        are, between 0 and 1.
    """

    how: str
    source: str
    to: str
    rows: int
    examples: tuple[tuple[str, str, float], ...]

    def as_json(self) -> dict[str, Any]:
        """Return the loss as plain JSON."""
        return vars(self)


@dataclass(frozen=True)
class Unread:
    """Rows of a source that the embedding model cannot read, so that all of them stay.

    Attributes
    ----------
    of
        The rows of the source that were to be compared by what they say.
    """

    source: str
    rows: int
    of: int


def read_losses(manifest: Mapping[str, Any]) -> list[Loss]:
    """Return the losses of dedup, the largest first."""
    kept = manifest["dedup"].get("spared", {})
    found = [
        Loss(
            f"{how}, kept" if how == "alike" and loss["source"] == loss["to"] in kept else how,
            loss["source"],
            loss["to"],
            loss["rows"],
            tuple((lost, beside, alike) for lost, beside, alike in loss["examples"]),
        )
        for how in _HOW
        for loss in manifest["dedup"].get(how, [])
    ]
    return sorted(found, key=lambda loss: (-loss.rows, loss.how, loss.source, loss.to))


def read_unread(manifest: Mapping[str, Any]) -> list[Unread]:
    """Return the rows that were not compared by what they say, in the order of the sources."""
    found = manifest["dedup"].get("unread", {})
    return [Unread(source, rows, of) for source, (rows, of) in found.items()]
