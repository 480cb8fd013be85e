"""When two sets count as near-duplicates, in whole numbers."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from doitkit.curate.near.layout import Ints

_LARGEST_DENOMINATOR = 1_000_000


@dataclass(frozen=True)
class Threshold:
    """The least Jaccard similarity of a pair, as the fraction `above / below`.

    A float such as 0.8 is read as the decimal that it prints (to six places or so), so that 4 grams
    in common out of 5 are enough for it.
    """

    above: int
    below: int

    @classmethod
    def of(cls, similarity: float) -> Self:
        """Return the threshold of a similarity in (0, 1]."""
        ratio = Fraction(str(similarity)).limit_denominator(_LARGEST_DENOMINATOR)
        if not 0 < ratio <= 1:
            raise ValueError(f"a similarity lies in (0, 1]: {similarity}")
        return cls(ratio.numerator, ratio.denominator)

    def least_size(self, size: Ints) -> Ints:
        """Return the size of the smallest set that can be similar to one of `size` grams."""
        return -(-self.above * size // self.below)

    def least_overlap(self, sizes: Ints) -> Ints:
        """Return the fewest common grams that make two sets similar, from the sum of their sizes.

        With `o` in common of `s` in all, the similarity is `o / (s - o)`; it reaches `t` where
        `o >= t s / (1 + t)`.
        """
        return -(-self.above * sizes // (self.above + self.below))
