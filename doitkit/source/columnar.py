"""Rows of files that hold columns: parquet and Arrow, read piece by piece."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO

import polars as pl
import pyarrow as pa
from polars import selectors
from pyarrow import ipc, parquet

from doitkit.source.frame import FILE, LINE, refuse_names
from doitkit.source.kind import COLUMNAR, cannot_be_read, kind_of, not_columnar
from doitkit.source.stream import DAMAGE, opened

_FAULTS = (
    pa.ArrowException,
    pl.exceptions.PolarsError,
    pl.exceptions.PanicException,
    ValueError,
    MemoryError,
)
"""What the two libraries raise of bytes that make no sense, or of kinds that Polars lacks."""
_BYTES_AT_ONCE = 64 << 20
_BUFFER_BYTES = 1 << 20
_END_OF_STREAM = b"\xff\xff\xff\xff\0\0\0\0"


def is_columnar(path: Path) -> bool:
    """Say whether a file holds columns, by its name."""
    return kind_of(path) in COLUMNAR


def columnar_pieces(path: Path, most: int) -> Iterator[pl.DataFrame]:
    """Yield the rows of a parquet or Arrow file, with `__file` and `__line`.

    Parameters
    ----------
    most
        How many rows come at a time; fewer, if they are long.

    Raises
    ------
    SourceError
        If the file is not what its name says, or is cut off.
    """
    line = 1
    try:
        with _unpacked(path) as stream:
            batches = _parquet(stream, most) if kind_of(path) == "parquet" else _arrow(stream)
            for batch in batches:
                refuse_names(_names(batch.schema), str(path))
                # Of damaged bytes, Arrow makes arrays that point out of their memory.
                batch.validate(full=True)
                step = _rows_at_once(batch.num_rows, batch.nbytes, most)
                for start in range(0, batch.num_rows, step):
                    frame = pl.from_arrow(batch.slice(start, step))
                    assert isinstance(frame, pl.DataFrame)
                    # Expressions over texts do not know the codes that stand for some of them.
                    frame = frame.with_columns(selectors.categorical().cast(pl.String))
                    yield frame.with_columns(
                        pl.lit(str(path)).alias(FILE),
                        pl.int_range(line, line + frame.height, dtype=pl.Int64).alias(LINE),
                    )
                    line += frame.height
    except OSError as error:
        # Arrow says so, too, of bytes that make no sense; the system gives a number.
        raise (cannot_be_read if error.errno else not_columnar)(path, error) from error
    except (*_FAULTS, *DAMAGE) as error:
        raise not_columnar(path, error) from error


@contextmanager
def _unpacked(path: Path) -> Iterator[IO[bytes]]:
    """Open a file in which one can go to and fro; of a packed one, the content, put on the disk."""
    with opened(path) as stream:
        if path.suffix[1:].lower() in COLUMNAR:
            yield stream
            return
        with TemporaryFile() as plain:
            copyfileobj(stream, plain)
            plain.seek(0)
            yield plain


def _rows_at_once(rows: int, size: int, most: int) -> int:
    return max(1, min(most, _BYTES_AT_ONCE * rows // max(size, 1)))


def _parquet(stream: IO[bytes], most: int) -> Iterator[pa.RecordBatch]:
    file = parquet.ParquetFile(stream, pre_buffer=False, buffer_size=_BUFFER_BYTES)
    said, rows = file.metadata, 0
    size = sum(said.row_group(index).total_byte_size for index in range(said.num_row_groups))
    for batch in file.iter_batches(batch_size=_rows_at_once(said.num_rows, size, most)):
        rows += batch.num_rows
        yield batch
    if rows != said.num_rows:
        raise ValueError(f"it holds {rows} rows, and says {said.num_rows}")


def _arrow(stream: IO[bytes]) -> Iterator[pa.RecordBatch]:
    """Yield the batches of an IPC file or stream: which of the two, its first bytes say."""
    is_file = stream.read(6) == b"ARROW1"
    stream.seek(0)
    if is_file:
        reader = ipc.open_file(stream)
        yield from (reader.get_batch(index) for index in range(reader.num_record_batches))
    else:
        yield from ipc.open_stream(stream)
        _require_end(stream)


def _require_end(stream: IO[bytes]) -> None:
    """Raise a `ValueError` unless the file ends where a stream has said that it ends."""
    end = stream.tell()
    stream.seek(max(0, end - len(_END_OF_STREAM)))
    if stream.read(len(_END_OF_STREAM)) != _END_OF_STREAM:
        raise ValueError("the stream has no end mark: the file is cut off")
    if stream.read(1):
        raise ValueError("there is more in the file after the end mark of the stream")


def _names(fields: Iterable[pa.Field], within: str = "") -> Iterator[str]:
    """Yield the names of fields, and of those inside them."""
    for field in fields:
        name = f"{within}{field.name}"
        yield name
        inner = [field.type.field(index) for index in range(field.type.num_fields)]
        yield from _names(inner, f"{name}.")
