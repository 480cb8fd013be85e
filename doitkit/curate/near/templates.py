"""Groups of very many rows, such as those that are made from one template.

All pairs of a hundred thousand rows are five thousand million; they need not be looked at. Take two
rows that have the gram of the group as their first in common, in the order of ranks. All that they
have in common comes from it on, so how much it is follows from these ends of the two rows alone.
Rows of one size that end alike are a *class*: with each row of another class, all of them have
equally many grams in common from here on. If these are enough, all pairs between the two classes
are near-duplicates; if not, those that are have a rarer gram in common, and meet in its group. So
one row of each class is compared, and the others are tied to it.
"""

import numpy as np

from doitkit.curate.near.clusters import components
from doitkit.curate.near.groups import Groups
from doitkit.curate.near.layout import Ints, Mask, changes
from doitkit.curate.near.ranges import blocks, ranges
from doitkit.curate.near.rows import Rows

_AT_ONCE = 1 << 18


def tied(groups: Groups, rows: Rows) -> tuple[Ints, Ints]:
    """Return pairs of near-duplicates that join all rows of a group which near-duplicates join.

    Left out are only such as have a rarer gram in common: its group joins them.
    """
    ending = rows.signatures(groups.suffix)
    order = np.lexsort((groups.suffix.row, ending, groups.size, groups.label))
    groups, ending = groups[order], ending[order]
    new = changes(groups.label) | changes(groups.size) | changes(ending)
    kind = np.cumsum(new) - 1
    classes = groups[new]
    one, other = _alike(classes, rows)
    # All rows of a class are like all of a partner, which may be the class itself.
    partner = np.full(len(classes), -1)
    partner[other], partner[one] = one, other
    own = np.arange(len(classes))
    own = own[classes.possible(own, own)]
    partner[own] = own
    has_partner = partner[kind] >= 0
    row, first = groups.suffix.row, classes.suffix.row
    left = np.concatenate([first[one], row[has_partner]])
    right = np.concatenate([first[other], first[partner[kind][has_partner]]])
    return left[left != right], right[left != right]


def _alike(classes: Groups, rows: Rows) -> Ints:
    """Return pairs of classes whose rows are near-duplicates by these ends alone, shape (2, pairs).

    They join all classes that such pairs join; two that are joined already are not compared. Each
    class is compared with the next one among those of its group that are not too long or too short,
    then the next two, the next four, and so on in a circle, as long as it is not in the part that
    most of the group are joined to.
    """
    found = [np.empty((2, 0), dtype=np.int64)]
    begins, sizes = classes.windows()
    reached = np.ones(len(classes), dtype=np.int64)
    part = np.arange(len(classes))
    while len(at := np.flatnonzero((reached < sizes) & ~_in_largest_part(part, classes))):
        steps = np.minimum(reached[at], (sizes - reached)[at])
        for some in blocks(steps, _AT_ONCE, len(steps)):
            one = np.repeat(at[some], steps[some])
            distance = ranges(reached[at[some]], steps[some])
            other = begins[one] + (one - begins[one] + distance) % sizes[one]
            # It may have met the other as that one went around its own circle.
            back = one - begins[other]
            new = (part[one] != part[other]) & (back >= 0) & (back < sizes[other])
            new &= reached[other] <= (one - other) % sizes[other]
            new &= classes.possible(one, other)
            pairs = _compared(np.stack([one[new], other[new]]), classes, rows)
            _, first = np.unique(part[pairs[0]] * len(part) + part[pairs[1]], return_index=True)
            found.append(pairs[:, first])
        reached[at] += steps
        part = components(np.concatenate(found, axis=1), len(classes))
    return np.concatenate(found, axis=1)


def _in_largest_part(part: Ints, classes: Groups) -> Mask:
    largeness = np.bincount(part, minlength=len(part))[part] * len(part) + part
    largest: Mask = largeness == classes.each(np.maximum.reduceat(largeness, classes.begins))
    return largest


def _compared(pairs: Ints, classes: Groups, rows: Rows) -> Ints:
    """Return the pairs that are alike."""
    pairs = pairs[:, rows.may_be_alike(*classes.suffix.row[pairs])]
    one, other = classes.suffix[pairs[0]], classes.suffix[pairs[1]]
    enough = rows.overlaps(one, other) >= rows.least_overlap(one.row, other.row)
    return pairs[:, enough]
