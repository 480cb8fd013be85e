"""Near-duplicates by rensa 0.5: RMinHash of 128 permutations, LSH of 16 bands of 8.

    python -m venv ENV && ENV/bin/pip install rensa
    ENV/bin/python tests/benchmarks/rivals/with_rensa.py IN OUT

Used in its batch form over Python token lists: sketches of some thousand texts at a time, one
insertion, flags for the rows that are alone, and a query for each of the others.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from job import Shingles, run
from rensa import RMinHash, RMinHashLSH

_BATCH = 10_000


def near(texts: Iterable[Shingles]) -> Iterator[tuple[int, int]]:
    """Yield the pairs that fall into one bucket of the index."""
    index = RMinHashLSH(threshold=0.8, num_perm=128, num_bands=16)
    sketches: list[RMinHash] = []
    waiting = iter(texts)
    while batch := list(islice(waiting, _BATCH)):
        sketches += RMinHash.from_token_sets(batch, num_perm=128, seed=42)
    index.insert_many(sketches)
    for number, twin in enumerate(index.query_duplicate_flags(sketches)):
        if twin:
            for other in index.query(sketches[number]):
                yield number, other


if __name__ == "__main__":
    run(near)
