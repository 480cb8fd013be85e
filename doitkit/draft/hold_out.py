"""Which rows of a file are kept to score what the others train."""

from collections.abc import Sequence

from doitkit.source.look import Look

_FEWEST, _MOST = 2, 50
_LEAST_SHARE = 0.6
"""How much of its n-th part of the rows every n-th line must hold."""


def every_nth(looks: Sequence[Look], items: int) -> int | None:
    """Return the largest n for which every n-th line of the files holds `items` records.

    A row is known by the line on which it begins, and a row of a CSV file may take several: so
    it is looked up how many of the rows seen begin on such lines. None if more than half of the
    rows would be held out.
    """
    records = sum(look.records for look in looks)
    lines = [line for look in looks for line in look.lines]
    for nth in range(min(_MOST, records // max(1, items)), _FEWEST - 1, -1):
        share = sum(line % nth == 0 for line in lines) / len(lines)
        if _LEAST_SHARE / nth <= share <= 1 / _FEWEST and share * records >= items:
            return nth
    return None
