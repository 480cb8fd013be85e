"""A long JSON document gives the rows, lines and reasons that it gives when held as a whole."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from doitkit.core.errors import SourceError
from doitkit.source import json_rows, stream
from doitkit.source.files import read_raw
from doitkit.source.json_document import outline_of
from doitkit.source.raw import RawRow

Found = list[tuple[int, Any]] | str


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("documents") / "rows.json"


def _read(path: Path, records_at: str | None, most: int, chunk: int) -> Found:
    """Read with at most so many characters in memory, and so many bytes at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_rows, "_CHARS_IN_MEMORY", most)
        patch.setattr(stream, "_CHUNK_BYTES", chunk)
        try:
            return [
                (row.line, repr(row.value) if isinstance(row, RawRow) else (row.reason, row.text))
                for row in read_raw(path, records_at=records_at)
            ]
        except SourceError as error:
            return f"{error.what}: {error.why}"


def _check(path: Path, content: bytes, records_at: str | None, chunk: int) -> Found:
    path.write_bytes(content)
    whole = _read(path, records_at, 1 << 20, 1 << 20)
    assert _read(path, records_at, 0, chunk) == whole
    # A document that is not whole is read in one way only: there, only the parts differ.
    assert _read(path, records_at, 1 << 20, chunk) == whole
    return whole


CASES: dict[str, tuple[str, str | None]] = {
    "a list": ('[{"a": 1}, {"a": "x"}, 3, null, [{"b": 2}]]', None),
    "an empty list": (" [ ] ", None),
    "a list under a key": ('{"b": [1, 2], "a": [{"x": 1}], "c": {"a": []}}', "a"),
    "a key twice": ('{"a": [{"x": 1}], "a": [{"x": 2}]}', "a"),
    "a key twice, the last no list": ('{"a": [{"x": 1}], "a": 3}', "a"),
    "no such key": ('{"b": [], "c": 1, "b": 2}', "a"),
    "an object": ('{"b": [], "c": 1}', None),
    "an empty object": ("{}", "a"),
    "a number": (" 12.5e3 ", None),
    "a text": ('"abc"', "a"),
    "lines": ('{"a": 1}\n{"a": 2}\n', None),
    "one line": ('{"a": 1}\n', None),
    "numbers that grow": ('[{"a": 1}, 12345678901234567890, -0.5e-10, {"a": 1.5}]', None),
    "a long number": ('[{"a": 1},\n{"a": ' + "1" * 5000 + '},\n{"a": 2}]', None),
    "nesting": ('[{"a": 1},\n{"a": ' + "[" * 5_000 + "]" * 5_000 + '},\n{"a": 2}]', None),
    "a trailing comma": ('[\n{"a": 1},\n{"a": 2},\n]', None),
    "a quote inside": ('[\n{"a": 1},\n{"a": "x"y"},\n{"a": 2}\n]', None),
    "a raw line end in a text": ('[\n{"a": "x\ny"},\n{"a": 2}\n]', None),
    "cut off in a text": ('[{"a": 1},\n{"a": "xy', None),
    "cut off after a comma": ('[{"a": 1},\n', None),
    "more behind the end": ('[{"a": 1}]  \n [{"a": 2}]' + " " * 300 + "x", None),
    "no bracket": ("plain text", None),
    "nothing": ("", None),
    "white space": (" \n\n ", None),
    "damage behind the list": ('{"a": [{"x": 1}], "b": }', "a"),
    "damage before the list": ('{"b": , "a": [{"x": 1}]}', "a"),
    "NaN": ('[{"a": NaN}, {"a": [-Infinity]}]', None),
    "a surrogate": ('[{"a": "\\ud83d"}, {"a": "\\ud83d\\ude00"}, {"b": 1}]', None),
    "a byte order mark": ('\ufeff[{"a": 1}]', None),
    "escapes": ('[{"a": "\\u00e9\\n\\\\\\""}, {"\\u0061": 1}]', None),
}


@pytest.mark.parametrize("chunk", [1, 2, 7, 1 << 20])
@pytest.mark.parametrize("case", CASES)
def test_a_document_of_any_kind(path: Path, case: str, chunk: int) -> None:
    text, records_at = CASES[case]
    _check(path, text.encode(), records_at, chunk)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(alphabet='ab"\\{}[],\n\u00e9\U0001f600\u2028', max_size=6)
    | st.sampled_from(["\ud83d", "x" * 40]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "rows"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@st.composite
def _documents(draw: st.DrawFn) -> bytes:
    """Return a document in some layout, whole or with a few characters changed."""
    indent = draw(st.sampled_from([None, 0, 1]))
    value = draw(st.lists(values, max_size=5) | values)
    text = json.dumps(value, indent=indent, ensure_ascii=draw(st.booleans()))
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 3]))):
        at = draw(st.integers(0, len(text)))
        mark = draw(st.sampled_from([*list('"{}[],:\n \\x1.e-'), "", "\n{", "]]", "NaN", '"rows"']))
        text = text[:at] + mark + text[at + draw(st.integers(0, 1)) :]
    raw = text.encode("utf-8", "surrogatepass")
    if not draw(st.integers(0, 5)):
        raw = raw[: draw(st.integers(0, len(raw)))]
    return raw


@settings(max_examples=300)
@given(_documents(), st.sampled_from([None, None, "rows", "a"]), st.sampled_from([1, 2, 5, 17]))
@example(b"1.5e3", None, 1)
@example(b'[1, "', None, 1)
def test_it_does_not_matter_how_much_is_held(
    path: Path, content: bytes, records_at: str | None, chunk: int
) -> None:
    _check(path, content, records_at, chunk)


@given(st.lists(values, max_size=6), st.sampled_from([None, 0, 2]))
def test_the_rows_of_a_whole_list_are_its_objects(
    path: Path, rows: list[Any], indent: int | None
) -> None:
    content = json.dumps(rows, indent=indent, allow_nan=True).encode()
    found = _check(path, content, None, 3)
    assert not isinstance(found, str)
    assert [line for line, _ in found] == list(range(1, len(rows) + 1))


def test_what_is_wrong_with_an_archive_is_said_even_if_the_document_is_whole(path: Path) -> None:
    packed = path.with_suffix(".json.gz")
    content = bytearray(gzip.compress(b'[{"a": 1},\n{"a": 2}]'))
    content[-5] ^= 1  # a bit of the checksum
    found = _check(packed, bytes(content), None, 4)
    assert [line for line, _ in found] == [1, 2, 2]
    assert "the compressed data is damaged from here on" in str(found[-1])


def test_an_outline_tells_what_a_document_is(path: Path) -> None:
    for text, kind in [("[]", "a list"), ("3", "a number"), ('{"a": []}', "an object")]:
        path.write_text(text)
        outline = outline_of(path)
        assert outline is not None
        assert outline.kind == kind
    for text in ("", "[", "[1,]", '{"a" 1}', '{"a": 1}}', "[] x", '{"a": [1 2]}', "{a: 1}"):
        path.write_text(text)
        assert outline_of(path) is None
