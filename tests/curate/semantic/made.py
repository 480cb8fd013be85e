"""A tiny static model in a folder, and vectors drawn by Hypothesis."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

from doitkit.curate.semantic import Vectors

Floats = npt.NDArray[np.float32]

WORDS = {
    "big": [3.0, 0.0, 0.0],
    "large": [3.0, 0.25, 0.0],
    "small": [-3.0, 0.5, 0.0],
    "cat": [0.0, 2.0, 0.0],
    "dog": [0.0, 0.0, 2.0],
}


def write_static(folder: Path, words: Mapping[str, Sequence[float]] = WORDS) -> Path:
    """Write a model that knows these words, one token each."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {"<unk>": 0} | {word: at for at, word in enumerate(words, 1)}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.save(str(folder / "tokenizer.json"))
    some = next(iter(words.values()))
    table = np.array([[1.0] * len(some), *words.values()], dtype=np.float16)
    save_file({"embeddings": table}, folder / "model.safetensors")
    return folder


def vectors_of(numbers: Floats, folder: Path, kinds: Sequence[int] = ()) -> Vectors:
    """Return vectors of shape (rows, parts, dimensions) in files; of one kind if not given."""
    rows, parts, dimensions = numbers.shape
    result = Vectors(rows, parts, dimensions, folder)
    result.put(np.arange(rows), numbers, np.array([*kinds] or [0] * rows, dtype=np.uint64))
    return result


@st.composite
def clouds(draw: st.DrawFn, most: int = 40) -> Floats:
    """Draw rows of which many are nearly alike, some equal, and some 0."""
    rows, parts = draw(st.integers(1, most)), draw(st.integers(1, 2))
    dimensions = draw(st.sampled_from([1, 2, 3, 40, 100]))
    seed = draw(st.integers(0, 2**32 - 1))
    spread = draw(st.sampled_from([0.0, 0.05, 0.3, 1.0]))
    random = np.random.default_rng(seed)
    centres = random.normal(size=(draw(st.integers(1, 5)), parts, dimensions))
    noise = random.normal(size=(rows, parts, dimensions)) * spread
    cloud = (centres[random.integers(0, len(centres), rows)] + noise).astype(np.float32)
    none = draw(arrays(np.bool_, (rows, parts), elements=st.booleans(), fill=st.just(False)))
    cloud[none] = 0
    return cloud
