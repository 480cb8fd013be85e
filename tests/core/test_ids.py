"""Ids of many chats at once are those of each."""

from json import encoder

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from doitkit.core import ids
from doitkit.core.hashing import rank_key, rank_keys
from doitkit.core.records import folded, messages_id, prompt_id

texts = st.text(st.characters(exclude_categories=["Cs"]))
plain = st.text(st.sampled_from('aB  \t\n\x1f\x85é\u3000ß"\\/'))
chats = st.lists(st.tuples(st.sampled_from(["system", "user", "tool", "é"]), texts | plain))
_MESSAGES = pl.List(pl.Struct({"role": pl.String, "content": pl.String}))


@given(st.lists(chats))
@example([])
@example([[]])
@example([[], [("user", "a")], []])
def test_ids_of_many_are_those_of_each(given: list[list[tuple[str, str]]]) -> None:
    many = [[{"role": role, "content": content} for role, content in chat] for chat in given]
    found, prompts = ids.chat_ids(pl.Series(many, dtype=_MESSAGES))
    assert found.to_list() == [messages_id(chat) for chat in many]
    assert prompts.to_list() == [prompt_id(chat) for chat in many]


@given(st.lists(texts | plain))
def test_texts_are_folded_as_each_is(given: list[str]) -> None:
    assert ids.folded_texts(pl.Series(given, dtype=pl.String)).to_list() == list(map(folded, given))


def test_ids_do_not_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """They name datasets that exist: another version of a library must not give others."""
    chat = [{"role": "user", "content": 'Say "é"\n\x00\x7f'}, {"role": "assistant", "content": "é"}]
    expected = ("27e111e0dcb09020a7f11c594727dc39", "9f5c20bcbcad13df305854de0dd25249")
    for quotes_alike in (True, False):
        monkeypatch.setattr(ids, "_quotes_as_python", lambda alike=quotes_alike: alike)
        found, prompts = ids.chat_ids(pl.Series([chat], dtype=_MESSAGES))
        assert (found.item(), prompts.item()) == expected


def test_every_character_is_quoted_as_python_does() -> None:
    every = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x110000)]))
    assert ids._quoted_by_polars(pl.Series([every])).item() == encoder.encode_basestring(every)


@given(st.integers(-(2**63), 2**63 - 1), st.lists(texts))
def test_ranks_of_many_are_those_of_each(seed: int, given: list[str]) -> None:
    assert rank_keys(seed, given).tolist() == [rank_key(seed, each) for each in given]
