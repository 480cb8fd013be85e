"""One thread and several find the same, to the last bit."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_SCRIPT = """
import hashlib
import sys
from pathlib import Path
from random import Random

import polars as pl

from doitkit.curate.near import Shingling, grams_of, near_pairs

draw = Random(3)
phrases = [" ".join(f"{draw.randrange(900)}" for _ in range(6)) for _ in range(300)]
texts = [" ".join(draw.choices(phrases, k=6)) for _ in range(6000)]
texts += [f"{text} more" for text in draw.sample(texts, 2000)]
texts += [f"{phrases[0]} {phrases[1]} {phrases[2]} {draw.choice(phrases)[:8]}" for _ in range(2000)]
chunks = [pl.Series(texts[i : i + 700]) for i in range(0, len(texts), 700)]
found = near_pairs(
    grams_of(chunks, Shingling()),
    similarity=0.8,
    memory=int(sys.argv[1]),
    spill=Path(sys.argv[2]),
)
parts = (found.first, found.second, found.similarity, found.cluster)
print(pl.thread_pool_size(), len(found.first) > 3000)
print(hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest())
"""


@pytest.mark.parametrize("memory", [1 << 16, 1 << 28])
def test_the_number_of_threads_changes_nothing(tmp_path: Path, memory: int) -> None:
    said = {}
    for threads in ("1", "2", "3"):
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT, str(memory), str(tmp_path)],
            env={**os.environ, "POLARS_MAX_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        )
        counted, said[threads] = done.stdout.splitlines()
        assert counted == f"{threads} True"
    assert len(set(said.values())) == 1
