"""The loss is on the assistant's words and their end marks, in every chat format."""

from functools import cache
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.core.errors import ModelError
from doitkit.core.models import completed_tokenizer, end_marks, rendered
from doitkit.train.tokens import IGNORED, Encoded, encode
from tests.models import byte_tokenizer
from tests.train.templates import FORGETFUL, FORMATS, NUMBERED, Format

LONG = [
    ("user", "What is in the tin?"),
    ("assistant", "A thing:\n\n- tea \u2615\n- an ant"),
    ("user", "And under it?"),
    ("assistant", "Nothing at all."),
    ("user", "Sure?"),
    ("assistant", "\u662f\u7684\u3002"),
]


def chat(*turns: tuple[str, str]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in turns]


@cache
def tokenizer_of(name: str) -> Any:
    form = FORMATS[name]
    made = byte_tokenizer(form.template, list(form.special), eos=form.eos, bos=form.bos)
    return completed_tokenizer(made)


def trained_texts(tokenizer: Any, encoded: Encoded) -> list[str]:
    """Return the text of each stretch of labelled tokens."""
    pairs = zip(encoded.input_ids, encoded.labels, strict=True)
    stretches = groupby(pairs, key=lambda pair: pair[1] != IGNORED)
    return [
        tokenizer.decode([token for token, _ in stretch])
        for trained, stretch in stretches
        if trained
    ]


def expected(form: Format, messages: list[dict[str, str]]) -> list[str]:
    answers = [m["content"] for m in messages if m["role"] == "assistant"]
    ends = [form.after] * (len(answers) - 1) + [form.last]
    return [form.before + text + end for text, end in zip(answers, ends, strict=True)]


@pytest.mark.parametrize("turns", [2, 4, 6])
@pytest.mark.parametrize("name", FORMATS)
def test_exactly_the_assistants_words_are_trained(name: str, turns: int) -> None:
    form, tokenizer = FORMATS[name], tokenizer_of(name)
    messages = chat(*LONG[:turns])
    if form.system:
        messages = [{"role": "system", "content": "Be in the tin."}, *messages]
    encoded = encode(tokenizer, messages)
    assert trained_texts(tokenizer, encoded) == expected(form, messages)
    assert tokenizer.decode(encoded.input_ids) == rendered(tokenizer, messages, prompt=False)
    pairs = zip(encoded.input_ids, encoded.labels, strict=True)
    assert all(label in (token, IGNORED) for token, label in pairs)


_words = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="<>|"),
    min_size=1,
    max_size=30,
).filter(lambda text: text == text.strip())


@pytest.mark.parametrize("name", FORMATS)
@given(texts=st.lists(st.tuples(_words, _words), min_size=1, max_size=3))
def test_whatever_is_said_only_the_assistant_is_trained(
    name: str, texts: list[tuple[str, str]]
) -> None:
    tokenizer = tokenizer_of(name)
    pairs = [(("user", q), ("assistant", a)) for q, a in texts]
    messages = chat(*(turn for pair in pairs for turn in pair))
    found = trained_texts(tokenizer, encode(tokenizer, messages))
    assert found == expected(FORMATS[name], messages)


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_asked_of_the_model_is_the_text_before_its_answer(name: str) -> None:
    tokenizer = tokenizer_of(name)
    messages = chat(*LONG[:4])
    encoded = encode(tokenizer, messages)
    prompt = rendered(tokenizer, messages[:-1], prompt=True)
    ids = tokenizer(prompt, add_special_tokens=False).input_ids
    assert encoded.input_ids[: len(ids)] == ids
    assert encoded.labels[len(ids)] != IGNORED
    assert encoded.labels[len(ids) - 1] == IGNORED


@pytest.mark.parametrize(
    ("name", "marks"),
    [
        ("chatml", ["<|im_end|>"]),
        ("llama-2", ["</s>"]),
        ("llama-3", ["<|eot_id|>", "<|end_of_text|>"]),
        ("zephyr", ["</s>"]),
        ("gemma", ["<end_of_turn>", "<eos>"]),
        ("phi-3", ["<|end|>", "<|endoftext|>"]),
    ],
)
def test_what_ends_an_answer_is_found_in_the_template(name: str, marks: list[str]) -> None:
    assert end_marks(tokenizer_of(name)) == marks


@pytest.mark.parametrize("template", [FORGETFUL, NUMBERED])
def test_a_template_that_rewrites_earlier_turns_is_refused(template: str) -> None:
    tokenizer = byte_tokenizer(template, [])
    with pytest.raises(ModelError, match="rewrites turns") as caught:
        encode(tokenizer, chat(*LONG[:4]))
    assert caught.value.exit_code == 2


def test_a_template_that_forgets_thoughts_serves_for_single_turns() -> None:
    tokenizer = byte_tokenizer(FORGETFUL, [])
    encoded = encode(tokenizer, chat(("user", "Hi"), ("assistant", "Hello")))
    assert trained_texts(tokenizer, encoded) == ["<think></think>Hello</s>"]


def test_a_template_that_refuses_system_messages_is_said() -> None:
    messages = chat(("system", "Be brief."), *LONG[:2])
    with pytest.raises(ModelError, match="refuses a chat") as caught:
        encode(tokenizer_of("gemma"), messages)
    assert "System role not supported" in str(caught.value)
    assert "system, user, assistant" in str(caught.value)


def test_a_tokenizer_without_a_template_gets_the_plain_one() -> None:
    tokenizer = completed_tokenizer(byte_tokenizer(None, []))
    messages = chat(("system", "Be brief."), *LONG[:4])
    encoded = encode(tokenizer, messages)
    assert trained_texts(tokenizer, encoded) == [f"{LONG[i][1]}</s>" for i in (1, 3)]
    assert tokenizer.decode(encoded.input_ids) == (
        "Be brief.\n\n"
        f"### Instruction:\n{LONG[0][1]}\n\n### Response:\n{LONG[1][1]}</s>\n\n"
        f"### Instruction:\n{LONG[2][1]}\n\n### Response:\n{LONG[3][1]}</s>\n\n"
    )


def test_the_plain_template_opens_as_the_tokenizer_does() -> None:
    plain = completed_tokenizer(byte_tokenizer(None, [], bos="<s>", adds_bos=True))
    ids = encode(plain, chat(*LONG[:2])).input_ids
    assert ids[0] == plain.bos_token_id
    assert plain.bos_token_id not in ids[1:]
    unasked = completed_tokenizer(byte_tokenizer(None, [], bos="<s>"))
    assert unasked.bos_token_id not in encode(unasked, chat(*LONG[:2])).input_ids


def test_a_tokenizer_that_cannot_end_a_text_is_refused() -> None:
    with pytest.raises(ModelError, match="no end-of-text token"):
        completed_tokenizer(byte_tokenizer(None, [], eos=None))
