"""Rows whose texts are plain to see: read many at a time.

Most rows of most files hold every text that their format needs, as text. What they mean is then
the same as `formats.interpret` finds, row by row, and found many times faster. All other rows are
left to it.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

_SEEN = r"[^\s\x1c-\x1f]"
"""A text that holds nothing but white space, as Python sees it, is none."""


def plain_rows(form: str, frame: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame] | None:
    """Return which rows are plain, and the `messages` of these; None where none can be.

    Parameters
    ----------
    form
        The format of the rows.
    frame
        Rows in the canonical columns of their format.
    """
    if not frame.height:
        return None
    if form == "alpaca" and _are_texts(frame, "instruction", "output", "input", "system"):
        prompt = (
            pl.when(_held(frame, "input"))
            .then(pl.concat_str(_text(frame, "instruction"), pl.lit("\n\n"), _text(frame, "input")))
            .otherwise(_text(frame, "instruction"))
        )
        return _plain(frame, ("instruction", "output"), prompt)
    if (
        form == "prompt_completion"
        and "choices" not in frame.columns
        and _are_texts(frame, "prompt", "completion", "system")
    ):
        return _plain(frame, ("prompt", "completion"), _text(frame, "prompt"))
    return None


def _are_texts(frame: pl.DataFrame, *names: str) -> bool:
    return all(frame.schema.get(name, pl.String()) in (pl.String, pl.Null) for name in names)


def _text(frame: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String) if name in frame.columns else pl.lit(None, dtype=pl.String)


def _held(frame: pl.DataFrame, name: str) -> pl.Expr:
    return _text(frame, name).str.contains(_SEEN).fill_null(value=False)


def _plain(
    frame: pl.DataFrame, needed: Sequence[str], prompt: pl.Expr
) -> tuple[pl.Series, pl.DataFrame]:
    """Return which rows hold all that is `needed`, the reply last, and the chats of these."""
    read = frame.select(
        pl.all_horizontal(_held(frame, name) for name in needed).alias("plain"),
        pl.when(_held(frame, "system")).then(_text(frame, "system")).alias("system"),
        prompt.alias("prompt"),
        _text(frame, needed[-1]).alias("reply"),
    )
    plain = read["plain"]
    read = read.filter("plain")
    without = read["system"].is_null()
    if without.all():
        return plain, _chats(read, {"user": "prompt", "assistant": "reply"})
    with_system = {"system": "system", "user": "prompt", "assistant": "reply"}
    parts = [
        _chats(read.filter(without), {"user": "prompt", "assistant": "reply"}),
        _chats(read.filter(~without), with_system),
    ]
    places = np.concatenate([without.arg_true().to_numpy(), (~without).arg_true().to_numpy()])
    return plain, pl.concat(parts)[np.argsort(places)]


def _chats(read: pl.DataFrame, turns: Mapping[str, str]) -> pl.DataFrame:
    """Return chats that have the same roles in all rows, from a column of texts for each role."""
    rows, width = read.height, len(turns)
    row_by_row = np.arange(rows * width).reshape(width, rows).T.ravel()
    roles = pl.concat([pl.Series([role]).new_from_index(0, rows) for role in turns])
    contents = pl.concat([read[column].alias("content") for column in turns.values()])
    flat = pl.DataFrame({"role": roles, "content": contents})[row_by_row]
    chats = flat.to_struct("messages").reshape((rows, width)).arr.to_list()
    return chats.to_frame()
