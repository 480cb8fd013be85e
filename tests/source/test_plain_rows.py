"""Rows read many at a time have the meaning that they have one by one."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doitkit.recipe.data import FileSource
from doitkit.source import ChatReader, records
from doitkit.source.formats import RowError, interpret, required_columns
from doitkit.source.frame import FILE, LINE, frame_of_rows
from doitkit.source.pieces import piece_of
from doitkit.source.plain_rows import plain_rows
from doitkit.source.raw import RawRow
from doitkit.source.records import Meant

COLUMNS = {
    "alpaca": ("instruction", "output", "input", "system"),
    "prompt_completion": ("prompt", "completion", "system"),
}
BLANKS = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2028\u2029\u202f\u205f\u3000"
NO_BLANKS = "\x00\x1b\u180e\u200b\u2060\ufeff"

blanks = st.text(alphabet=BLANKS, max_size=3)
words = st.text(alphabet="aé你😀\n " + NO_BLANKS, max_size=3)
odd = st.none() | st.booleans() | st.integers() | st.floats() | st.lists(words, max_size=2)
cells = st.one_of(words, words, words, blanks, st.none(), st.text(max_size=3), odd)
columns = st.sampled_from([words, words, st.none(), st.none() | blanks, cells, st.just(1), odd])


@st.composite
def _frames(draw: st.DrawFn) -> tuple[str, pl.DataFrame]:
    """Return rows in the canonical columns of a format: some columns of texts, some of others."""
    form = draw(st.sampled_from(sorted(COLUMNS)))
    needed = required_columns(form)
    held = {c: draw(columns) for c in COLUMNS[form] if c in needed or draw(st.booleans())}
    rows = draw(st.lists(st.fixed_dictionaries(held), max_size=8))
    raw = [RawRow(f"{n % 2}.jsonl", n, row) for n, row in enumerate(rows, 1)]
    frame = frame_of_rows(raw)
    return form, frame.with_columns(pl.lit(None).alias(c) for c in held if c not in frame.columns)


def _meaning(form: str, row: dict[str, Any]) -> list[dict[str, str]] | str:
    try:
        return list(interpret(form, row).messages)
    except RowError as error:
        return str(error)


@settings(max_examples=300)
@given(_frames())
def test_a_plain_row_means_what_it_means_by_itself(drawn: tuple[str, pl.DataFrame]) -> None:
    form, frame = drawn
    found = plain_rows(form, frame)
    if found is None:
        return
    plain, chats = found
    alone = [_meaning(form, row) for row in frame.iter_rows(named=True)]
    # Where all columns hold texts, all that has a meaning is plain.
    assert plain.to_list() == [not isinstance(meaning, str) for meaning in alone]
    assert chats.columns == ["messages"]
    assert chats["messages"].to_list() == [m for m in alone if not isinstance(m, str)]


@settings(max_examples=200)
@given(_frames())
def test_chats_and_rejects_are_those_of_the_way_row_by_row(
    drawn: tuple[str, pl.DataFrame],
) -> None:
    form, frame = drawn
    raw = [
        RawRow(row.pop(FILE), row.pop(LINE), row)  # the arguments are taken from left to right
        for row in frame.iter_rows(named=True)
    ]
    many = _meant(form, raw)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "plain_rows", lambda form, frame: None)
        one_by_one = _meant(form, raw)
    assert many.rejects == one_by_one.rejects
    assert many.rows.drop("answer").equals(one_by_one.rows.drop("answer"))
    assert many.rows.height + len(many.rejects) == len(raw)


def _meant(form: Any, raw: list[RawRow]) -> Meant:
    source = FileSource(path="0.jsonl", format=form, origin="human")
    reader = ChatReader("s", source, Path())
    piece = piece_of(raw, [])
    (found,) = reader.chats([piece], reader.types([piece]))
    return found


@pytest.mark.parametrize("blank", BLANKS)
def test_a_text_of_white_space_is_none(blank: str) -> None:
    row = {"instruction": blank, "output": blank, "input": blank, "system": blank}
    frame = pl.DataFrame([row, row | {"instruction": "a", "output": f"{blank}b"}])
    found = plain_rows("alpaca", frame)
    assert found is not None
    plain, chats = found
    assert plain.to_list() == [False, True]
    assert [m["content"] for m in chats["messages"][0]] == ["a", f"{blank}b"]


@pytest.mark.parametrize("text", NO_BLANKS)
def test_a_text_that_only_looks_empty_is_one(text: str) -> None:
    frame = pl.DataFrame({"prompt": [text], "completion": [text]})
    found = plain_rows("prompt_completion", frame)
    assert found is not None
    assert found[0].all() == bool(text.strip())
