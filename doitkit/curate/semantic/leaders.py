"""Of rows that are alike, which stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from doitkit.core.progress import SILENT, Progress
from doitkit.curate.semantic.heads import SLACK
from doitkit.curate.semantic.vectors import Vectors

Ints = npt.NDArray[np.int64]

_BLOCK = 1024
_STAYING = 8192


@dataclass(frozen=True)
class Leaders:
    """For whose sake each row goes.

    Attributes
    ----------
    leader
        Of each row, the row that it is likest to of those before it that stay and that it is alike
        to, the first of several; itself if it stays. Shape (rows,).
    similarity
        How alike they are; 1 if it stays. Shape (rows,).
    """

    leader: Ints
    similarity: npt.NDArray[np.float64]


def leaders(
    vectors: Vectors,
    similarity: float,
    *,
    progress: Progress = SILENT,
    block: int = _BLOCK,
    staying: int = _STAYING,
) -> Leaders:
    """Go through rows in order: each stays unless it is alike to one before it that stays.

    This is the leader algorithm [1]_. Every row that goes is itself alike to one that stays. Were
    all rows one group that pairs join directly or through others, as near-duplicates are, meanings
    would drift: each of a hundred rows says nearly what the one before it says, and the first and
    the last have nothing in common.

    Every pair that counts is compared exactly. The result depends on neither `block` nor `staying`
    nor the number of threads. Time grows with rows times those that stay: at a similarity of 0.9
    and with two busy cores, 50,000 rows that nearly all stay take 6 seconds; 200,000 of which
    149,000 stay, 80; 500,000 of which 318,000 stay, eight minutes.

    Parameters
    ----------
    vectors
        The rows, the one with the best claim first.
    similarity
        Rows are alike from this on; in (0, 1].
    block, staying
        How many rows are compared at a time, and with how many.

    References
    ----------
    .. [1] Hartigan, "Clustering Algorithms", Wiley 1975, chapter 3.
    """
    heads = vectors.heads()
    # The head of a row that was judged is done with: those of the rows that stay move to the front.
    stay = np.zeros(len(vectors), dtype=np.int64)
    count = 0
    found = Leaders(np.arange(len(vectors)), np.ones(len(vectors)))
    with progress.task("comparing what rows say", total=len(vectors)) as task:
        for begin in range(0, len(vectors), block):
            rows = np.arange(begin, min(begin + block, len(vectors)))
            new = _Some(rows, np.array(heads[rows]))
            pairs = [_Pairs(rows[:0], rows[:0], np.zeros(0))]
            for low in range(0, count, staying):
                old = slice(low, min(low + staying, count))
                pairs.append(_alike(vectors, similarity, new, _Some(stay[old], heads[old])))
            free = ~np.isin(rows, np.concatenate([some.row for some in pairs]))
            pairs.append(_alike(vectors, similarity, new, _Some(rows[free], new.heads[free])))
            _judge(pairs, found)
            stays = found.leader[rows] == rows
            more = slice(count, count + int(stays.sum()))
            stay[more], heads[more] = rows[stays], new.heads[stays]
            count = more.stop
            task.advance(len(rows))
    return found


@dataclass(frozen=True)
class _Some:
    rows: Ints
    heads: npt.NDArray[np.float32]


@dataclass(frozen=True)
class _Pairs:
    """Pairs that are alike, each a row and one before it."""

    row: Ints
    other: Ints
    similarity: npt.NDArray[np.float64]


def _alike(vectors: Vectors, similarity: float, some: _Some, others: _Some) -> _Pairs:
    bounds = some.heads @ others.heads.T
    # Places in the flat array are found ten times as fast as rows and columns.
    possible = np.flatnonzero(bounds > max(similarity - SLACK, 0))
    one, other = np.divmod(possible, max(len(others.rows), 1))
    row, before = some.rows[one], others.rows[other]
    row, before = row[before < row], before[before < row]
    found = vectors.similarity(row, before)
    enough = found >= similarity
    return _Pairs(row[enough], before[enough], found[enough])


def _judge(pairs: Sequence[_Pairs], found: Leaders) -> None:
    """Set the leaders of the rows in `pairs`, one row after the other."""
    row = np.concatenate([some.row for some in pairs])
    other = np.concatenate([some.other for some in pairs])
    similarity = np.concatenate([some.similarity for some in pairs])
    order = np.lexsort((other, -similarity, row))
    row, other, similarity = row[order], other[order], similarity[order]
    begins = np.flatnonzero(np.diff(row, prepend=-1))
    for low, high in pairwise([*begins, len(row)]):
        staying = found.leader[other[low:high]] == other[low:high]
        if staying.any():
            likest = low + int(np.argmax(staying))
            found.leader[row[likest]] = other[likest]
            found.similarity[row[likest]] = similarity[likest]
