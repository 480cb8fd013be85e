"""CSV: fields over several lines, wrong numbers of fields, no line of names."""

from pathlib import Path

import pytest

from doitkit.core.errors import SourceError
from doitkit.source.files import read_raw
from doitkit.source.raw import RawRow, Unreadable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rows.csv"


def _rows(path: Path, content: bytes, header: bool | list[str] = True) -> list[tuple[int, object]]:
    path.write_bytes(content)
    return [
        (row.line, row.value if isinstance(row, RawRow) else row.reason)
        for row in read_raw(path, header=header)
    ]


def test_the_names_are_the_first_line_or_given_or_made(path: Path) -> None:
    content = b"a,b\n1,2\n"
    assert _rows(path, content) == [(2, {"a": "1", "b": "2"})]
    assert _rows(path, content, ["x", "y"])[0] == (1, {"x": "a", "y": "b"})
    assert _rows(path, content, header=False)[1] == (2, {"column_0": "1", "column_1": "2"})


def test_a_record_stands_where_it_begins(path: Path) -> None:
    found = _rows(path, b'a,b\n1,"x\r\ny\r\n\r\nz"\n\n3,4\n')
    assert found == [(2, {"a": "1", "b": "x\ny\n\nz"}), (7, {"a": "3", "b": "4"})]


def test_a_wrong_number_of_fields_costs_one_row(path: Path) -> None:
    assert _rows(path, b"a,b\n1\n1,2,3\n4,5\n") == [
        (2, "1 fields where 2 are named"),
        (3, "3 fields where 2 are named"),
        (4, {"a": "4", "b": "5"}),
    ]


def test_a_quote_that_never_closes_costs_every_line_that_it_swallows(path: Path) -> None:
    reason = "not CSV: unexpected end of data, in a quote over the lines 3 to 6"
    for start in (b'"3,4', b'3,"4'):
        assert _rows(path, b"a,b\n1,2\n" + start + b"\n5,6\n\n7,8\n") == [
            (2, {"a": "1", "b": "2"}),
            (3, reason),
            (4, reason),
            (6, reason),
        ]


def test_a_quote_that_closes_far_below_costs_the_lines_between(path: Path) -> None:
    (first, reason), (second, _), good = _rows(path, b'a,b\n1,"2\n3,"4"\n5,6\n')
    assert (first, second) == (2, 3)
    assert "over the lines 2 to 3" in str(reason)
    assert good == (4, {"a": "5", "b": "6"})


def test_a_line_of_names_that_cannot_be_read_is_an_error(path: Path) -> None:
    for content in (b"caf\xe9,b\n1,2\n", b'"a"x,b\n1,2\n', b'"a,b\n1,2\n'):
        with pytest.raises(SourceError, match="the line of column names") as caught:
            _rows(path, content)
        assert str(caught.value.where).endswith("rows.csv:1")
        assert caught.value.why


def test_a_line_that_is_not_utf8_costs_one_row_and_shifts_none(path: Path) -> None:
    found = _rows(path, b'a,b\n1,caf\xe9\n3,"x\ncaf\xe9\ny"\n4,5\n')
    assert found == [
        (2, "not UTF-8 text"),
        (3, "not UTF-8 text"),
        (6, {"a": "4", "b": "5"}),
    ]


def test_a_lone_carriage_return_costs_one_row(path: Path) -> None:
    (line, reason), good = _rows(path, b"a,b\n1\r2,3\n4,5\n")
    assert line == 2
    assert str(reason).startswith("not CSV: new-line character seen in unquoted field")
    assert good == (3, {"a": "4", "b": "5"})


def test_two_columns_of_one_name_are_an_error(path: Path) -> None:
    with pytest.raises(SourceError, match="two columns are named `a`"):
        _rows(path, b"a,b,a\n1,2,3\n")
    with pytest.raises(SourceError, match="two columns are named `x`"):
        _rows(path, b"1,2\n", ["x", "x"])


def test_an_empty_file_has_no_rows(path: Path) -> None:
    assert _rows(path, b"") == []
    assert _rows(path, b"a,b\n") == []


def test_rejects_can_be_written_as_text(path: Path) -> None:
    path.write_bytes(b"a\n\xff\xfe\n")
    (only,) = read_raw(path)
    assert isinstance(only, Unreadable)
    assert only.text.encode() == b"??"
