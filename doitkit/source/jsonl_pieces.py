"""Lines of JSON, read many at a time where that gives what reading them one by one does."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
from pyarrow import json as arrow_json

from doitkit.source.frame import EXACT, FILE, LINE, OPEN_OBJECTS, OWN
from doitkit.source.stream import LONGEST_LINE, pass_line
from doitkit.source.stretch import Stretch

_BYTES_OF_A_BLOCK = 8 << 20
_MAX_DEPTH = 12
_LF, _CR, _OPEN, _CLOSE, _BACKSLASH = b"\n\r{}\\"
_ODD_ESCAPE = re.compile(rb"u([dD]|0000)")
"""Of what may be half of a pair, and of NUL, which Arrow does not take in a name."""


@dataclass(frozen=True)
class Block:
    """Some lines of a file, and where they stand in it."""

    stretch: Stretch
    text: bytes
    """All of them, or the beginning, where one is too long."""


def is_plain_lines(stretch: Stretch) -> bool:
    """Say whether a file holds lines of JSON, and is not packed."""
    return stretch.path.suffix.lower() in (".jsonl", ".ndjson")


def blocks(stretch: Stretch) -> Iterator[Block]:
    """Yield the lines of a plain file, or stretch, in blocks of whole lines."""
    with stretch.path.open("rb") as stream:
        at = 0
        if stretch.start:
            # A line that begins right at `start` follows the end of another.
            stream.seek(stretch.start - 1)
            pass_line(stream)
            at = stream.tell()
        lines = stretch.lines_before
        while stretch.end is None or at < stretch.end:
            text, length = _lines_from(stream, stretch.end, at)
            if not length:
                return
            yield Block(Stretch(stretch.path, at, at + length, lines), text)
            lines += text.count(b"\n") + (length > len(text))
            at += length


def _lines_from(stream: BinaryIO, end: int | None, at: int) -> tuple[bytes, int]:
    """Return the lines that begin in the next few megabytes, and before `end`, and their length.

    Of a line that is too long, only the beginning is there.
    """
    size = _BYTES_OF_A_BLOCK if end is None else min(_BYTES_OF_A_BLOCK, end - at)
    text = stream.read(size)
    if text.endswith(b"\n"):
        return text, len(text)
    text += stream.readline(LONGEST_LINE)
    if not text.endswith(b"\n"):
        pass_line(stream)
    return text, stream.tell() - at


def frame_of_block(block: Block) -> pl.DataFrame | None:
    """Return the rows of a block of lines, with `__file` and `__line`; None if it is not plain.

    A block is plain if every line is one object, in UTF-8, and no cell would be bent: read line
    by line, it gives the same frame.
    """
    text, stretch = block.text, block.stretch
    lines = text.count(b"\n") + (not text.endswith(b"\n"))
    if stretch.end != stretch.start + len(text) or not _is_lines_of_objects(text):
        return None
    table = _table_of(text)
    if table is None or table.num_rows != lines or not all(map(_is_kept, table.columns)):
        return None
    if not table.num_columns or OWN.intersection(table.column_names):
        return None
    first = stretch.lines_before + 1
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame.with_columns(
        pl.lit(str(stretch.path)).alias(FILE),
        pl.int_range(first, first + frame.height, dtype=pl.Int64).alias(LINE),
    )


def _is_lines_of_objects(text: bytes) -> bool:
    # Inside an object, no brace follows another so: the ends of lines are ends of objects.
    symbols = np.frombuffer(text, dtype=np.uint8)
    between = np.flatnonzero(symbols[:-1] == _LF)
    before = symbols[between - 1]
    before = np.where(before == _CR, symbols[between - 2], before)
    if not text.startswith(b"{") or np.any(before != _CLOSE):
        return False
    if np.any(symbols[between + 1] != _OPEN) or _has_odd_escape(text, symbols):
        return False
    return _is_utf8(text)


def _is_utf8(text: bytes) -> bool:
    # Fifty times as fast as Python finds it out.
    whole = np.array([0, len(text)], dtype=np.int64)
    held = [None, pa.py_buffer(whole), pa.py_buffer(text)]
    try:
        pa.Array.from_buffers(pa.large_string(), 1, held).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _has_odd_escape(text: bytes, symbols: npt.NDArray[np.uint8]) -> bool:
    escaped = np.flatnonzero(symbols[:-1] == _BACKSLASH) + 1
    by_number = escaped[symbols[escaped] == ord("u")].tolist()
    return any(_ODD_ESCAPE.match(text, place) is not None for place in by_number)


def _table_of(text: bytes) -> pa.Table | None:
    options = arrow_json.ReadOptions(use_threads=False, block_size=len(text) + 1)
    try:
        table = arrow_json.read_json(io.BytesIO(text), read_options=options)
        # Arrow 26 counts the elements of a list of nulls wrong.
        table.validate()
    except pa.ArrowException:
        # What is wrong, and in which line, reading line by line will tell.
        return None
    return table


def _is_kept(column: pa.ChunkedArray) -> bool:
    """Say whether Arrow has read the cells of a column as Python would.

    It takes texts that look like times for times, whole numbers of any size for floats, and among
    floats the whole number -0 for another one than 0.
    """
    if pa.types.is_float64(column.type):
        numbers = column.drop_null().to_numpy()
        plain = (np.abs(numbers) < EXACT) & ((numbers != 0) | ~np.signbit(numbers))
        return bool(plain.all())
    return _is_plain(column.type, _MAX_DEPTH)


def _is_plain(kind: pa.DataType, depth: int, *, in_list: bool = False) -> bool:
    if depth == 0:
        return False
    if pa.types.is_list(kind):
        return _is_plain(kind.value_type, depth - 1, in_list=True)
    if pa.types.is_struct(kind):
        calls = in_list and any(
            field.name in OPEN_OBJECTS and pa.types.is_struct(field.type) for field in kind
        )
        return not calls and all(_is_plain(f.type, depth - 1, in_list=in_list) for f in kind)
    # Floats inside lists and objects are left to Python: their size is not looked at here.
    return kind in (pa.string(), pa.int64(), pa.bool_(), pa.null())
