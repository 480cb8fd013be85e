"""Templates, refusals and stock phrases are no copies; copies are, however many there are."""

from doitkit.curate.overlap import Held
from doitkit.recipe.curation import Overlap
from tests.curate.overlap.reference import Row
from tests.curate.overlap.searching import as_matches, found

_TEMPLATE = (
    "Below is an instruction that describes a task, paired with an input that provides further "
    "context. Write a response that appropriately completes the request."
)
_FORM = "Think it through step by step and give the letter of the right choice on the last line."
_QUESTION = (
    "A farmer keeps twice as many hens as ducks and sells nine eggs of each hen at a quarter. "
    "With fourteen ducks in the pond, how much money do the eggs bring?"
)
_REFUSAL = (
    "I am sorry, but I cannot help with that, as it may do harm to you or to other people. "
    "Please ask somebody who knows the law."
)
_NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_THINGS = [f"{a} {b} {c}" for a in _NUMBERS for b in _NUMBERS for c in _NUMBERS]


def _framed(question: str) -> str:
    return f"{_TEMPLATE} ### {question} ### {_FORM}"


def test_a_template_of_the_rows_is_no_copy_of_an_item_that_has_it() -> None:
    rows = [Row("a", _framed(f"Count to {thing}."), "Done.") for thing in _THINGS[:50]]
    item = Held("test:1", _framed("Count the seas."), "7")
    assert found([item], rows).is_empty()
    assert found([item], rows[:5])["row"].to_list() == [0, 1, 2, 3, 4]


def test_a_frame_around_all_items_is_taken_off_them() -> None:
    items = [Held(f"test:{i}", _framed(f"Name {t}."), t) for i, t in enumerate(_THINGS[:20])]
    items.append(Held("test:20", _framed(_QUESTION), "31.5"))
    rows = [
        Row("a", f"{_TEMPLATE} Tell me a joke. {_FORM}", "No."),
        Row("a", _QUESTION, "63"),
        Row("a", f"Q: {_QUESTION}\nA:", "63"),
        Row("a", _framed(_QUESTION[_QUESTION.index(". ") :]), "63"),
    ]
    result = found(items, rows)
    assert result["row"].to_list() == [1, 2]
    assert result["item"].to_list() == [20, 20]
    assert result["passage"].to_list() == [_QUESTION[:-1], _QUESTION[:-1]]


def test_items_that_are_nothing_but_frame_tell_nothing() -> None:
    items = [Held(f"test:{i}", _framed("What is shown?"), t) for i, t in enumerate(_THINGS[:20])]
    assert found(items, [Row("a", _framed("What is shown?"), "A cat.")]).is_empty()


def test_what_many_items_hold_in_their_middle_does_not_count() -> None:
    items = [
        Held(f"test:{i}", f"{thing} {i} {_TEMPLATE} {thing} {thing} {i}?", "B")
        for i, thing in enumerate(_THINGS[:11])
    ]
    rows = [Row("a", f"Well: {_TEMPLATE}", "No."), Row("a", items[3].prompt, "No.")]
    assert found(items, rows, Overlap(share=0))["row"].to_list() == [1]
    assert found(items[:10], rows, Overlap(share=0))["row"].to_list() == [0, 1]


def test_a_short_prompt_with_many_answers_tells_nothing() -> None:
    items = [Held(f"test:{i}", "What do you see here, please?", t) for i, t in enumerate(_THINGS)]
    row = Row("a", "What do you see here, please?", "A cat.")
    assert found(items[:11], [row]).is_empty()
    assert found(items[:10], [row]).height == 1


def test_an_item_that_stands_in_several_sets_is_still_looked_for() -> None:
    items = [Held(f"test{number}:1", _QUESTION, "31.5") for number in range(30)]
    assert as_matches(found(items, [Row("a", _QUESTION, "31.5")])) == [(0, 0, "prompt", 1.0)]


def test_a_row_that_is_there_fifty_times_is_found_fifty_times() -> None:
    edited = _QUESTION.replace("farmer", "woman")
    rows = [Row("a", edited, "31.5")] * 50
    assert found([Held("test:1", _QUESTION, "31.5")], rows).height == 50


def test_fifty_solutions_of_one_question_are_found() -> None:
    edited = _QUESTION.replace("farmer", "woman")
    rows = [Row("a", edited, f"{edited} That makes {thing}.") for thing in _THINGS[:50]]
    assert found([Held("test:1", _QUESTION, "31.5")], rows).height == 50


def test_a_whole_prompt_in_fifty_different_rows_is_found() -> None:
    asked = [Row("a", f"In {thing} words: {_QUESTION}", "63") for thing in _THINGS[:50]]
    told = [Row("b", f"Give me problem {thing}.", f"{_QUESTION} Ha.") for thing in _THINGS[:50]]
    assert found([Held("test:1", _QUESTION, "31.5")], [*asked, *told]).height == 100


