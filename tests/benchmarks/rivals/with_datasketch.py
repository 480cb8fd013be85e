"""Near-duplicates by datasketch 2: MinHash of 128 permutations, LSH at 0.8 (9 bands of 13).

    python -m venv ENV && ENV/bin/pip install datasketch
    ENV/bin/python tests/benchmarks/rivals/with_datasketch.py IN OUT [bulk]

Plain, as its documentation begins: a MinHash for each text, updated with its grams, a query before
it is inserted. With `bulk`, sketches come from its generator, which is the faster way that it has.
"""

import sys
from collections.abc import Iterable, Iterator

from datasketch import MinHash, MinHashLSH
from job import Shingles, run


def near(texts: Iterable[Shingles]) -> Iterator[tuple[int, int]]:
    """Yield the pairs that fall into one bucket of the index."""
    index = MinHashLSH(threshold=0.8, num_perm=128)
    sketches = _in_bulk(texts) if "bulk" in sys.argv[3:] else map(_plain, texts)
    for number, sketch in enumerate(sketches):
        for other in index.query(sketch):
            yield number, other
        index.insert(number, sketch)


def _plain(grams: Shingles) -> MinHash:
    sketch = MinHash(num_perm=128)
    sketch.update_batch([gram.encode() for gram in grams])
    return sketch


def _in_bulk(texts: Iterable[Shingles]) -> Iterator[MinHash]:
    tokens = ([gram.encode() for gram in text] for text in texts)
    found: Iterator[MinHash] = MinHash.generator(tokens, num_perm=128)
    return found


if __name__ == "__main__":
    run(near)
