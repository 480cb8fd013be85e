"""Parquet and Arrow files give their rows piece by piece, or an error that says what is wrong."""

import datetime as dt
import gzip
import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import ipc, parquet

from doitkit.core.errors import SourceError
from doitkit.source.columnar import columnar_pieces, is_columnar
from doitkit.source.files import read_raw
from doitkit.source.pieces import Piece
from doitkit.source.raw import RawRow

ROWS = [
    {
        "prompt": f"p{n}é",
        "completion": None if n % 5 == 0 else "c" * n,
        "n": n,
        "messages": [{"role": "user", "content": "x" * n}],
        "tags": ["a", None],
    }
    for n in range(23)
]
TABLE = pa.Table.from_pylist(ROWS)


def _parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    parquet.write_table(table, out, row_group_size=5)
    return out.getvalue()


def _arrow(table: pa.Table, compression: str | None = None) -> bytes:
    out = io.BytesIO()
    with ipc.new_file(
        out, table.schema, options=ipc.IpcWriteOptions(compression=compression)
    ) as writer:
        writer.write_table(table, max_chunksize=5)
    return out.getvalue()


def _stream(table: pa.Table) -> bytes:
    out = io.BytesIO()
    with ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table, max_chunksize=5)
    return out.getvalue()


FILES: dict[str, Callable[[pa.Table], bytes]] = {
    "a.parquet": _parquet,
    "a.parquet.gz": lambda table: gzip.compress(_parquet(table)),
    "a.arrow": _arrow,
    "lz4.arrow": lambda table: _arrow(table, "lz4"),
    "a.arrow.gz": lambda table: gzip.compress(_arrow(table)),
    "stream.arrow": _stream,
    "stream.arrow.gz": lambda table: gzip.compress(_stream(table)),
}


def _rows(path: Path, most: int = 1_000) -> list[dict[str, Any]]:
    return [row for frame in columnar_pieces(path, most) for row in frame.to_dicts()]


@pytest.mark.parametrize("most", [1, 3, 5, 7, 100])
@pytest.mark.parametrize("name", FILES)
def test_pieces_of_any_size_give_the_same_rows(tmp_path: Path, name: str, most: int) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name](TABLE))
    assert is_columnar(path)
    frames = list(columnar_pieces(path, most))
    assert max(frame.height for frame in frames) <= most
    placed = {"__file": str(path)}
    assert [row for frame in frames for row in frame.to_dicts()] == [
        row | placed | {"__line": line} for line, row in enumerate(ROWS, 1)
    ]
    raw = list(read_raw(path))
    assert raw == [RawRow(str(path), line, row) for line, row in enumerate(ROWS, 1)]


@pytest.mark.parametrize("name", FILES)
def test_a_file_without_rows_gives_none(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name](TABLE.slice(0, 0)))
    assert _rows(path) == []


def test_pieces_outlive_the_way_to_the_disk_and_back(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(_parquet(TABLE))
    for number, frame in enumerate(columnar_pieces(path, 4)):
        piece = Piece({}, frame=frame)
        piece.put_aside(tmp_path / f"{number}.arrow")
        assert piece.frame is None
        assert piece.rows().equals(frame)
        piece.drop()
    assert list(tmp_path.glob("[0-9]*")) == []


KINDS: dict[str, tuple[pa.Array, list[Any]]] = {
    "codes for texts": (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
    "large texts": (pa.array(["a"], pa.large_string()), ["a"]),
    "text views": (pa.array(["a"], pa.string_view()), ["a"]),
    "decimals": (pa.array([Decimal("1.50")]), [Decimal("1.50")]),
    "days": (pa.array([dt.date(2026, 1, 2)]), [dt.date(2026, 1, 2)]),
    "maps": (pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())), [{"a": 1}]),
    "lists of one length": (pa.array([[1, 2]], pa.list_(pa.int64(), 2)), [[1, 2]]),
    "bytes": (pa.array([b"\xff"]), [b"\xff"]),
    "an image": (
        pa.array([{"bytes": b"\x89PNG", "path": None}]),
        [{"bytes": b"\x89PNG", "path": None}],
    ),
    "JSON": (pa.array(['{"a": 1}'], pa.json_()), ['{"a": 1}']),
}


@pytest.mark.parametrize("case", KINDS)
def test_cells_of_many_kinds_are_read(tmp_path: Path, case: str) -> None:
    column, cells = KINDS[case]
    path = tmp_path / "a.arrow"
    path.write_bytes(_arrow(pa.table({"x": column})))
    (frame,) = columnar_pieces(path, 10)
    assert frame["x"].to_list() == cells
    assert not isinstance(frame["x"].dtype, pl.Categorical)


@pytest.mark.parametrize(
    ("column", "why"),
    [
        (pa.array([Decimal("1.50")], pa.decimal256(50, 2)), "Int256"),
        (pa.RunEndEncodedArray.from_arrays([1], ["a"]), "not supported"),
    ],
)
def test_a_kind_that_cannot_be_read_is_an_error(tmp_path: Path, column: Any, why: str) -> None:
    path = tmp_path / "a.arrow"
    path.write_bytes(_arrow(pa.table({"x": column})))
    with pytest.raises(SourceError, match="not a readable arrow file") as caught:
        _rows(path)
    assert why in str(caught.value.why)


@pytest.mark.parametrize("name", ["a\0b", "__line"])
def test_a_name_that_no_column_can_have_is_an_error(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.arrow"
    path.write_bytes(_arrow(pa.table({name: [1]})))
    with pytest.raises(SourceError, match="a row has a field"):
        _rows(path)
    path.write_bytes(_arrow(pa.table({"x": pa.array([[{name: 1}]])})))
    if "\0" in name:
        with pytest.raises(SourceError, match="NUL"):
            _rows(path)
    else:
        assert _rows(path)[0]["x"] == [{name: 1}]


def test_two_columns_of_one_name_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.arrow"
    path.write_bytes(_arrow(pa.table([[1], [2]], names=["a", "a"])))
    with pytest.raises(SourceError, match="not a readable arrow file"):
        _rows(path)


def test_a_stream_that_ends_between_two_batches_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.arrow"
    whole = _stream(TABLE)
    path.write_bytes(whole[:-8])
    with pytest.raises(SourceError) as caught:
        _rows(path)
    assert caught.value.why == "the stream has no end mark: the file is cut off"


def test_a_second_stream_in_a_file_is_not_lost_in_silence(tmp_path: Path) -> None:
    path = tmp_path / "a.arrow"
    path.write_bytes(_stream(TABLE) * 2)
    with pytest.raises(SourceError) as caught:
        _rows(path)
    assert caught.value.why == "there is more in the file after the end mark of the stream"


def test_a_file_that_may_not_be_read_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.mkdir()
    with pytest.raises(SourceError, match="a data file cannot be read"):
        _rows(path)


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damaged")


changes = st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), max_size=4)


@settings(max_examples=200)
@given(st.sampled_from(sorted(FILES)), changes, st.none() | st.integers(0, 1 << 20))
def test_damaged_bytes_give_rows_or_an_error(
    damaged: Path, name: str, changes: list[tuple[int, int]], end: int | None
) -> None:
    content = bytearray(FILES[name](TABLE))
    for at, byte in changes:
        content[at % len(content)] = byte
    cut = len(content) if end is None else end % len(content)
    path = damaged / name
    path.write_bytes(content[:cut])
    try:
        rows = _rows(path, 7)
    except SourceError as found:
        error = found
    else:
        assert [row["__line"] for row in rows] == list(range(1, len(rows) + 1))
        assert cut == len(content)
        return
    assert error.where == str(path)
    assert error.next_step