def test_what_many_rows_of_one_source_hold_tells_nothing_in_any() -> None:
    stock = _QUESTION[: _QUESTION.index(". ")]
    many = [Row("a", f"{stock}, and {thing}?", "No.") for thing in _THINGS[:11]]
    rows = [*many, Row("b", f"{stock}. Really?", "Yes.")]
    item = Held("test:1", f"{stock}. So what?", "B")
    assert found([item], rows).is_empty()
    assert found([item], rows, Overlap(common=11)).height == 12


def test_common_text_counts_neither_above_nor_below_the_line() -> None:
    item = Held("test:1", f"{_TEMPLATE} {_QUESTION}", "31.5")
    own = " ".join(_QUESTION.split()[:24])
    rows = [Row("a", f"{_TEMPLATE} Count to {thing}.", "Done.") for thing in _THINGS[:50]]
    (match,) = found([item], [*rows, Row("a", f"{_TEMPLATE} {own}", "?")]).rows(named=True)
    grams_of_own_words, with_template, held = 32 - 12, 12, 24
    assert match["row"] == 50
    assert match["share"] == held / (grams_of_own_words + with_template)


def test_a_refusal_that_many_prompts_get_is_common_text() -> None:
    item = Held("test:1", "How do I pick a lock?", _REFUSAL)
    rows = [Row("a", f"How do I steal {thing}?", _REFUSAL) for thing in _THINGS[:11]]
    assert found([item], rows).is_empty()
    assert found([item], rows[:10]).height == 10
    assert found([item], [Row("a", "How do I steal a horse?", _REFUSAL)] * 50).height == 50


def test_what_many_answers_to_one_prompt_say_is_common_text() -> None:
    opening = "Once upon a time, in a land of ice and snow, there was a king who had no son"
    item = Held("test:1", "Begin a tale.", f"{opening}.")
    rows = [Row("a", "Tell a tale.", f"{opening}, but {thing}.") for thing in _THINGS[:11]]
    assert found([item], rows).is_empty()
    assert found([item], rows[:10]).height == 10


def test_short_answers_are_not_looked_for() -> None:
    item = Held("test:1", _QUESTION, "The North Atlantic Treaty Organization")
    row = Row("a", "What is NATO?", "It is the North Atlantic Treaty Organization.")
    assert found([item], [row]).is_empty()


def test_short_prompts_are_looked_for_in_one_piece_if_long_enough() -> None:
    items = [
        Held("test:1", "Why is it important to recycle?", "B"),
        Held("test:2", "Name a big red fox.", "Otto"),
        Held("test:3", "Characteristics notwithstanding", "B"),
    ]
    rows = [
        Row("a", "Answer: why is it IMPORTANT to recycle", "To save."),
        Row("a", "Why is it important to read?", "To know."),
        Row("a", "Name a big red fox.", "Anna"),
        Row("a", "Characteristics notwithstanding", "C"),
    ]
    assert as_matches(found(items, rows)) == [(0, 0, "prompt", 1.0)]


def test_a_short_prompt_that_is_a_stock_phrase_tells_nothing() -> None:
    item = Held("test:1", "What is the meaning of life?", "42")
    rows = [
        Row("a", f"What is the meaning of life? Say it in {t} words.", "?") for t in _THINGS[:11]
    ]
    assert found([item], rows).is_empty()
    assert found([item], rows[:10]).height == 10


def test_a_short_prompt_is_not_found_in_a_longer_question() -> None:
    item = Held("test:1", "What is the capital of Australia?", "Canberra")
    rows = [
        Row("a", "What is the capital of Australia and when was it founded?", "1913"),
        Row("a", "I forgot what is the capital of Australia", "Canberra"),
        Row("a", "Say whether it is a question:\nWhat is the capital of Australia", "Yes"),
        Row("a", "“What is the capital of Australia,” he asked.", "Canberra, she said."),
    ]
    assert found([item], rows)["row"].to_list() == [2, 3]


def test_short_questions_that_begin_alike_are_found_without_their_frame() -> None:
    lands = ["Burundi", "Australia", "Mongolia", "Uruguay", "Iceland", "Cameroon", "Portugal"]
    items = [
        Held(f"test:{i}", _framed(f"What is the {thing} of {land}?"), "A")
        for i, (thing, land) in enumerate(
            (t, n) for n in lands for t in ("capital", "highest peak")
        )
    ]
    row = Row("a", "Please tell me: what is the highest peak of Burundi?", "Heha")
    assert as_matches(found(items, [row])) == [(0, 1, "prompt", 1.0)]
