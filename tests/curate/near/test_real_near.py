"""Real rows, English and Chinese, with edits planted among them."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from doitkit.curate.near import Shingling
from tests.curate.near.brute import components, equal, found, pairs_of, truth

_ENGLISH = "alpaca52k/alpaca_data-51009-52002-*.json.gz"
_CHINESE = "belle_zh/eval_set.json.gz"


def _texts(folder: Path, pattern: str) -> Iterator[str]:
    (file,) = (folder / "instructions").glob(pattern)
    text = gzip.decompress(file.read_bytes()).decode()
    entries = [json.loads(x) for x in text.splitlines()] if "belle" in pattern else json.loads(text)
    for entry in entries:
        yield "\n".join(str(value) for value in entry.values() if value)


def _edited(text: str, draw: Random, unit: str) -> str:
    tokens = text.split(" ") if unit == "word" else list(text)
    tokens.insert(draw.randrange(len(tokens) + 1), draw.choice(tokens))
    return (" " if unit == "word" else "").join(tokens)


@pytest.mark.parametrize(
    ("pattern", "unit", "similarity"),
    [(_ENGLISH, "word", "0.8"), (_ENGLISH, "char", "0.9"), (_CHINESE, "char", "0.8")],
)
def test_real_rows(
    data_folder: Path, tmp_path: Path, pattern: str, unit: str, similarity: str
) -> None:
    draw = Random(11)
    texts = list(_texts(data_folder, pattern))
    texts = draw.sample(texts, min(len(texts), 350))
    texts += [_edited(draw.choice(texts), draw, unit) for _ in range(80)]
    texts += [f"{draw.choice(texts[:40])} {i}" for i in range(80)]
    draw.shuffle(texts)
    shingling = Shingling(5, "word" if unit == "word" else "char")
    right = truth(texts, similarity, shingling)
    assert len(right.pairs) > 150
    in_full = found(texts, similarity, shingling)
    assert pairs_of(in_full).keys() == right.pairs.keys()
    assert in_full.cluster.tolist() == right.cluster
    for largest_group in (1, 4):
        ample = found(texts, similarity, shingling, largest_group=largest_group)
        assert ample.cluster.tolist() == right.cluster
        assert components(pairs_of(ample), len(texts)) == right.cluster
        lean = found(
            texts,
            similarity,
            shingling,
            cuts=[100, 101, 400],
            memory=20_000,
            spill=tmp_path,
            largest_group=largest_group,
        )
        assert equal(lean, ample)
