"""Near-duplicates: all pairs of texts that are alike, exactly."""

from doitkit.curate.near.join import NearPairs, near_pairs
from doitkit.curate.near.shingles import Shingling

__all__ = ["NearPairs", "Shingling", "near_pairs"]
