"""Arrow data as the `datasets` library saves it: shards of IPC streams with their state."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import pyarrow as pa
from pyarrow import ipc

from doitkit.core.files import damaged, read_json, write_json
from doitkit.core.hashing import digest_files

if TYPE_CHECKING:
    import polars as pl

ROWS_OF_A_BATCH = 8_192
_BYTES_OF_A_SHARD = 64 << 20
_STATE, _INFO, _SPLITS = "state.json", "dataset_info.json", "dataset_dict.json"


class SavedWriter:
    """Writes one split of a data set into a folder, batch by batch.

    Equal rows give equal bytes on any machine, provided that every batch but the last holds
    `ROWS_OF_A_BATCH` rows.
    """

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        folder.mkdir()
        self._folder = folder
        self._schema = schema
        self._files: list[Path] = []
        self._writer: ipc.RecordBatchStreamWriter | None = None
        self._bytes = 0

    def __enter__(self) -> Self:
        self._open()
        return self

    def write(self, frame: "pl.DataFrame") -> None:
        """Write one batch."""
        assert self._writer is not None
        table = frame.select(self._schema.names).to_arrow().cast(self._schema).combine_chunks()
        if self._bytes >= _BYTES_OF_A_SHARD:
            self._close()
            self._open()
        self._writer.write_table(table)
        self._bytes += table.nbytes

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()
        if error is not None:
            return
        number = len(self._files)
        files = [
            file.rename(self._folder / f"data-{index:05}-of-{number:05}.arrow")
            for index, file in enumerate(self._files)
        ]
        state: dict[str, object] = {
            "_data_files": [{"filename": file.name} for file in files],
            "_fingerprint": digest_files(files)[:16],
            "_format_columns": None,
            "_format_kwargs": {},
            "_format_type": None,
            "_output_all_columns": False,
            "_split": self._folder.name,
        }
        write_json(self._folder / _STATE, state)
        write_json(self._folder / _INFO, {"description": ""})

    def _open(self) -> None:
        file = self._folder / f"part-{len(self._files):05}"
        self._files.append(file)
        self._writer = ipc.new_stream(str(file), self._schema)
        self._bytes = 0

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def write_splits(folder: Path, names: Sequence[str]) -> None:
    """Say which splits a saved data set has."""
    text = json.dumps({"splits": list(names)})
    (folder / _SPLITS).write_text(text, encoding="utf-8")


def saved_shards(folder: Path) -> list[Path]:
    """Return the Arrow files of one split, in their order."""
    return [folder / entry["filename"] for entry in read_json(folder / _STATE)["_data_files"]]


def read_saved(folder: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Return a split, or some columns of it, as it lies on disk: nothing is copied.

    Raises
    ------
    DoitkitError
        If a file is gone, or is no whole Arrow stream.
    """
    tables = []
    for file in saved_shards(folder):
        with _whole(file), pa.memory_map(str(file)) as stream:
            table = ipc.open_stream(stream).read_all()
        tables.append(table if columns is None else table.select(list(columns)))
    return pa.concat_tables(tables)


def saved_batches(folder: Path) -> Iterator[pa.RecordBatch]:
    """Yield a split batch by batch, as it lies on disk: what is not looked at is not read.

    Raises
    ------
    DoitkitError
        If a file is gone, or is no whole Arrow stream.
    """
    for file in saved_shards(folder):
        with _whole(file), pa.memory_map(str(file)) as stream:
            yield from ipc.open_stream(stream)


@contextmanager
def _whole(file: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise damaged(file, "it is gone") from error
    except (pa.ArrowInvalid, OSError) as error:
        # With a number, it is the system that cannot read; without, Arrow that cannot understand.
        if getattr(error, "errno", None) is not None:
            raise
        raise damaged(file, str(error).splitlines()[0]) from error
