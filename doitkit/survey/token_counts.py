"""The tokens of every row, counted once for each source and tokenizer."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from doitkit.core.store import Store
from doitkit.survey.read import SourceRows
from doitkit.survey.shards import Shards
from doitkit.survey.tokens import TokenCounter

VERSION = 1
_FILE = "tokens.npy"

Tokens = npt.NDArray[np.uint32]


def token_counts(store: Store, shards: Shards, counter: TokenCounter) -> Tokens:
    """Return the tokens of every row, by its number; shape (rows,)."""
    counts = [_of_source(store, source, counter) for source in shards.sources]
    return np.concatenate([np.zeros(0, dtype=np.uint32), *counts])


def _of_source(store: Store, source: SourceRows, counter: TokenCounter) -> Tokens:
    key = {"version": VERSION, "rows": source.address, "tokenizer": counter.address}

    def make(folder: Path) -> None:
        counts = [
            np.array(counter.count(rows["messages"]), dtype=np.uint32)
            for rows in source.batches(["messages"])
        ]
        np.save(folder / _FILE, np.concatenate([np.zeros(0, dtype=np.uint32), *counts]))

    counts: Tokens = np.load(store.step("tokens", key, make) / _FILE)
    return counts
