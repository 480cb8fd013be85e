"""A value of another kind than its key takes, and how it would be written."""

import re
from typing import Any

from doitkit.recipe.flaw import shown

BLOCK = "a block of `key: value` lines"

EXPECTED = {
    "string_type": "text",
    "list_type": "a list",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": BLOCK,
    "model_type": BLOCK,
    "model_attributes_type": BLOCK,
}
"""The kinds of errors that pydantic finds of this sort, and what it expected."""

_NUMBER = re.compile(r"[-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?\Z")
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%\Z")
_GROUPED = re.compile(r"[0-9]{1,3}([,_ '][0-9]{3})+(\.[0-9]+)?\Z")
_SCALED = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([kKM])\Z")
_MONEY = r"(?:[$€£¥]|usd|eur|gbp|dollars?|euros?|credits?)"
_PRICED = re.compile(
    rf"{_MONEY} ?([0-9]+(?:\.[0-9]+)?)\Z|([0-9]+(?:\.[0-9]+)?) ?{_MONEY}\Z", re.IGNORECASE
)
_LONGEST = 40
_LARGEST = 1e15
"""Beyond it, the digits of a float are no number that anybody meant."""
_YES = {"yes", "on", "y", "true", "1"}
_NO = {"no", "off", "n", "false", "0"}


def wrong_kind(key: str, given: Any, expected: list[str]) -> tuple[str, str]:
    """Return what is wrong with `given`, and what to write in its place.

    Parameters
    ----------
    key
        What the place is called, as it stands in messages.
    expected
        What may stand there: values of `EXPECTED`, or words in backticks.
    """
    what = f"{key} must be {' or '.join(expected)}{_instead(given, expected)}"
    return what, _next_step(given, expected)


def _instead(given: Any, expected: list[str]) -> str:
    if given is None:
        return ", and there is nothing"
    if isinstance(given, dict):
        return ", not a block"
    if isinstance(given, list):
        return ", not a list"
    text = "the text " if isinstance(given, str) and _as_number(given, expected) == given else ""
    return f", not {text}`{_as_yaml(given)}`"


def _next_step(given: Any, expected: list[str]) -> str:
    if given is None:
        return _for_nothing(expected)
    if isinstance(given, dict):
        return _for_block(expected)
    if isinstance(given, list):
        return _for_list(expected)
    return (_for_text if isinstance(given, str) else _for_number)(given, expected)


def _for_nothing(expected: list[str]) -> str:
    if BLOCK in expected:
        return "write its keys below it, indented; or remove it"
    return "write a value after the colon, or remove the key"


def _for_block(expected: list[str]) -> str:
    if "a list" in expected and "text" not in expected:
        return "begin each element with a dash and a space: `- `"
    return "write one value in the same line, in quotes if it holds a colon"


def _for_list(expected: list[str]) -> str:
    if BLOCK in expected:
        return "take away the dashes, or brackets: one `key: value` a line"
    return "write one value, without brackets or dashes"


def _for_text(given: str, expected: list[str]) -> str:
    number = _as_number(given, expected)
    if number is not None:
        return f"remove the quotes: {number}" if number == given else f"write {number}"
    if "true or false" in expected and given.lower() in _YES | _NO:
        return f"write {'true' if given.lower() in _YES else 'false'}"
    if "a list" in expected and given.startswith("-"):
        return "put a space after each dash"
    if "a list" in expected:
        return f"write in brackets: [{shown(given)}]"
    if BLOCK in expected and re.match(r"[\w.-]+:\S", given):
        return "put a space after the colon"
    words = [word for word in expected if word.startswith("`")]
    return f"write {' or '.join([*words, _example(expected)])}"


def _for_number(given: Any, expected: list[str]) -> str:
    if isinstance(given, float) and "a whole number" in expected:
        meant = given.is_integer() and abs(given) < _LARGEST
        return f"write {int(given) if meant else 'a whole number, such as 100'}"
    if "true or false" in expected and given in (0, 1):
        return f"write {'true' if given else 'false'}"
    if "text" in expected:
        return f'write in quotes: "{_as_yaml(given)}"'
    if "a list" in expected:
        return f"write in brackets: [{_as_yaml(given)}]"
    return f"write {_example(expected)}"


def _example(expected: list[str]) -> str:
    return {
        "a whole number": "digits only, such as 100",
        "a number": "a number, such as 0.5",
        BLOCK: "its keys below it, indented",
    }.get(expected[0], expected[0])


def _as_number(given: str, expected: list[str]) -> str | None:
    """Return the number that a text seems to mean, as it is to be written."""
    whole = "a whole number" in expected
    number: str | None = None
    if len(given) > _LONGEST or (not whole and "a number" not in expected):
        return None
    if _NUMBER.match(given):
        number = given if not whole or given.lstrip("+-").isdecimal() else None
    elif _GROUPED.match(given):
        number = re.sub("[,_ ']", "", given)
    elif match := _SCALED.match(given):
        number = _plain(float(match[1]) * (1000 if match[2] in "kK" else 1_000_000))
    elif match := _PERCENT.match(given):
        number = None if whole else _plain(float(match[1]) / 100)
    elif match := _PRICED.match(given):
        number = match[1] or match[2]
    return number


def _plain(number: float) -> str:
    return str(int(number)) if number.is_integer() else f"{number:.10g}"


def _as_yaml(given: Any) -> str:
    return str(given).lower() if isinstance(given, bool) else shown(given)
