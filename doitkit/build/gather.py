"""Rows put into their final order, in bounded memory."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
from pyarrow import ipc

from doitkit.core.saved import ROWS_OF_A_BATCH
from doitkit.survey import RowNumbers, Shards
from doitkit.survey.read import SourceRows
from doitkit.survey.shards import with_source

_PLACE = "__place"
_COPIES = 4
"""A sorted part is held about so many times over while it is put in order."""
_NOWHERE = np.iinfo(np.uint32).max


def gathered(shards: Shards, order: RowNumbers, memory: int, aside: Path) -> Iterator[pl.DataFrame]:
    """Yield rows of `shards` in the order of their numbers in `order`, a batch at a time.

    Parameters
    ----------
    order
        The number of the row at each place; shape (rows,), every number once.
    memory
        Bytes to work in. Where the rows take more, they go through files in the folder `aside`,
        each for a stretch of places that fits.
    """
    place = np.full(len(shards), _NOWHERE, dtype=np.uint32)
    place[order] = np.arange(len(order), dtype=np.uint32)
    parts = max(1, -(-shards.size * _COPIES // memory))
    stretch = -(-len(order) // parts)
    stretch = max(1, -(-stretch // ROWS_OF_A_BATCH)) * ROWS_OF_A_BATCH
    if stretch >= len(order):
        found = [
            _placed(batch.rows, place[batch.numbers], batch.source) for batch in shards.batches()
        ]
        yield from _batches(found)
        return
    _spread(shards, place, stretch, aside)
    for file in sorted(aside.iterdir()):
        with pa.OSFile(str(file)) as stream:
            table = pl.from_arrow(ipc.open_stream(stream).read_all())
        assert isinstance(table, pl.DataFrame)
        file.unlink()
        yield from _batches([table])


def _placed(rows: pl.DataFrame, place: npt.NDArray[np.uint32], source: SourceRows) -> pl.DataFrame:
    held = np.flatnonzero(place != _NOWHERE)
    return with_source(rows[held], source).with_columns(pl.Series(_PLACE, place[held]))


def _batches(parts: list[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    if not parts:
        return
    found = pl.concat(parts)
    order = found[_PLACE].arg_sort()
    for start in range(0, found.height, ROWS_OF_A_BATCH):
        yield found[order[start : start + ROWS_OF_A_BATCH]].drop(_PLACE)


def _spread(shards: Shards, place: npt.NDArray[np.uint32], stretch: int, aside: Path) -> None:
    """Write every row to the file of the stretch that its place lies in."""
    aside.mkdir(exist_ok=True)
    writers: dict[int, ipc.RecordBatchStreamWriter] = {}
    try:
        for batch in shards.batches():
            rows = _placed(batch.rows, place[batch.numbers], batch.source)
            numbers = (rows[_PLACE] // stretch).to_numpy()
            for number in np.unique(numbers).tolist():
                table = rows.filter(pl.Series(numbers == number)).to_arrow()
                if number not in writers:
                    file = aside / f"stretch-{number:06}"
                    writers[number] = ipc.new_stream(str(file), table.schema)
                writers[number].write_table(table)
    finally:
        for writer in writers.values():
            writer.close()
