"""Arrow files: the bytes depend on the rows and on nothing else."""

from pathlib import Path

import polars as pl

from doitkit.core.arrow import frame_of, read_arrow, write_arrow
from doitkit.core.tables import ITEM


def _frame(count: int) -> pl.DataFrame:
    rows: list[dict[str, object]] = [
        {"run_id": f"r{i % 7}", "task": "t", "item": str(i), "value": None if i % 5 == 0 else i / 3}
        for i in range(count)
    ]
    return frame_of(rows, ITEM)


def test_rows_read_back(tmp_path: Path) -> None:
    frame = _frame(10)
    for file in (tmp_path / "a.arrow", tmp_path / "[a*].arrow"):
        write_arrow(file, frame, ITEM)
        assert read_arrow(file).equals(frame)


def test_how_a_frame_is_cut_in_memory_does_not_show(tmp_path: Path) -> None:
    whole = _frame(150_000)
    pieces = pl.concat([whole[:3], whole[3:70_001], whole[70_001:]], rechunk=False)
    assert pieces.n_chunks() == 3
    more_columns = pieces.with_columns(extra=pl.lit(1)).select("extra", *reversed(ITEM.names))
    for name, frame in {"whole": whole, "pieces": pieces, "more": more_columns}.items():
        write_arrow(tmp_path / name, frame, ITEM)
    assert (
        (tmp_path / "whole").read_bytes()
        == (tmp_path / "pieces").read_bytes()
        == (tmp_path / "more").read_bytes()
    )
    assert read_arrow(tmp_path / "whole").equals(whole)


def test_no_rows_are_a_file_too(tmp_path: Path) -> None:
    write_arrow(tmp_path / "none.arrow", _frame(0), ITEM)
    assert read_arrow(tmp_path / "none.arrow").schema == _frame(1).schema
