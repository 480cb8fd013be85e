"""What tells others about a dataset: its card on the Hub, and its Croissant metadata."""

from doitkit.build.card.write import write_metadata

__all__ = ["write_metadata"]
