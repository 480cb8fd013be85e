"""Near-duplicates by datasketch 2: MinHash of 128 permutations, LSH at 0.8 (9 bands of 13).

    python -m venv ENV && ENV/bin/pip install datasketch
    ENV/bin/python tests/benchmarks/rivals/with_datasketch.py IN OUT

Used as its documentation shows: sketches in bulk, an index in memory with the parameters that
the index finds best for the threshold, each sketch a query before it is inserted.
"""

from collections.abc import Iterable, Iterator

from datasketch import MinHash, MinHashLSH
from job import Shingles, run


def near(texts: Iterable[Shingles]) -> Iterator[tuple[int, int]]:
    """Yield the pairs that fall into one bucket of the index."""
    index = MinHashLSH(threshold=0.8, num_perm=128)
    tokens = ([gram.encode() for gram in text] for text in texts)
    for number, sketch in enumerate(MinHash.generator(tokens, num_perm=128)):
        for other in index.query(sketch):
            yield number, other
        index.insert(number, sketch)


if __name__ == "__main__":
    run(near)
