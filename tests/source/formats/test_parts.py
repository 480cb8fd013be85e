"""Content in parts: texts are joined, and rows with more than text are left out with a reason."""

from typing import Any

import pytest

from doitkit.source.formats import RowError, interpret
from tests.source.formats.said import said


def _row(*parts: Any) -> dict[str, Any]:
    return {
        "messages": [
            {"role": "user", "content": list(parts)},
            {"role": "assistant", "content": [{"type": "text", "text": "a"}]},
        ]
    }


def test_texts_stand_on_lines_of_their_own() -> None:
    row = _row({"type": "text", "text": "one"}, {"type": "input_text", "text": "two"}, "three")
    assert said("messages", row) == [("user", "one\ntwo\nthree"), ("assistant", "a")]
    merged = {"type": "text", "text": "one", "image_url": None, "image": None}
    assert said("messages", _row(merged, None, {"text": " "}))[0] == ("user", "one")


@pytest.mark.parametrize(
    ("part", "held"),
    [
        ({"type": "image_url", "image_url": {"url": "x"}}, "an image"),
        ({"type": "image", "text": None}, "an image"),
        ({"type": "input_image", "image_url": "x"}, "an image"),
        ({"image": {"bytes": b"\x89PNG", "path": None}}, "an image"),
        ({"type": "input_audio", "input_audio": {}}, "audio"),
        ({"type": "video"}, "a video"),
        ({"type": "file", "file": {}}, "a file"),
        ({"type": "refusal", "refusal": "No."}, "a part of the type 'refusal'"),
        ({"text": 3}, "a part of the type None"),
        (3, "a part that is not text"),
    ],
)
def test_what_is_not_text_is_named(part: Any, held: str) -> None:
    with pytest.raises(RowError, match=f"message 1 holds {held}"):
        interpret("messages", _row({"type": "text", "text": "Look:"}, part))


def test_a_message_without_text_is_none() -> None:
    for parts in ([], [""], [{"type": "text", "text": "\n"}]):
        with pytest.raises(RowError, match="message 1 has no text"):
            interpret("messages", _row(*parts))
