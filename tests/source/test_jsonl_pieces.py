"""Lines read many at a time give what they give one by one, or are left to that."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from doitkit.source import jsonl_pieces
from doitkit.source.frame import frame_of_rows
from doitkit.source.json_rows import jsonl_rows
from doitkit.source.jsonl_pieces import blocks, frame_of_block
from doitkit.source.raw import RawRow
from doitkit.source.stretch import Stretch


def _blocks(path: Path) -> list[pl.DataFrame | None]:
    return [frame_of_block(block) for block in blocks(Stretch(path))]


def _one_by_one(path: Path) -> pl.DataFrame | None:
    """Return the rows as they are read line by line; None if some line is no row."""
    found = list(jsonl_rows(Stretch(path)))
    rows = [row for row in found if isinstance(row, RawRow)]
    return frame_of_rows(rows) if len(rows) == len(found) else None


def _kind(kind: Any) -> Any:
    """Return a type in which the order of the fields of an object counts for nothing."""
    if isinstance(kind, pl.Struct):
        return {field.name: _kind(field.dtype) for field in kind.fields}
    return [_kind(kind.inner)] if isinstance(kind, pl.List) else kind


def _same(many: pl.DataFrame, one: pl.DataFrame) -> bool:
    kinds = [[(c, _kind(frame[c].dtype)) for c in frame.columns] for frame in (many, one)]
    return kinds[0] == kinds[1] and repr(_sorted(many.rows())) == repr(_sorted(one.rows()))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(element) for element in value] if isinstance(value, list | tuple) else value


def _check(path: Path, text: bytes) -> bool:
    """Check a file of one block, and say whether it was read as one."""
    path.write_bytes(text)
    (many,) = _blocks(path) or [None]
    if many is None:
        return False
    one = _one_by_one(path)
    assert one is not None, text
    assert _same(many, one), (text, many, one)
    return True


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lines") / "rows.jsonl"


PLAIN: list[list[dict[str, Any]]] = [
    [{"prompt": "a", "completion": "b"}] * 3,
    [{"prompt": "Grüße 你好 😀", "n": 3}, {"n": None, "late": True}],
    [{"messages": [{"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}]}],
    [{"tags": [], "x": 1.5}, {"tags": ["t"], "x": 2}],
    [{"a": {"b": {"c": [[1]]}}}, {"a": {"b": None}}],
    [{"a": "2020-01-01"}, {"a": "not a date"}],
]


@pytest.mark.parametrize("rows", PLAIN)
@pytest.mark.parametrize("end", ["\n", ""])
def test_plain_lines_are_read_many_at_a_time(path: Path, rows: list[Any], end: str) -> None:
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + end
    assert _check(path, lines.encode())


LEFT_TO_THE_OTHER = {
    "a blank line": b'{"a": 1}\n\n{"a": 2}\n',
    "two objects in a line": b'{"a": 1}{"a": 2}\n{"a": 3}\n',
    "two in a line, and one in two": b'{"a": 1} {"b":\n{"c": 1}}\n',
    "a line of something else": b'{"a": 1}\n[1]\n',
    "a byte order mark": b'\xef\xbb\xbf{"a": 1}\n',
    "a byte that is no UTF-8": b'{"a": "\xff"}\n',
    "half of a surrogate pair": b'{"a": "\\ud83d"}\n',
    "a surrogate pair": b'{"a": "\\uD83D\\uDE00"}\n',
    "a key twice": b'{"a": 1, "a": 2}\n',
    "a key twice, further in": b'{"a": {"b": 1, "b": 2}}\n',
    "one key in two spellings": b'{"a": 1, "\\u0061": 2}\n',
    "cells of mixed kinds": b'{"a": 1}\n{"a": "x"}\n',
    "texts that look like times": b'{"a": "2020-01-01"}\n{"a": "2021-01-01 10:00:00"}\n',
    "a number beyond 64 bits": b'{"a": 18446744073709551617}\n',
    "a number that is no float": b'{"a": 9007199254740993}\n{"a": 0.5}\n',
    "the whole number -0 among floats": b'{"a": -0}\n{"a": 1.5}\n',
    "NaN": b'{"a": NaN}\n',
    "a raw tab in a text": b'{"a": "x\ty"}\n',
    "a raw line end in a text": b'{"a": "x\n{"}\n',
    "an own name": b'{"__line": 1}\n',
    "no field at all": b"{}\n{}\n",
    "a cut off line": b'{"a": 1}\n{"a": ',
    "a list of nulls": b'{"a": [null, null]}\n',
    "a list of nulls, further in": b'{"a": {"b": [null, null]}}\n',
    "nesting": b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}\n",
}


@pytest.mark.parametrize("case", LEFT_TO_THE_OTHER)
def test_what_is_not_plain_is_left_to_be_read_line_by_line(path: Path, case: str) -> None:
    assert not _check(path, LEFT_TO_THE_OTHER[case])


keys = st.sampled_from(["a", "b", "c", "role", "__line", "é", "", "a b"])
times = st.sampled_from(["2020-01-01", "12:00:00", "2020-01-01T00:00:00Z"])
texts = st.text(max_size=4) | times | st.sampled_from(["null", "1", *"\ud83d\x00\x1f\u2028"])
numbers = (
    st.integers(-3, 3)
    | st.sampled_from([2**53, -(2**53), 2**53 + 1, 2**63 - 1, -(2**63), 2**63, 2**64 + 1, 10**400])
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.sampled_from([0.0, -0.0, 1e-320, 1.5, 1e22, 9007199254740991.0])
)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=2),
    max_leaves=4,
)


@st.composite
def _objects(draw: st.DrawFn, alike: list[tuple[str, st.SearchStrategy[Any]]]) -> str:
    """Return a row as JSON text, with its fields in some order, some of them twice."""
    fields = [(key, draw(kind)) for key, kind in alike if draw(st.integers(0, 4))]
    if not draw(st.integers(0, 9)):
        fields.append((draw(keys), draw(values)))
    if not draw(st.integers(0, 3)):
        fields = draw(st.permutations(fields))
    ascii_ = draw(st.booleans())
    cells = [
        f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=ascii_)}" for key, value in fields
    ]
    return "{" + ", ".join(cells) + "}"


kinds = st.sampled_from(
    [
        st.integers(-3, 3),
        numbers,
        texts,
        st.text(max_size=3),
        st.booleans(),
        st.none() | st.text(max_size=3),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.lists(st.text(max_size=2), max_size=2),
        st.lists(st.fixed_dictionaries({"role": st.text(max_size=2)}, optional={"b": texts})),
        st.fixed_dictionaries({}, optional={"b": st.integers(0, 2), "a": st.none() | st.text()}),
        values,
    ]
)


ODD_LINES = ["", " ", "\x0b", "[]", "1", "{", "}", '{"a": 1} {"a": 2}', "null", '"']


@st.composite
def _files(draw: st.DrawFn) -> bytes:
    names = draw(st.lists(keys.filter(lambda k: k != "__line"), max_size=3, unique=True))
    alike = [(name, draw(kinds)) for name in names]
    lines = draw(st.lists(_objects(alike), min_size=1, max_size=5))
    if not draw(st.integers(0, 5)):
        odd = draw(
            st.sampled_from(
                ["", " ", "\x0b", "[]", "1", "{", "}", '{"a": 1} {"a": 2}', "null", '"']
            )
        )
        lines.insert(draw(st.integers(0, len(lines))), odd)
    end = draw(st.sampled_from(["\n", "\n", "\n", "\r\n", " \n", "\n\n", "\r"]))
    text = end.join(lines) + draw(st.sampled_from([end, "", "\n"]))
    return text.encode("utf-8", "surrogatepass")


@settings(max_examples=400)
@given(_files())
@example(b'{"a": 1} {"b":\n{"c": 1}}\n')
@example(b'{"a": -0}\n{"a": 1.5}\n')
@example(b'{"a": 1e400}\n')
def test_a_block_is_what_its_lines_are_or_is_refused(path: Path, text: bytes) -> None:
    _check(path, text)


@given(st.lists(_objects([("a", st.text(max_size=30))]), max_size=12), st.integers(1, 80))
def test_blocks_hold_all_lines_whatever_their_size(path: Path, lines: list[str], size: int) -> None:
    text = "".join(line + "\n" for line in lines).encode("utf-8", "surrogatepass")
    path.write_bytes(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl_pieces, "_BYTES_OF_A_BLOCK", size)
        found = list(blocks(Stretch(path)))
    assert b"".join(block.text for block in found) == text
    at = lines_before = 0
    for block in found:
        assert block.stretch == Stretch(path, at, at + len(block.text), lines_before)
        at += len(block.text)
        lines_before += block.text.count(b"\n")


def test_numbers_are_those_that_python_reads(path: Path) -> None:
    written = ["0.1", "1e-7", "123456.789e3", "2.2250738585072014e-308", "4.9e-324", "1E5", "-0.5"]
    path.write_bytes("".join(f'{{"x": {number}}}\n' for number in written).encode())
    (frame,) = _blocks(path)
    assert frame is not None
    assert frame["x"].to_list() == [float(number) for number in written]
