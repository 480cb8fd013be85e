"""Near-duplicates: all pairs of texts that are alike, exactly."""

from doitkit.curate.near.grams import Grams, grams_of
from doitkit.curate.near.join import NearPairs, near_pairs
from doitkit.curate.near.shingles import Shingling

__all__ = ["Grams", "NearPairs", "Shingling", "grams_of", "near_pairs"]
