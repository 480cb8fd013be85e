"""Arrow data as the `datasets` library saves it: it opens it, and damage is named."""

from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from doitkit.core import saved
from doitkit.core.errors import DoitkitError
from doitkit.core.saved import (
    SavedWriter,
    read_saved,
    saved_batches,
    saved_shards,
    write_splits,
)

SCHEMA = pa.schema([("number", pa.int64()), ("text", pa.string())])


def _write(folder: Path, rows: int, of_a_batch: int = 10) -> None:
    frame = pl.DataFrame({"number": range(rows), "text": [f"row {n}" for n in range(rows)]})
    with SavedWriter(folder, SCHEMA) as writer:
        for batch in frame.iter_slices(of_a_batch):
            writer.write(batch)


@pytest.mark.parametrize("rows", [0, 1, 95])
def test_what_is_written_is_read(tmp_path: Path, rows: int, monkeypatch) -> None:
    monkeypatch.setattr(saved, "_BYTES_OF_A_SHARD", 500)
    _write(tmp_path / "split", rows)
    table = read_saved(tmp_path / "split")
    assert table.schema.equals(SCHEMA)
    assert table["number"].to_pylist() == list(range(rows))
    batches = list(saved_batches(tmp_path / "split"))
    assert [n for batch in batches for n in batch["number"].to_pylist()] == list(range(rows))
    assert read_saved(tmp_path / "split", ["text"]).column_names == ["text"]
    assert (len(saved_shards(tmp_path / "split")) > 1) == (rows == 95)


@pytest.mark.parametrize(("train", "evaluation"), [(95, 0), (0, 95), (40, 95)])
def test_the_library_opens_it(
    tmp_path: Path, train: int, evaluation: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = pytest.importorskip("datasets", reason="the extra `eval` is not installed")
    monkeypatch.setattr(saved, "_BYTES_OF_A_SHARD", 500)
    _write(tmp_path / "train", train)
    _write(tmp_path / "evaluation", evaluation)
    write_splits(tmp_path, ["train", "evaluation"])
    found = datasets.load_from_disk(str(tmp_path))
    assert isinstance(found, datasets.DatasetDict)
    assert {name: len(split) for name, split in found.items()} == {
        "train": train,
        "evaluation": evaluation,
    }
    for split in found.values():
        assert split.column_names == ["number", "text"]
        assert split["number"][:] == list(range(len(split)))


@pytest.mark.parametrize("damage", ["cut", "emptied", "garbled", "gone"])
def test_a_damaged_shard_is_named(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / ("ab" * 16)
    folder.mkdir()
    _write(folder / "train", 95)
    (shard,) = saved_shards(folder / "train")
    content = shard.read_bytes()
    if damage == "gone":
        shard.unlink()
    else:
        now = {"cut": content[: len(content) // 2], "emptied": b"", "garbled": b"x" * len(content)}
        shard.write_bytes(now[damage])
    for read in (read_saved, lambda split: list(saved_batches(split))):
        with pytest.raises(DoitkitError, match="file is damaged") as caught:
            read(folder / "train")
        assert caught.value.where == str(shard)
        assert caught.value.next_step is not None
        assert f"remove {folder}, " in caught.value.next_step
