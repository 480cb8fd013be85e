"""The key of a JSON object under which the rows lie."""

import json

import pytest

from doitkit.source.records_at import list_of_objects


@pytest.mark.parametrize(
    ("document", "key"),
    [
        ({"example": [{"a": 1}]}, "example"),
        ({"keywords": ["x", "y", "z"], "model": "m", "example": [{"a": 1}]}, "example"),
        ({"authors": [{"name": "x"}], "data": [{"a": 1}, {"a": 2}], "n": 2}, "data"),
        ({"ключ [1]": [{"a": 1}]}, "ключ [1]"),
        ({"rows": []}, None),
        ({"rows": ["a", "b"]}, None),
        ({"rows": {"a": 1}}, None),
        ({}, None),
        ([{"a": [{"b": 1}]}], None),
        ("text", None),
    ],
)
def test_whole_documents(document: object, key: str | None) -> None:
    assert list_of_objects(json.dumps(document)) == key
    assert list_of_objects(json.dumps(document, indent=2, ensure_ascii=False)) == key


def test_a_list_that_is_cut_off_counts_and_what_is_cut_before_it_does_not() -> None:
    text = json.dumps({"meta": {"a": 1}, "data": [{"q": "x" * 20} for _ in range(50)]})
    assert list_of_objects(text[:400]) == "data"
    assert list_of_objects(text[:12]) is None
    assert list_of_objects(text[: text.index("[") + 1]) is None


def test_lines_of_objects_are_no_object() -> None:
    line = json.dumps({"id": 1, "messages": [{"role": "user", "content": "x"}]})
    assert list_of_objects(f"{line}\n{line}\n") is None
    assert list_of_objects(f"{line}\n{line[:30]}") is None


@pytest.mark.parametrize("text", ["", "{", '{"a"', '{"a":', "{a: 1}", '{"a": [{', "[" * 9000])
def test_what_is_no_json_is_no_trouble(text: str) -> None:
    assert list_of_objects(text) in (None, "a")
