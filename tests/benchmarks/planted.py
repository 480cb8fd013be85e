"""Near-duplicates of a row, made by small edits and verified before they count."""

from random import Random

from near_truth import alike, grams
from real_rows import Language, Row

_ATTEMPTS = 24


def below(bound: int, draw: Random) -> int:
    """Return a whole number below `bound`, the same on every machine and Python.

    `Random.random` is the one stream that Python promises to keep.
    """
    return int(draw.random() * bound)


def near_duplicate(row: Row, language: Language, draw: Random) -> Row | None:
    """Return a near-duplicate of the row that is no copy; None if the row is too short for one.

    Edits are drawn anew, fewer each time and at last at the end of the row, until one is right.
    """
    own = grams(language.tokens("\n".join(row)))
    most = 1 + len(own) // 80
    for attempt in range(_ATTEMPTS):
        edited = row
        for _ in range(1 + below(max(1, most - attempt), draw)):
            edited = _edited(edited, language, draw, at_end=attempt > most + 6)
        whole = edited != row and edited.instruction.strip() and edited.output.strip()
        if whole and alike(own, grams(language.tokens("\n".join(edited)))):
            return edited
    return None


def _edited(row: Row, language: Language, draw: Random, *, at_end: bool) -> Row:
    """Return the row with one unit dropped, swapped, replaced, added, or spelled otherwise."""
    field = 2 if at_end else below(len(row), draw)
    if not row[field]:
        return row
    units = language.units(row[field])
    others = language.units(language.sentences[below(len(language.sentences), draw)])
    at = len(units) - 1 if at_end else below(len(units), draw)
    other = others[below(len(others), draw)]
    kind = below(6, draw)
    if kind == 0 and len(units) > 1:
        del units[at]
    elif kind == 1:
        units[at : at + 2] = reversed(units[at : at + 2])
    elif kind == 2:
        units[at] = other
    elif kind == 3:
        units[at] = units[at].swapcase()
    elif kind == 4:
        units[at] += "," if language.glue else "，"
    else:
        units.insert(at + 1, other)
    return row._replace(**{Row._fields[field]: language.glue.join(units)})
