"""Static embeddings: a vector for every token, and that of a text is their sum."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from doitkit.core.errors import MissingExtraError, ModelError
from doitkit.core.hashing import digest_files
from doitkit.core.models import loading

_TABLES = ("embedding.weight", "embeddings")
"""What the table is called in the files of Sentence Transformers and of Model2Vec."""

_TEXTS_AT_ONCE = 1024

_MOST_UNKNOWN = 0.1
"""The share of tokens that tell nothing, beyond which a text counts as one that cannot be read.

With `wordllama`, English answers and code have none. Chinese, Japanese and Korean characters fall
apart into bytes: 9 of 10 Chinese answers have more than this.
"""


@dataclass(frozen=True)
class StaticModel:
    """A static model. It knows no order of words: `dog bites man` is `man bites dog`.

    The sums are exact for tables in float16, and are taken in the order of the tokens for others:
    a text has the same vector on any machine, in whatever company.

    Attributes
    ----------
    table
        The vector of each token; shape (tokens, dimensions).
    unknown
        Which tokens tell nothing: that for the unknown, and single bytes of characters that the
        vocabulary lacks; shape (tokens,). They are not summed.
    address
        The hash of the model's files.
    """

    tokenizer: Any = field(repr=False)
    table: npt.NDArray[np.float64] = field(repr=False)
    unknown: npt.NDArray[np.bool_] = field(repr=False)
    address: str

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        return int(self.table.shape[1])

    def vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return a vector for each text, shape (n, dimensions).

        It is 0 for a text without a token, or one of which more than a tenth of the tokens are
        unknown.
        """
        found = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for begin in range(0, len(texts), _TEXTS_AT_ONCE):
            some = slice(begin, begin + _TEXTS_AT_ONCE)
            found[some] = self._vectors(texts[some])
        return found

    def _vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        # A sixth of a second to load, which commands that compare no meanings need not wait for.
        from scipy.sparse import csr_array

        encoded = self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        ids = [text.ids for text in encoded]
        ends = np.cumsum([0, *(len(tokens) for tokens in ids)])
        tokens = np.fromiter(chain.from_iterable(ids), dtype=np.int32, count=ends[-1])
        known = ~self.unknown[tokens]
        counts = csr_array(
            (known.astype(np.float64), tokens, ends), shape=(len(ids), len(self.table))
        )
        sums: npt.NDArray[np.float64] = counts @ self.table
        held = np.diff(np.concatenate([[0], np.cumsum(~known)])[ends])
        sums[held > _MOST_UNKNOWN * np.diff(ends)] = 0
        return sums


def static_model(weights: Path, tokenizer: Path) -> StaticModel:
    """Return the model whose table and tokenizer these files hold.

    Raises
    ------
    MissingExtraError
        If the extra [semantic] is not installed.
    ModelError
        If one of the files is missing or damaged, or they are not those of a static model.
    """
    try:
        from safetensors.numpy import load_file
    except ImportError as error:
        raise MissingExtraError("embedding models cannot be read", extra="semantic") from error
    from tokenizers import Tokenizer

    for file in (weights, tokenizer):
        if not file.is_file():
            raise ModelError(
                f"the embedding model lacks its {file.name}",
                where=file.parent,
                next_step="name a folder that holds the `model.safetensors` and `tokenizer.json` "
                "of a static embedding model, or `wordllama`",
            )
    with loading(weights.parent):
        tensors = load_file(weights)
        splitter = Tokenizer.from_file(str(tokenizer))
    splitter.no_truncation()
    splitter.no_padding()
    tables = [tensors[name] for name in _TABLES if name in tensors]
    size = splitter.get_vocab_size()
    if len(tables) != 1 or tables[0].ndim != 2 or len(tables[0]) < size:
        raise ModelError(
            "this is no static embedding model",
            where=weights,
            why=f"it holds no table with a vector for each of the {size:,} tokens",
            next_step="models that read words in their context are not supported; name a static "
            "one, such as those made by Model2Vec without a reduced vocabulary, or `wordllama`",
        )
    table = tables[0].astype(np.float64)
    unknown = np.zeros(len(table), dtype=np.bool_)
    unknown[[token for token in _unknown(splitter) if token is not None]] = True
    return StaticModel(splitter, table, unknown, digest_files([weights, tokenizer]))


def _unknown(tokenizer: Any) -> Iterator[int | None]:
    for name in ("<unk>", "[UNK]"):
        yield tokenizer.token_to_id(name)
    # Bytes below 0x80 are characters of their own, such as the line end.
    for byte in range(0x80, 0x100):
        yield tokenizer.token_to_id(f"<0x{byte:02X}>")
