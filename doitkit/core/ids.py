"""The ids of many chats at once: what `core.records` says of one, several times faster."""

from functools import cache
from json import encoder

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from doitkit.core.hashing import DIGEST_HEX, digests
from doitkit.core.records import folded

_PROBE = "".join(map(chr, range(0x80))) + "\x80é\u2028\ufeff😀"
_NO_MESSAGE = pl.DataFrame(schema={"role": pl.String, "content": pl.String})
_ODD = r"[^\x00-\x7f]|[\t-\r\x1c-\x1f]|  |^ | $"
"""What folding does more to than to make it lower case."""


def chat_ids(messages: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return the `id` and the `prompt_id` of every chat; see `Record`."""
    flat = messages.explode().struct.unnest() if len(messages) else _NO_MESSAGE
    length = messages.list.len().to_numpy().astype(np.int64)
    ends = np.concatenate([[0], np.cumsum(length)])
    roles = {role: f"[{encoder.encode_basestring(role)}," for role in flat["role"].unique()}
    parts = flat.select(
        pl.concat_str(
            pl.col("role").replace_strict(roles, return_dtype=pl.String),
            _quoted(flat["content"]),
            pl.lit("]"),
        )
    ).to_series()
    chats = pl.select("[" + pl.lit(_joined(parts, ends, ",")) + "]").to_series()
    asked = np.ones(len(flat), dtype=bool)
    asked[ends[1:][length > 0] - 1] = False
    said = folded_texts(flat["content"].filter(pl.Series(asked)))
    ends_of_prompts = np.concatenate([[0], np.cumsum(np.maximum(length - 1, 0))])
    return hashed(chats), hashed(_joined(said, ends_of_prompts, "\x1f"))


def folded_texts(texts: pl.Series) -> pl.Series:
    """Return every text as `folded` makes it."""
    odd = texts.str.contains(_ODD).arg_true()
    if not len(odd):
        return texts.str.to_lowercase()
    others = pl.Series([folded(text) for text in texts.gather(odd).to_list()], dtype=pl.String)
    return texts.str.to_lowercase().scatter(odd, others)


def _quoted(texts: pl.Series) -> pl.Series:
    """Return every text as JSON, as Python writes it."""
    if not _quotes_as_python():
        return pl.Series([encoder.encode_basestring(text) for text in texts], dtype=pl.String)
    return _quoted_by_polars(texts)


def _quoted_by_polars(texts: pl.Series) -> pl.Series:
    objects = pl.DataFrame({"c": texts}).to_struct("c").struct.json_encode()
    return objects.str.slice(len('{"c":')).str.head(-1)


@cache
def _quotes_as_python() -> bool:
    # An id must not change with the version of a library.
    probe = pl.Series([_PROBE], dtype=pl.String)
    return bool(_quoted_by_polars(probe).item() == encoder.encode_basestring(_PROBE))


def _joined(texts: pl.Series, ends: npt.NDArray[np.int64], between: str) -> pl.Series:
    """Return the texts of each list as one."""
    lists = pa.LargeListArray.from_arrays(pl.Series(ends).to_arrow(), texts.to_arrow())
    return pl.Series(pl.from_arrow(lists), dtype=pl.List(pl.String)).list.join(between)


def hashed(texts: pl.Series) -> pl.Series:
    """Return the digest of every text, in hexadecimal digits."""
    data = digests(texts.cast(pl.Binary).to_list()).hex().encode()
    offsets = np.arange(len(texts) + 1, dtype=np.int64) * DIGEST_HEX
    held = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    found = pl.from_arrow(pa.Array.from_buffers(pa.large_string(), len(texts), held))
    assert isinstance(found, pl.Series)
    return found
