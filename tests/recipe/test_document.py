"""YAML with positions: the safe core of the language, read by the rules of YAML 1.2."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.recipe.document import Document, Path, parse

# What YAML lets stand in a file as it is; test_edit draws the rest, in escapes.
printable = st.characters(min_codepoint=32, max_codepoint=0x2000, exclude_categories=["Cc"])
scalars = (
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text(printable, max_size=8)
    | st.floats(allow_nan=False, allow_infinity=False)
)  # fmt: skip
keys = st.text(printable, min_size=1, max_size=6)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


def _paths(value: Any, path: Path = ()) -> list[Path]:
    inner: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [path, *(deeper for key, part in inner for deeper in _paths(part, (*path, key)))]


@given(st.dictionaries(keys, values, min_size=1), st.booleans())
def test_json_is_read_as_it_stands_and_every_part_has_its_place(
    value: dict[str, Any], spread: bool
) -> None:
    text = json.dumps(value, indent=2 if spread else None, ensure_ascii=False)
    document = parse(text, "f")
    assert document.flaws == []
    assert document.value == value
    assert set(document.positions) == set(_paths(value))
    lines = text.split("\n")
    for path, place in document.positions.items():
        if path and isinstance(path[-1], str):
            found, _ = json.JSONDecoder().raw_decode(lines[place.line - 1], place.column - 1)
            assert found == path[-1]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("on", "on"), ("Yes", "Yes"), ("true", True), ("False", False),
        ("~", None), ("null", None), ("", None), ("12", 12), ("-3", -3), ("+4", 4),
        ("2e-3", 0.002), (".5", 0.5), ("5.", 5.0), ("1_000", "1_000"), ("0x1F", "0x1F"),
        ("12:30:45", "12:30:45"), ("2023-10-01", "2023-10-01"), ("'1'", "1"), ('"1.5"', "1.5"),
        ("1.2.3", "1.2.3"), (".inf", ".inf"), ("9" * 25, 10**25 - 1), ("=", "="),
        ("!!str text", "text"), ("|\n  two\n  lines", "two\nlines"),
    ],
)  # fmt: skip
def test_plain_values_follow_yaml_1_2(text: str, value: Any) -> None:
    document = parse(f"key: {text}", "f")
    assert document.flaws == []
    assert document.value == {"key": value}
    assert type(document.value["key"]) is type(value)


def _flaw(text: str) -> tuple[int, int, str]:
    (flaw,) = parse(text, "f").flaws
    assert flaw.next_step
    return flaw.position.line, flaw.position.column, flaw.what


@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        ("a: 1\nb: 2\na: 3", 3, 1, "the key `a` stands here twice"),
        ("a:\n  - x: 1\n    x: 2", 3, 5, "the key `x` stands here twice"),
        ("a: !!python/object/apply:os.system [ls]", 1, 4, "the tag"),
        ("a: !!binary aGVsbG8=", 1, 4, "the tag `!!binary` is not allowed"),
        ("a: !mine x", 1, 4, "the tag `!mine` is not allowed"),
        ("? [1, 2]\n: x", 1, 3, "a key must be plain text"),
        ("a: &x 1\nb:\n  <<: *y", 3, 3, "merge keys (<<) are not supported"),
        ("a: 1\nb: *y", 2, 4, "no anchor `&y` stands before this alias"),
        ("a: {b: &x 1}\n<<: {c: 2}", 2, 1, "merge keys"),
        ("a: 1\n\tb: 2", 2, 1, "a tab is used for indentation"),
        ("a: [1, 2", 1, 9, "a `,` or `]` is missing before this"),
        ("a: 'x", 1, 4, "the quotes that open here are never closed"),
        ("a: \x07", 1, 4, "the character U+0007 cannot stand in YAML"),
        ("a: &a [*a]", 1, 8, "no anchor `&a` stands before this alias"),
        ("a: " + "[" * 5000, 1, 64, "this is nested more than 60 levels deep"),
        ("", 1, 1, "the file is empty"),
        ("# only this\n---\n", 1, 1, "the file is empty"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_yaml_is_said_where_it_stands(
    text: str, line: int, column: int, what: str
) -> None:
    found = _flaw(text)
    assert found[:2] == (line, column)
    assert found[2].startswith(what)


def test_an_alias_bomb_ends_early() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for before, name in zip("abcdefghij", "bcdefghijk", strict=True):
        bomb += f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    document = parse(bomb, "f")
    assert len(document.flaws) == 1
    assert len(document.positions) < 120_000


def test_a_place_that_does_not_exist_is_that_of_its_nearest_part() -> None:
    document = parse("a:\n  b: 1", "f")
    assert document.position_of(("a", "b", "c")).line == 2
    assert document.position_of(("a", "x")).line == 1
    assert Document("f", "").position_of(("a",)).line == 1


@given(st.text())
def test_any_text_is_a_value_or_has_a_flaw(text: str) -> None:
    document = parse(text, "f")
    assert document.flaws or document.value is not None or text.strip()
    for flaw in document.flaws:
        assert flaw.position.line >= 1
        assert flaw.position.column >= 1
