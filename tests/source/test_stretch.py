"""However files are cut into stretches, their rows and line numbers are the same."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from doitkit.recipe.data import Rows
from doitkit.source import jsonl_pieces, stretch
from doitkit.source.files import read_raw
from doitkit.source.pieces import Piece
from doitkit.source.raw import RawRow, RawRows
from doitkit.source.stretch import Stretch, stretches
from doitkit.source.table import TableReader

Found = list[tuple[int, Any]]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stretches") / "rows.jsonl"


def _raw(rows: RawRows) -> Found:
    return [
        (row.line, row.value if isinstance(row, RawRow) else (row.reason, row.text)) for row in rows
    ]


def _cut(paths: list[Path], size: int) -> list[tuple[Stretch, ...]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stretch, "BYTES_OF_A_STRETCH", size)
        patch.setattr(stretch, "_CHUNK_BYTES", 3)
        return stretches(paths)


def _pieces(path: Path, size: int) -> tuple[Found, Found]:
    """Return the rows and what is no row, as the two passes of a reader find them."""
    reader = TableReader("s", Rows(path=path.name, format="messages"), path.parent)
    pieces: list[Piece] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl_pieces, "_BYTES_OF_A_BLOCK", max(1, size // 2))
        for group in _cut([path], size):
            pieces += reader.pieces(group)
    good: Found = []
    for piece in pieces:
        for row in piece.rows().iter_rows(named=True):
            assert row.pop("__file") == str(path)
            good.append((row.pop("__line"), {k: v for k, v in row.items() if v is not None}))
    bad = [(row.line, (row.reason, row.text)) for piece in pieces for row in piece.unreadable]
    return sorted(good, key=lambda row: row[0]), bad


lines = st.one_of(
    st.text(alphabet="ab\x0b\u2028é", max_size=60).map(lambda text: json.dumps({"x": text})),
    st.text(alphabet="a", min_size=150, max_size=300).map(lambda text: json.dumps({"x": text})),
    st.sampled_from(["", " ", "\r", "[1]", "{broken", '{"x": "\\ud83d"}', '{"x": null}', "{}"]),
)
files = st.tuples(
    st.sampled_from(["", "\ufeff"]),
    st.lists(lines, max_size=12),
    st.sampled_from(["\n", "\n", "\r\n"]),
    st.booleans(),
).map(lambda drawn: (drawn[0] + drawn[2].join(drawn[1]) + drawn[2] * drawn[3]).encode())


@given(files, st.integers(1, 400))
@example(b"", 1)
@example(b"\n\n\n", 1)
@example(b'{"x": 1}\n{"x": 2}\n', 9)
@example(b'{"x": 1}\n{"x": 2}', 8)
def test_stretches_of_any_size_give_the_same_rows(path: Path, text: bytes, size: int) -> None:
    path.write_bytes(text)
    groups = _cut([path], size)
    whole = _raw(read_raw(path))
    assert [row for group in groups for part in group for row in _raw(read_raw(part))] == whole
    good, bad = _pieces(path, size)
    assert good == [
        (line, {k: v for k, v in found.items() if v is not None})
        for line, found in whole
        if isinstance(found, dict)
    ]
    assert bad == [row for row in whole if not isinstance(row[1], dict)]


@given(files, st.integers(1, 400))
def test_stretches_cover_a_file_and_count_its_lines(path: Path, text: bytes, size: int) -> None:
    path.write_bytes(text)
    parts = [part for group in _cut([path], size) for part in group]
    if len(text) <= size:
        assert parts == [Stretch(path)]
        return
    assert [part.start for part in parts] == list(range(0, len(text), size))
    assert [part.end for part in parts] == [*(part.start for part in parts[1:]), len(text)]
    begin = [0, *(at + 1 for at, byte in enumerate(text) if byte == ord("\n"))]
    for part in parts:
        assert part.lines_before == sum(at < part.start for at in begin)


def test_small_files_share_a_group_and_keep_their_order(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.jsonl" for name in "cab"]
    for path in paths:
        path.write_text('{"x": 1}\n' * 10)
    assert _cut(paths, 1_000) == [tuple(Stretch(path) for path in paths)]
    assert _cut(paths, 200) == [(Stretch(paths[0]), Stretch(paths[1])), (Stretch(paths[2]),)]
    assert _cut([], 200) == []


def test_only_plain_files_of_lines_are_cut(tmp_path: Path) -> None:
    rows = b'{"x": 1}\n' * 100
    written = {"a.jsonl.gz": gzip.compress(rows), "b.csv": rows, "c.json": rows, "d.txt": rows}
    for name, content in written.items():
        (tmp_path / name).write_bytes(content)
    paths = [tmp_path / name for name in written]
    assert [part for group in _cut(paths, 50) for part in group] == [Stretch(p) for p in paths]
    (tmp_path / "e.NDJSON").write_bytes(rows)
    assert len(_cut([tmp_path / "e.NDJSON"], 50)) == 18
