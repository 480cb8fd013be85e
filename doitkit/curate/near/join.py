"""Exact near-duplicates of a corpus: from texts to pairs and clusters."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from doitkit.core.memory import keep_freed_memory
from doitkit.core.progress import SILENT, Progress
from doitkit.curate.near.candidates import candidates
from doitkit.curate.near.clusters import clusters
from doitkit.curate.near.counts import mark_rarities
from doitkit.curate.near.grams import Grams
from doitkit.curate.near.layout import Ints, Words, distinct, halves
from doitkit.curate.near.partitions import Partitions
from doitkit.curate.near.remaining import PARTITIONS, Remaining, sketch_words_of
from doitkit.curate.near.rows import Rows
from doitkit.curate.near.spool import Spool
from doitkit.curate.near.threads import in_order
from doitkit.curate.near.threshold import Threshold

_PAIRS_AT_ONCE = 1 << 14
_LARGEST_GROUP = 64


@dataclass(frozen=True)
class NearPairs:
    """The near-duplicates of a corpus. Rows are numbered in the order of the texts, from 0.

    Attributes
    ----------
    first, second
        Pairs of near-duplicates, `first < second`, in order, each once. They join all rows of
        every cluster, and are all there are but for rows that have only such n-grams in common as
        make more than `largest_group` rows candidates, as the rows of one template do.
    similarity
        The Jaccard similarity of each pair.
    cluster
        Of each row, the lowest row that near-duplicates join it to, directly or through others;
        itself if it has none. All pairs that there are count for it.
    """

    first: npt.NDArray[np.uint32]
    second: npt.NDArray[np.uint32]
    similarity: npt.NDArray[np.float32]
    cluster: npt.NDArray[np.int32]


def near_pairs(
    grams: Iterable[Grams],
    *,
    similarity: float,
    memory: int,
    spill: Path | None = None,
    progress: Progress = SILENT,
    largest_group: int = _LARGEST_GROUP,
) -> NearPairs:
    """Return the pairs of texts whose sets of grams have a Jaccard similarity of so much or more.

    The result is exact, and depends on nothing but the texts, `similarity` and what a gram is: not
    on how the texts are cut into blocks, on `memory`, or on the number of threads.

    Parameters
    ----------
    grams
        The grams of the texts, as `grams_of` gives them; read once. A text that is null or
        without a gram has no near-duplicate.
    similarity
        In (0, 1]. A decimal is taken at its word: 4 grams in common out of 5 are 0.8.
    memory
        Bytes to work in, about, and no fewer than what a text takes. Besides, a row takes 28
        to 84 bytes, and a pair 50 for a while.
    spill
        A folder for what does not fit into `memory`; it is left as it was. Without one, memory
        is taken as needed.
    largest_group
        So many rows that an n-gram makes candidates are compared in all pairs; of more, as many
        as it takes to join those that are near-duplicates.

    Notes
    -----
    An exact set-similarity join by prefix filtering (Chaudhuri, Ganti and Kaushik 2006; Bayardo, Ma
    and Srikant 2007) with the positional filter (Xiao et al. 2008): rows are found by their rarest
    n-grams, and every pair is verified. `templates` says how it does with a text that a hundred
    thousand rows hold.
    """
    keep_freed_memory()
    threshold = Threshold.of(similarity)
    with _folder(spill) as folder:
        keys = Spool(memory // 2, folder and folder / "grams")
        starts, count = _read(grams, keys, progress)
        mark_rarities(keys, memory, progress)
        postings = Partitions(folder if keys.in_file else None, memory // 8)
        rows = _remaining(keys, starts, count, threshold, postings, progress)
        pairs = _candidates(postings, rows, largest_group, progress)
        common = _overlaps(pairs, rows, progress)
    one, other = halves(pairs)
    alike = common >= rows.least_overlap(one, other)
    one, other, common = one[alike], other[alike], common[alike]
    jaccard = common / (rows.size[one] + rows.size[other] - common)
    first, second = rows.number[one], rows.number[other]
    cluster = clusters(first, second, count)
    return NearPairs(first, second, jaccard.astype(np.float32), cluster)


@contextmanager
def _folder(spill: Path | None) -> Iterator[Path | None]:
    if spill is None:
        yield None
    else:
        with TemporaryDirectory(dir=spill, prefix="near-") as name:
            yield Path(name)


def _read(grams: Iterable[Grams], keys: Spool, progress: Progress) -> tuple[list[int], int]:
    """Append the keys of all blocks; return the row at which each begins, and the end."""
    starts = [0]
    with progress.task("reading n-grams") as task:
        for block in grams:
            keys.append(block.keys)
            starts.append(starts[-1] + block.rows)
            task.advance(block.rows)
    return starts[:-1], starts[-1]


def _remaining(
    keys: Spool,
    starts: list[int],
    count: int,
    threshold: Threshold,
    postings: Partitions,
    progress: Progress,
) -> Rows:
    """Return the rows that remain, and append the postings of them."""
    number, size = np.empty((2, count), dtype=np.uint32)
    begin = np.zeros(count + 1, dtype=np.int64)
    words = sketch_words_of(keys.size, count)
    sketch = np.empty((count, words), dtype=np.uint64)
    ranks = keys.overwritten()
    rows = 0

    def remaining(index: int) -> Remaining:
        return Remaining.of(keys[index], threshold, words)

    blocks_of_rows = in_order(remaining, range(len(keys)))
    with progress.task("choosing rows to compare", total=len(keys)) as task:
        for start, block in zip(starts, blocks_of_rows, strict=True):
            new = slice(rows, rows + len(block.row))
            number[new], size[new], sketch[new] = start + block.row, block.size, block.sketch
            begin[new.start + 1 : new.stop + 1] = begin[rows] + np.cumsum(block.held)
            block.postings[:, 1] += np.uint64(rows << 32)
            postings.append(block.postings, block.bounds)
            ranks.append(block.ranks)
            rows = new.stop
            task.advance()
    return Rows(number[:rows], size[:rows], begin[: rows + 1], sketch[:rows], ranks, threshold)


def _candidates(postings: Partitions, rows: Rows, largest_group: int, progress: Progress) -> Words:
    found = [np.empty(0, dtype=np.uint64)]

    def of_partition(partition: int) -> Words:
        return candidates(postings.take(partition), rows, largest_group)

    with progress.task("looking for near-duplicates", total=PARTITIONS) as task:
        for pairs in in_order(of_partition, range(PARTITIONS)):
            found.append(pairs)
            task.advance()
    return distinct(np.concatenate(found))


def _overlaps(pairs: Words, rows: Rows, progress: Progress) -> Ints:
    """Return how many grams each pair of rows has in common."""

    def of_part(begin: int) -> Ints:
        one, other = halves(pairs[begin : begin + _PAIRS_AT_ONCE])
        return rows.overlaps(rows.whole(one), rows.whole(other))

    parts = range(0, len(pairs), _PAIRS_AT_ONCE)
    found = [np.empty(0, dtype=np.int64)]
    with progress.task("comparing pairs", total=len(parts)) as task:
        for overlaps in in_order(of_part, parts):
            found.append(overlaps)
            task.advance()
    return np.concatenate(found)
