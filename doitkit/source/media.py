"""Rows that hold more than text: images, sounds and videos, which are not trained on."""

import json
import re
from typing import Any

import polars as pl

from doitkit.source.frame import FILE, LINE
from doitkit.source.raw import Unreadable

_NAME = re.compile(r"(image|video|audio)s?(_(path|file|url|name)s?)?", re.IGNORECASE)
_HELD = {"image": "an image", "video": "a video", "audio": "audio"}


def without_media(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Unreadable]]:
    """Return the rows that are text alone, and the account of the others.

    A row holds an image if a column holds its bytes (with its path, as the `datasets` library
    stores images and sounds), or if a column such as `image` names one and a text has a place for
    it, such as `<image>`. Images inside messages are found where these are read.
    """
    held: list[Unreadable] = []
    for column, kind in frame.schema.items():
        found = _NAME.fullmatch(column)
        word = None if found is None else found[1].lower()
        if _is_stored(kind):
            with_it = _is_given(frame[column])
        elif word is not None and (kind == pl.String or isinstance(kind, pl.List)):
            with_it = _has_place(frame, _is_given(frame[column]), f"<{word}>")
        else:
            continue
        what = _HELD.get(word or "", "an image or a sound")
        rows = frame.filter(with_it).select(FILE, LINE).rows()
        held += [_account(file, line, what) for file, line in rows]
        frame = frame.filter(~with_it)
    return frame, held


def _is_stored(kind: Any) -> bool:
    if isinstance(kind, pl.List):
        return _is_stored(kind.inner)
    return isinstance(kind, pl.Struct) and {f.name for f in kind.fields} == {"bytes", "path"}


def _is_given(cells: pl.Series) -> pl.Series:
    if isinstance(cells.dtype, pl.List):
        return cells.list.drop_nulls().list.len().fill_null(0) > 0
    if isinstance(cells.dtype, pl.Struct):
        fields = cells.struct.unnest()
        return fields.select(~pl.all_horizontal(pl.all().is_null())).to_series()
    return cells.str.strip_chars().str.len_bytes().fill_null(0) > 0


def _has_place(frame: pl.DataFrame, among: pl.Series, place: str) -> pl.Series:
    found = [
        given and place in json.dumps(row, ensure_ascii=False, default=str)
        for given, row in zip(among, frame.iter_rows(), strict=True)
    ]
    return pl.Series(found, dtype=pl.Boolean)


def _account(file: str, line: int, what: str) -> Unreadable:
    return Unreadable(file, line, f"the row holds {what}; only text is trained on", "")
