"""Training rows that hold a good part of an evaluation item."""

from doitkit.curate.overlap.items import Held
from doitkit.curate.overlap.search import OverlapSearch

__all__ = ["Held", "OverlapSearch"]
