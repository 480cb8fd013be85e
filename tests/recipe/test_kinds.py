"""A value of another kind: what its author meant, and how it is written."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from doitkit.recipe.kinds import BLOCK, wrong_kind

WHOLE, NUMBER, TEXT, LIST, TRUTH = "a whole number", "a number", "text", "a list", "true or false"


@pytest.mark.parametrize(
    ("given_value", "expected", "step"),
    [
        ("7", [WHOLE], "remove the quotes: 7"),
        ("2.5", [NUMBER], "remove the quotes: 2.5"),
        ("2.5", [WHOLE], "write digits only, such as 100"),
        ("1e3", [NUMBER], "remove the quotes: 1e3"),
        ("50%", [NUMBER], "write 0.5"),
        ("12.5 %", [NUMBER], "write 0.125"),
        ("50%", [WHOLE], "write digits only, such as 100"),
        ("1,000", [WHOLE], "write 1000"),
        ("12,345,678", [NUMBER], "write 12345678"),
        ("1_000", [WHOLE], "write 1000"),
        ("1'000.5", [NUMBER], "write 1000.5"),
        ("10k", [WHOLE], "write 10000"),
        ("1.5M", [NUMBER], "write 1500000"),
        ("$2.50", [NUMBER], "write 2.50"),
        ("300 USD", [NUMBER], "write 300"),
        ("300 €", [NUMBER], "write 300"),
        ("seed1", [WHOLE], "write digits only, such as 100"),
        ("many", [NUMBER], "write a number, such as 0.5"),
        (2.5, [WHOLE], "write a whole number, such as 100"),
        (16.0, [WHOLE], "write 16"),
        (True, [WHOLE], "write digits only, such as 100"),
        ("yes", [TRUTH], "write true"),
        ("Off", [TRUTH], "write false"),
        (1, [TRUTH], "write true"),
        ("maybe", [TRUTH], "write true or false"),
        (3, [TEXT], 'write in quotes: "3"'),
        (False, [TEXT], 'write in quotes: "false"'),
        ({"a": 1}, [TEXT], "write one value in the same line, in quotes if it holds a colon"),
        (["a"], [TEXT], "write one value, without brackets or dashes"),
        ("a, b", [LIST], "write in brackets: [a, b]"),
        ("-a -b", [LIST], "put a space after each dash"),
        (3, [LIST], "write in brackets: [3]"),
        ({"a": 1}, [LIST], "begin each element with a dash and a space: `- `"),
        ("x", [LIST, "`all`"], "write in brackets: [x]"),
        (["a"], [BLOCK], "take away the dashes, or brackets: one `key: value` a line"),
        ("a:1", [BLOCK], "put a space after the colon"),
        ("a", [BLOCK], "write its keys below it, indented"),
        ("a", [BLOCK, "`none`"], "write `none` or its keys below it, indented"),
        (None, [BLOCK], "write its keys below it, indented; or remove it"),
        (None, [NUMBER], "write a value after the colon, or remove the key"),
    ],
)
def test_the_next_step_is_what_was_meant(given_value: Any, expected: list[str], step: str) -> None:
    what, next_step = wrong_kind("`key`", given_value, expected)
    assert next_step == step
    assert what.startswith(f"`key` must be {' or '.join(expected)}")


def test_the_message_says_what_stands_there() -> None:
    assert wrong_kind("`key`", "7", [WHOLE])[0].endswith(", not the text `7`")
    assert wrong_kind("`key`", "x", [WHOLE])[0].endswith(", not `x`")
    assert wrong_kind("`key`", True, [TEXT])[0].endswith(", not `true`")
    assert wrong_kind("`key`", None, [TEXT])[0].endswith(", and there is nothing")
    assert wrong_kind("`key`", [1], [TEXT])[0].endswith(", not a list")
    assert wrong_kind("`key`", {}, [TEXT])[0].endswith(", not a block")


anything = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
anything = (
    anything | st.lists(st.integers(), max_size=1) | st.dictionaries(st.text(), st.integers())
)
kinds = st.sampled_from([WHOLE, NUMBER, TEXT, LIST, TRUTH, BLOCK, "`none`"])


@example(1e193, [WHOLE])
@given(anything, st.lists(kinds, min_size=1, max_size=3, unique=True))
def test_there_is_always_a_next_step_and_it_is_short(value: Any, expected: list[str]) -> None:
    what, step = wrong_kind("`key`", value, expected)
    assert what.isprintable()
    assert 0 < len(step) < 200
    assert step.isprintable()
