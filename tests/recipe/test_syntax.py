"""What the YAML parser stumbles over is said where the author went wrong, in plain words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.recipe.document import MOST_PROBLEMS, MOST_VALUES, parse
from doitkit.recipe.flaw import lines_of

NO_SPACE = "no space stands after the colon"
NO_KEY = "this line is no `key: value`"
OPEN = "the bracket `%s` that opens here is not closed"
COMMA = "a `,` or `%s` is missing before this"
QUOTES = "the quotes are closed, and more text follows"


@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        # A colon without its space, or a key without its colon.
        ("doitkit:1\nname: x\n", 1, 9, NO_SPACE),
        ("a: 1\nname:x\nb: 2\n", 2, 6, NO_SPACE),
        ("a:\n  b: 1\n  c:2\n", 3, 5, NO_SPACE),
        ("a:\n  - b:1\n    c: 2\n", 2, 7, NO_SPACE),
        ("a = 1\nb: 2\n", 1, 1, NO_KEY),
        ("a: 1\nseven words\nb: 2\n", 2, 1, NO_KEY),
        ("a: 1\nb\n", 2, 1, NO_KEY),
        ("a: 1\n<<<<<<< HEAD\nb: 2\n", 2, 1, "a merge conflict is left in the file"),
        ("a: 1\n=======\nb: 2\n", 2, 1, "a merge conflict is left in the file"),
        # A colon too many.
        ("a: b: c\n", 1, 5, "a second colon stands in this line"),
        ("a:\n  - b: c: d\n", 2, 9, "a second colon stands in this line"),
        ("k" * 1100 + ": 1\n", 1, 1, "a key has more than 1,024 characters"),
        # Indentation.
        ("a: x\n  b: 1\n", 2, 3, "this line is indented more than the one above"),
        ("a:\n    b: 1\n   c: 2\n", 3, 4, "this line is indented by 3, as no block above it is"),
        ("a:\n  b: 1\n c: 2\n", 3, 2, "this line is indented by 1, as no block above it is"),
        # Dashes.
        ("a:\n  - b: 1\n  c: 2\n", 3, 3, "the list that begins on line 2 is broken off"),
        ("a:\n  - b: 1\n  -c: 2\n", 3, 3, "no space stands after the dash"),
        ("a:\n  - b\n  -c\n", 3, 3, "no space stands after the dash"),
        ("a: - b\n", 1, 4, "a list begins in the middle of a line"),
        ("a: [\n  - b\n]\n", 2, 3, "a value is missing here, or a dash stands within brackets"),
        # Brackets.
        ("a: [b\nc:\n  d: 1\n", 1, 4, OPEN % "["),
        ("a: {b: 1\nc:\n  d: 1\n", 1, 4, OPEN % "{"),
        ("a: [1, 2", 1, 9, COMMA % "]"),
        ("a: [b, {c: 1]}", 1, 13, COMMA % "}"),
        ("a: {b: 1 c: 2}\n", 1, 11, COMMA % "}"),
        ("a: [1,, 2]\n", 1, 7, "a value is missing here"),
        ("a: [", 1, 5, "the recipe ends within a bracket"),
        ("a: [1, 2]]\n", 1, 10, "the value has ended, and more text follows"),
        ("a: {b: ${X}/c}\n", 1, 9, "braces within brackets are a block of their own"),
        # Quotes, and values that need them.
        ("a: 'x\nb: 1\n", 1, 4, "the quotes that open here are never closed"),
        ('a: "x\nb: 1\n', 1, 4, "the quotes that open here are never closed"),
        ("a: 'it's fine'\n", 1, 8, QUOTES),
        ("a: \"b\" = 'c'\nd: 1\n", 1, 8, QUOTES),
        ("a: {b: 'c' = 1}\n", 1, 12, QUOTES),
        ('a: "\\d+"\n', 1, 5, "a backslash in double quotes begins an escape"),
        ("a: *.jsonl\n", 1, 4, "a value that begins with `*` is an alias of YAML"),
        ("a: [*.jsonl]\n", 1, 5, "a value that begins with `*` is an alias of YAML"),
        ("a: & b\n", 1, 4, "a value that begins with `&` is an anchor of YAML"),
        ("a: @b\n", 1, 4, "a value cannot begin with `@`"),
        ("a: `b`\n", 1, 4, "a value cannot begin with a backtick"),
        ("a: %b\n", 1, 4, "a value cannot begin with `%`"),
        ("a: | b\n  c\n", 1, 6, "after `|` or `>` nothing may stand on the same line"),
        ("a: > 5\n", 1, 6, "after `|` or `>` nothing may stand on the same line"),
        # Other things of YAML.
        ("%x\na: 1\n", 1, 3, "a line that begins with `%` is a directive of YAML"),
        ("a: 1\n...\nb: 2\n", 3, 1, "the recipe has ended, and something follows"),
        ("a: 1\n---\nb: 2\n", 2, 1, "a second document begins here"),
        ("a: *b\n", 1, 4, "no anchor `&b` stands before this alias"),
    ],
)  # fmt: skip
def test_a_slip_is_named_where_it_stands(text: str, line: int, column: int, what: str) -> None:
    (flaw,) = parse(text, "f").flaws
    assert flaw.what.startswith(what)
    assert (flaw.code, flaw.position.line, flaw.position.column) == ("E103", line, column)
    assert flaw.next_step


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a:\n\tb: 1\n", 2, 1),
        ("a:\n  b: 1\n\tc: 2\n", 3, 1),
        ("a:\n  b: 1\n  \tc: 2\n", 3, 3),
        ("a:\n  - b: 1\n\t- c: 2\n", 3, 1),
    ],
)
def test_tabs_are_named_where_they_stand(text: str, line: int, column: int) -> None:
    (flaw,) = parse(text, "f").flaws
    assert (flaw.code, flaw.position.line, flaw.position.column) == ("E104", line, column)


def test_tabs_elsewhere_are_blanks() -> None:
    assert parse("a:\t1\t# x\n", "f").value == {"a": 1}


@pytest.mark.parametrize("text", ["a: !b c", "a: !b!c d", "a: !!python/name:os.system x"])
def test_tags_are_refused(text: str) -> None:
    assert [flaw.code for flaw in parse(text, "f").flaws] == ["E106"]


@pytest.mark.parametrize("text", ['a: "x\\0"', '"x\\0": a', "a: ['\x00']"])
def test_the_null_cannot_stand_anywhere(text: str) -> None:
    assert [flaw.code for flaw in parse(text, "f").flaws] == ["E107"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"])
def test_lines_are_counted_as_yaml_counts_them(end: str) -> None:
    text = f"a: 1{end}# {end}b: 2{end}a: 3{end}"
    (flaw,) = parse(text, "f").flaws
    assert (flaw.code, flaw.position.line) == ("E102", 4)
    assert lines_of(text)[flaw.position.line - 1] == "a: 3"
    (control,) = parse(f"a: 1{end}b: \x07{end}", "f").flaws
    assert (control.code, control.position.line, control.position.column) == ("E107", 2, 4)


def test_so_much_fits_and_no_more() -> None:
    fits = parse("a:\n" + "- 1\n" * (MOST_VALUES - 2), "f")
    assert (fits.flaws, fits.values) == ([], MOST_VALUES)
    (flaw,) = parse("a:\n" + "- 1\n" * (MOST_VALUES - 1), "f").flaws
    assert (flaw.code, flaw.position.line) == ("E108", MOST_VALUES)


def test_aliases_count_as_what_they_repeat() -> None:
    text = "a: &a [1, 2]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    whole = "a: [1, 2]\nb: [[1, 2], [1, 2]]\nc: [[[1, 2], [1, 2]], [[1, 2], [1, 2]]]\n"
    assert parse(text, "f").values == parse(whole, "f").values == 26
    assert parse(text, "f").value == parse(whole, "f").value


def test_aliases_nest_as_deep_as_what_they_repeat() -> None:
    chain = "a0: &a0 [x]\n" + "".join(f"a{i + 1}: &a{i + 1} [*a{i}]\n" for i in range(100))
    (flaw,) = parse(chain, "f").flaws
    assert (flaw.code, flaw.position.line) == ("E108", 60)
    assert "more than 60 levels" in flaw.what


def test_a_hundred_flaws_are_enough() -> None:
    document = parse("a: 1\n" * 10_000, "f")
    assert len(document.flaws) == MOST_PROBLEMS


pieces = st.sampled_from(
    ["a", "b1", ":", ": ", "- ", "-", "\n", "\n  ", "\n    ", "\t", "[", "]", "{", "}", ", ", "'",
     '"', "\\", "*x", "&x ", "!", "!!str ", "|", ">", "#", " # ", "%", "@", "`", "? ",
     "<<: ", "---", "...", "~", "1,000", "é", "\x85", "\u2028", "\ufeff", "$", "${ENV:X}"]
)  # fmt: skip


@given(st.lists(pieces, max_size=25).map("".join))
def test_whatever_is_written_is_a_value_or_a_flaw_at_a_place_in_the_text(text: str) -> None:
    document = parse(text, "f")
    assert document.flaws or document.value is not None
    lines = lines_of(text)
    for flaw in document.flaws:
        assert 1 <= flaw.position.line <= len(lines)
        assert 1 <= flaw.position.column <= len(lines[flaw.position.line - 1]) + 1
        assert flaw.what
        assert flaw.next_step


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list) else value


@given(st.lists(pieces, max_size=25).map("".join))
def test_every_value_is_plain(text: str) -> None:
    value = parse(text, "f").value
    assert _plain(value) == value
