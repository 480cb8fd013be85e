"""Damaged JSON: the rows around the damage are kept, and the damage is accounted for."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.core.errors import SourceError
from doitkit.source.files import read_raw
from doitkit.source.raw import RawRow, Unreadable


def _read(path: Path, content: bytes | str, records_at: str | None = None) -> list[str]:
    """Return one line for each thing read: the row as JSON, or `line: reason`."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return [
        f"{row.line}: {row.reason}" if isinstance(row, Unreadable) else json.dumps(row.value)
        for row in read_raw(path, records_at=records_at)
    ]


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    return tmp_path / "rows.jsonl"


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return tmp_path / "rows.json"


def test_a_bad_line_costs_only_itself(lines: Path) -> None:
    found = _read(lines, b'{"a": 1}\n{"a": \n\n["a"]\n"a"\n3\nnull\n{"a": "\xff"}\n{"a": 2}')
    assert found[0] == '{"a": 1}'
    assert found[1].startswith("2: not JSON: Expecting value")
    assert found[2:7] == [
        "4: a row must be an object, not a list",
        "5: a row must be an object, not text",
        "6: a row must be an object, not a number",
        "7: a row must be an object, not null",
        "8: not UTF-8 text",
    ]
    assert found[7:] == ['{"a": 2}']


def test_half_a_surrogate_pair_is_no_text(lines: Path, document: Path) -> None:
    rows = ['{"a": "\\uD83D"}', '{"a": "\\ud83d\\ude00"}', '{"\\udc00": 1}']
    reason = "not Unicode text: a byte that is no UTF-8, or half of a surrogate pair"
    expected = [f"1: {reason}", '{"a": "\\ud83d\\ude00"}', f"3: {reason}"]
    assert _read(lines, "\n".join(rows)) == expected
    assert _read(document, f"[{','.join(rows)}]") == expected
    # The same file with damage elsewhere takes another way through the reader.
    salvaged = _read(document, "[" + ",\n".join(rows) + ",\n{]")
    assert salvaged[:3] == expected


def test_values_that_python_cannot_take_are_rejects(lines: Path, document: Path) -> None:
    long_number, deep = "1" * 5000, "[" * 100_000
    for content in (f'{{"a": {long_number}}}', f'{{"a": {deep}'):
        first, second = _read(lines, content + '\n{"a": 2}')
        assert first.startswith("1: not JSON")
        assert second == '{"a": 2}'
        assert _read(document, f'[\n{content},\n{{"a": 2}}]')[-1] == '{"a": 2}'


def test_python_s_nan_is_a_missing_value(lines: Path) -> None:
    assert _read(lines, '{"a": NaN, "b": [-Infinity, 1]}') == ['{"a": null, "b": [null, 1]}']


def test_lines_under_a_json_name_are_read_as_lines(document: Path) -> None:
    assert _read(document, '{"a": 1}\n{"a": [2]}\n') == ['{"a": 1}', '{"a": [2]}']
    first, second = _read(document, '{"a": 1,}\n{"a": [2]}\n')
    assert first.startswith("1: not JSON")
    assert second == '{"a": [2]}'


def test_a_broken_list_is_salvaged_object_by_object(document: Path) -> None:
    found = _read(document, '[\n  {"a": 1},\n  {"a": "x"y"},\n\n  {"a": 2},,\n  7,\n  {"a": 3}\n]')
    assert found[0] == '{"a": 1}'
    assert found[1].startswith("3: not JSON: Expecting ',' delimiter")
    assert found[2:] == ['{"a": 2}', "6: a row must be an object, not a number", '{"a": 3}']


def test_a_list_cut_between_two_objects_is_not_taken_for_whole(document: Path) -> None:
    reason = "the list has no end: the file is cut off"
    assert _read(document, '[{"a": 1},\n{"a": 2}\n') == ['{"a": 1}', '{"a": 2}', f"3: {reason}"]
    assert _read(document, "") == [f"1: {reason}"]


def test_text_after_the_list_is_not_lost_in_silence(document: Path) -> None:
    assert _read(document, '[{"a": 1}]\n[{"a": 2}]') == [
        '{"a": 1}',
        "1: the list ended before this text",
    ]


def test_a_byte_that_is_not_utf8_costs_one_row_of_a_list(document: Path) -> None:
    first, second = _read(document, b'[{"a": "caf\xe9"}, {"a": "caf\xc3\xa9"}]')
    assert first.startswith("1: not Unicode text")
    assert second == '{"a": "caf\\u00e9"}'


def test_a_list_may_lie_under_a_key(document: Path) -> None:
    whole = '{"keyword": ["x"], "example": [{"a": 1}, {"a": 2}]}'
    assert _read(document, whole, "example") == ['{"a": 1}', '{"a": 2}']
    broken = whole.replace('{"a": 2}', '\n{"a" 2},\n{"a": 3}')
    found = _read(document, broken, "example")
    assert found[0] == '{"a": 1}'
    assert found[1].startswith("2: not JSON")
    assert found[2] == '{"a": 3}'


@pytest.mark.parametrize(
    ("content", "records_at", "what", "why"),
    [
        ('{"example": []}', None, "not a list of rows", "an object with the keys: example"),
        ("3", None, "not a list of rows", "it holds a number"),
        ('{"examples": []}', "example", "no list under `example`", "the keys: examples"),
        ("[1]", "example", "no list under `example`", "it holds a list"),
    ],
)
def test_a_whole_document_without_the_list_is_an_error(
    document: Path, content: str, records_at: str | None, what: str, why: str
) -> None:
    with pytest.raises(SourceError, match=what) as caught:
        _read(document, content, records_at)
    assert why in str(caught.value)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
good_lines = st.dictionaries(st.text(max_size=4), values, max_size=3).map(
    lambda value: json.dumps(value, ensure_ascii=False).encode()
)
bad_lines = st.binary(max_size=12).map(lambda raw: b"!" + raw.replace(b"\n", b""))


@given(st.lists(st.tuples(st.booleans(), good_lines, bad_lines), max_size=12))
def test_every_line_is_a_row_or_a_reject(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[bool, bytes, bytes]]
) -> None:
    path = tmp_path_factory.mktemp("lines") / "rows.jsonl"
    path.write_bytes(b"\n".join(good if is_good else bad for is_good, good, bad in drawn))
    found = list(read_raw(path))
    rows = [row for row in found if isinstance(row, RawRow)]
    assert len(rows) == sum(is_good for is_good, *_ in drawn)
    assert [row.value for row in rows] == [json.loads(good) for ok, good, _ in drawn if ok]
    assert len(found) == len(drawn)
    for row in found:
        json.dumps(
            row.text if isinstance(row, Unreadable) else row.value, ensure_ascii=False
        ).encode()
