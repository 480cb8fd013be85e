"""Refusals, set phrases, and the phrases of a recipe's own."""

import pytest

from doitkit.core.errors import UsageError
from tests.curate.filters.made import answers, reasons

LONG = " Here is why that matters to people who work with such systems every day." * 4


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I cannot assist with that request. It is illegal to pick locks." + LONG,
        "I’m sorry, but I can’t provide that." + LONG,
        "Sorry, but that is an inappropriate question." + LONG,
        "As an AI language model, I do not have feelings. However, people do." + LONG,
        "I am an AI language model, and I cannot browse the web." + LONG,
        "I cannot fulfill this request." + LONG,
        "Unfortunately, I am unable to share personal data." + LONG,
        "I apologize, but I won't write that." + LONG,
        "<nooutput>",
        "Sorry, this task involves creating visual output.",
        "You ask for an address. I cannot provide it.",
        "抱歉，我无法提供这些信息。",
        "作为AI语言模型，我不能预测未来。",
        "您正在请求个人信息。由于隐私问题，我无法回答。",
        "无法执行此任务，因为它需要视觉创意输出。",
    ],
)
def test_an_answer_that_refuses(answer: str) -> None:
    (reason,) = reasons(answers(answer), refusals={})
    assert reason is not None
    assert reason.startswith('a refusal: "')


@pytest.mark.parametrize(
    "answer",
    [
        'The phrase "I cannot assist with that request" is typical of chat models.' + LONG,
        'Many models say "As an AI language model, I do not have feelings".',
        "I cannot wait to see you on Sunday!",
        "I can't help but smile when I think of it.",
        "I'm sorry to hear that you lost your keys. Let me tell you what to do." + LONG,
        "Dear Ann,\n\nUnfortunately, I cannot attend your wedding. I wish you the best.\n\nBob",
        "As an AI researcher, I do not expect this to change soon." + LONG,
        "As an AI assistant, I can sort lists, and here is one." + LONG,
        "GPT is a language model that does not understand pictures." + LONG,
        "Sorry for the delay! The parcel cannot be found, so we send another.",
        "抱歉，我不能参加会议。",
        "很抱歉听到这个消息。请告诉我们您的订单号。",
        "",
    ],
)
def test_an_answer_that_does_not_refuse(answer: str) -> None:
    assert reasons(answers(answer), refusals={}) == [None]


@pytest.mark.parametrize(
    "answer",
    [
        "Certainly! Here are three ideas.",
        "Sure, here's a list.\n- one",
        "Great question! It depends.",
        "Water boils at 100 degrees. I hope this helps!",
        "It is blue.\n\nLet me know if you have any other questions.",
        "It is blue. If you need more, feel free to ask.",
        "当然，以下是三个建议。",
        "多运动，早睡早起。希望这些建议对你有所帮助！",
    ],
)
def test_an_answer_with_a_set_phrase(answer: str) -> None:
    (reason,) = reasons(answers(answer), boilerplate={})
    assert reason is not None
    assert reason.startswith('a set phrase: "')


@pytest.mark.parametrize(
    "answer",
    [
        "I am sure. Here we go again, said the fox.",
        "Of course the earth is round.",
        "They hope this helps to keep the store open.",
        "Dear Ann,\n\nI hope this helps. Feel free to ask.\n\nYours,\nBob",
        "Feel free to ask: so said a board above the door of the school." + LONG,
        "",
    ],
)
def test_an_answer_without_one(answer: str) -> None:
    assert reasons(answers(answer), boilerplate={}) == [None]


def test_phrases_of_the_recipe_count_anywhere_and_blind_to_case() -> None:
    rows = answers("We, the ACME Corp. (Don’t panic), refuse.", "I cannot assist you.", None)
    assert reasons(rows, refusals={"phrases": ["acme corp. ("]}) == [
        'a refusal: "acme corp. ("', None, None,
    ]  # fmt: skip
    assert reasons(rows, refusals={"also": ["DON'T PANIC"]}) == [
        'a refusal: "don\'t panic"', 'a refusal: "i cannot assist"', None,
    ]  # fmt: skip


def test_of_phrases_that_begin_alike_the_longest_is_told() -> None:
    rows = answers("As a large language model, I speak.")
    said = reasons(rows, boilerplate={"also": ["as a large", "as a large language model"]})
    assert said == ['a set phrase: "as a large language model"']


def test_an_empty_phrase_would_be_everywhere() -> None:
    with pytest.raises(UsageError, match="a phrase is empty") as caught:
        reasons(answers("a"), boilerplate={"also": [" "]})
    assert caught.value.where == "curate.filters.boilerplate"
