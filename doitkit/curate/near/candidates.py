"""Pairs of rows that may be near-duplicates, from the grams by which rows are found."""

import numpy as np

from doitkit.curate.near.groups import Groups
from doitkit.curate.near.layout import Ints, Words, distinct, paired
from doitkit.curate.near.remaining import Postings
from doitkit.curate.near.rows import Rows
from doitkit.curate.near.templates import tied


def candidates(postings: Postings, rows: Rows, largest_group: int) -> Words:
    """Return pairs that may be near-duplicates, each once, in order; the lower row comes first.

    Of groups of at most `largest_group` rows they are all that are possible, and of larger ones so
    many near-duplicates as join all rows that near-duplicates join.
    """
    groups = Groups.of(postings, rows)
    large = groups.each(groups.sizes > largest_group)
    found = [_in_order(*tied(groups[large], rows))]
    small = groups[~large]
    for places in small.pairs():
        one, other = small.suffix.row[places]
        possible = rows.may_be_alike(one, other)
        found.append(_in_order(one[possible], other[possible]))
    return distinct(np.concatenate(found))


def _in_order(one: Ints, other: Ints) -> Words:
    return paired(np.minimum(one, other), np.maximum(one, other))
