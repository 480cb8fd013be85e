"""Arrow files whose bytes depend on their rows alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import ipc

if TYPE_CHECKING:
    import polars as pl

_ROWS_PER_BATCH = 65_536


def write_arrow(path: Path, frame: "pl.DataFrame", schema: pa.Schema) -> None:
    """Write `frame` as an Arrow IPC file in exactly `schema`.

    Polars splits frames by thread count; here the rows are gathered and cut again at fixed
    places, so that equal rows give equal bytes on any machine.
    """
    table = frame.select(schema.names).to_arrow().cast(schema).combine_chunks()
    with ipc.new_file(path, schema) as writer:
        for batch in table.to_batches(max_chunksize=_ROWS_PER_BATCH):
            writer.write_batch(batch)


def read_arrow(path: Path, columns: Sequence[str] | None = None) -> "pl.DataFrame":
    """Read an Arrow IPC file into Polars, or only some columns of it."""
    import polars as pl

    # Not by Polars: it would take brackets in a path for a pattern, and read every column.
    frame = pl.from_arrow(read_table(path, columns))
    assert isinstance(frame, pl.DataFrame)
    return frame


def read_table(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Return an Arrow IPC file, or some of its columns, as it lies on disk: nothing is copied."""
    with pa.memory_map(str(path)) as file:
        # The whole file, and then columns of it: asked for columns, Arrow would copy them.
        table = ipc.open_file(file).read_all()
    return table if columns is None else table.select(list(columns))


def frame_of(rows: list[dict[str, object]], schema: pa.Schema) -> "pl.DataFrame":
    """Return `rows` as a frame in `schema`; missing keys become nulls."""
    import polars as pl

    # By Polars alone: to take in objects of Python, pyarrow loads pandas wherever that is.
    columns = empty_frame(schema).schema.items()
    return pl.DataFrame(
        [pl.Series(name, [row.get(name) for row in rows], dtype=kind) for name, kind in columns]
    )


def empty_frame(schema: pa.Schema) -> "pl.DataFrame":
    """Return a frame of no rows in `schema`."""
    import polars as pl

    return pl.DataFrame(pa.Table.from_batches([], schema))
