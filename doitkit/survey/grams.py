"""The grams of rows, from the machines of a cluster."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np

from doitkit.core.rows import with_texts
from doitkit.curate.near import Grams, Shingling, grams_of
from doitkit.survey.comparison import Comparison
from doitkit.survey.read import SourceRows
from doitkit.survey.shards import RowNumbers


@dataclass(frozen=True)
class _Part:
    """Rows of one part of a source, and where their grams go."""

    source: SourceRows
    number: int
    rows: RowNumbers
    """Numbered within the part."""
    text: str
    shingling: Shingling
    file: Path


def grams_from_elsewhere(
    comparison: Comparison, rows: RowNumbers, text: str, shingling: Shingling, folder: Path
) -> Iterator[Grams]:
    """Yield the grams of rows, which others have written into files of `folder`.

    Parameters
    ----------
    rows
        In ascending order.
    text
        A name in `TEXTS`.
    """
    jobs: list[_Part] = []
    for source, start in zip(comparison.shards.sources, comparison.shards.starts, strict=False):
        firsts = accumulate(source.parts, initial=int(start))
        for number, (first, held) in enumerate(zip(firsts, source.parts, strict=False)):
            low, high = np.searchsorted(rows, [first, first + held])
            if low < high:
                own = rows[low:high] - np.uint32(first)
                file = folder / f"grams-{len(jobs):06}.npy"
                jobs.append(_Part(source, number, own, text, shingling, file))
    for job, blocks in zip(jobs, comparison.engine.map(_written, jobs), strict=True):
        keys = np.load(job.file)
        begin = 0
        for texts, held in blocks:
            yield Grams(texts, keys[begin : begin + held])
            begin += held
        job.file.unlink()


def _written(part: _Part) -> list[tuple[int, int]]:
    """Write the keys of a part; return of each block how many rows and keys it has."""
    texts = []
    first = 0
    for batch in part.source.batches(["messages"], part=part.number):
        low, high = np.searchsorted(part.rows, [first, first + batch.height])
        texts.append(with_texts(batch[part.rows[low:high] - first], part.text)[part.text])
        first += batch.height
    found = list(grams_of(texts, part.shingling))
    np.save(part.file, np.concatenate([block.keys for block in found]))
    return [(block.rows, len(block.keys)) for block in found]
