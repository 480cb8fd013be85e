"""What calls of tools become is trained on as it stands, with every chat format."""

import pytest

from doitkit.source.formats import interpret
from doitkit.train.tokens import encode
from tests.train.templates import FORMATS
from tests.train.test_tokens import expected, tokenizer_of, trained_texts

CALL = {"name": "weather", "arguments": {"at": "Zürich", "days": [1, 2]}}
CHAT = {
    "messages": [
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": "I look.", "tool_calls": [{"function": CALL}]},
        {"role": "tool", "content": '{"degrees": 21}'},
        {"role": "assistant", "content": "21 degrees."},
    ],
    "tools": [{"name": "weather", "parameters": {"type": "object"}}],
}


@pytest.mark.parametrize("name", FORMATS)
def test_calls_and_answers_are_trained_and_results_are_not(name: str) -> None:
    form, tokenizer = FORMATS[name], tokenizer_of(name)
    chat = [dict(m) for m in interpret("messages", CHAT).messages]
    messages = chat if form.system else chat[1:]
    encoded = encode(tokenizer, messages)
    assert trained_texts(tokenizer, encoded) == expected(form, messages)
    whole = tokenizer.decode(encoded.input_ids)
    assert '<tool_response>\n{"degrees": 21}\n</tool_response>' in whole
