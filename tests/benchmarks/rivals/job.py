"""The job that every rival does: read JSONL, leave out exact and near-duplicates, write the rest.

A rival brings the one step in which it differs: which texts are candidates for near-duplicates.
Everything else is what a careful user writes around such a library: texts are folded (NFKC, lower
case), cut into 5-grams of words (a shorter text is one gram), exact copies are set aside first,
candidates are joined to clusters, and the first row of each cluster stays.

The last line printed is JSON. Beside OUT stands OUT.removed, the numbers of the rows left out.
Nothing here needs more than the standard library.
"""

import json
import resource
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

Shingles = list[str]
Near = Callable[[Iterable[Shingles]], Iterator[tuple[int, int]]]


def shingles(text: str) -> Shingles:
    """Return the 5-grams of the folded words; to a sketch it is one whether any comes twice."""
    words = unicodedata.normalize("NFKC", text).lower().split()
    found = zip(words, words[1:], words[2:], words[3:], words[4:], strict=False)
    return list(map(" ".join, found)) or [" ".join(words)]


def run(near: Near) -> None:
    """Do the job with IN and OUT from the command line, and print what it took.

    Parameters
    ----------
    near
        Takes the shingles of each distinct text in turn, and yields pairs of their numbers.
    """
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    begun = time.perf_counter()
    numbers: dict[str, int] = {}
    kept_rows: list[int] = []
    removed: list[int] = []
    with source.open(encoding="utf-8") as file:
        for number, line in enumerate(file):
            row = json.loads(line)
            text = f"{row['instruction']}\n{row['input']}\n{row['output']}"
            if text in numbers:
                removed.append(number)
            else:
                numbers[text] = len(numbers)
                kept_rows.append(number)
    parent = list(range(len(kept_rows)))

    def root(text: int) -> int:
        while parent[text] != text:
            parent[text] = parent[parent[text]]
            text = parent[text]
        return text

    for one, other in near(map(shingles, numbers)):
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    removed += [kept_rows[text] for text, above in enumerate(parent) if text != above]
    gone = set(removed)
    rows = 0
    with source.open(encoding="utf-8") as file, out.open("w", encoding="utf-8") as kept:
        for number, line in enumerate(file):
            rows += 1
            if number not in gone:
                kept.write(line)
    seconds = time.perf_counter() - begun
    listed = Path(f"{out}.removed")
    listed.write_text("".join(f"{number}\n" for number in sorted(gone)))
    result = {
        "seconds": round(seconds, 2),
        "cpu_seconds": round(time.process_time(), 2),
        "rows": rows,
        "rows_per_s": round(rows / seconds),
        "survivors": rows - len(gone),
        "removed_ids_file": str(listed),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6),
    }
    print(json.dumps(result))
