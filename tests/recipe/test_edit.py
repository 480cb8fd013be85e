"""Editing a block: it says the new value, and every other line is as it was."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.core.errors import RecipeError
from doitkit.core.resources import shipped_names
from doitkit.recipe import find_recipe, recipe_from_text
from doitkit.recipe.document import parse
from doitkit.recipe.edit import replace_block

TEXT = """\
# yaml-language-server: $schema=x.json
doitkit: 1  # the language

# What we hold today.
mixture:
# counted last week
  counts:
    math: {human: 10}   # few

    code:
      human: 20
  # end of the mixture

# The runs.
ladder: {sizes: [8, 32],
  seeds: [1]}
notes: |
  two
  lines

last: 1"""


def _lines_gone(before: str, after: str) -> list[str]:
    kept = after.split("\n")
    return [line for line in before.split("\n") if line not in kept]


def test_a_block_in_the_middle_is_replaced() -> None:
    new = replace_block(TEXT, "mixture", {"counts": {"math": {"human": 30}}}, "By doitkit.")
    value = parse(new, "f").value
    assert value["mixture"] == {"counts": {"math": {"human": 30}}}
    assert {k: v for k, v in value.items() if k != "mixture"} == {
        k: v for k, v in parse(TEXT, "f").value.items() if k != "mixture"
    }
    assert "# By doitkit.\nmixture:\n" in new
    assert _lines_gone(TEXT, new) == [
        "# counted last week",
        "    math: {human: 10}   # few",
        "    code:",
        "      human: 20",
    ]


@pytest.mark.parametrize("key", ["doitkit", "ladder", "notes", "last", "brand_new"])
def test_any_block_can_be_replaced_or_added(key: str) -> None:
    new = replace_block(TEXT, key, {"a": [1, "x"]})
    assert parse(new, "f").value == {**parse(TEXT, "f").value, key: {"a": [1, "x"]}}
    assert replace_block(new, key, {"a": [1, "x"]}) == new


def test_windows_line_ends_elsewhere_stay() -> None:
    text = TEXT.replace("\n", "\r\n")
    new = replace_block(text, "ladder", 1)
    assert new.startswith(text[: text.index("ladder")])
    assert new.endswith(text[text.index("notes") :])


def test_a_recipe_in_braces_is_refused() -> None:
    with pytest.raises(RecipeError, match="in braces"):
        replace_block('{"doitkit": 1, "name": "x"}', "name", "y")


@pytest.mark.parametrize("name", shipped_names("recipes", ".yaml"))
def test_a_shipped_recipe_with_another_mixture_still_loads(name: str) -> None:
    file = find_recipe(name)
    text = file.read_text(encoding="utf-8")
    # Where it lies, since it may extend what lies beside it.
    ability, origin = recipe_from_text(text, file, data_root=".").cells()[0]
    counts = {ability: {origin: 7}}
    new = replace_block(text, "mixture", {"counts": counts}, "What was advised.")
    recipe = recipe_from_text(new, file, data_root=".")
    assert recipe.mixture.counts == counts
    before, after = parse(text, "f").value, parse(new, "f").value
    assert {**after, "mixture": None} == {**before, "mixture": None}


tricky = st.sampled_from(
    ["2e-3", "1e5", "5.", ".5", "+1", "0x1F", "1_000", "no", "null", "~", "", "=", "<<", "12:30",
     "a: b", "- x", "# c", "é", "\u2028", "'", '"', "two\nlines", " x ", "&a", "*a", "!t", "%d"]
)  # fmt: skip
scalars = (
    tricky | st.none() | st.booleans() | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(tricky.filter(lambda key: key != "<<"), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(values)
def test_what_is_written_is_what_is_read(value: Any) -> None:
    document = parse(replace_block(TEXT, "mixture", value), "f")
    assert document.flaws == []
    assert json.dumps(document.value["mixture"]) == json.dumps(value)
    assert document.value["last"] == 1
