"""The kinds of personal data: how each is found in a text."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from doitkit.curate.filters.checksums import (
    IBAN_LENGTHS,
    is_card_number,
    is_iban,
    is_public_address,
)
from doitkit.recipe.filters import Personal


@dataclass(frozen=True)
class Kind:
    """One kind of personal data.

    Attributes
    ----------
    sign
        A pattern for Polars, which knows no look-around: every text that holds one has it, and
        few others do.
    pattern
        Matches what looks like one.
    genuine
        Whether a match is one: checksums, and what stands before it.
    """

    sign: str
    pattern: re.Pattern[str]
    genuine: Callable[[re.Match[str]], bool] = lambda _: True


_VERSION = re.compile(r"(?:version|release|build|ver\.?|v)[\s:=]{0,3}\Z", flags=re.IGNORECASE)
_BEFORE = 12


def _address(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - _BEFORE) : match.start()]
    return _VERSION.search(before) is None and is_public_address(match[0])


def _phone(match: re.Match[str]) -> bool:
    digits = sum(sign.isdigit() for sign in match[0])
    apart = any(not sign.isdigit() for sign in match[0][1:])
    # Numbers of people are seldom round; eight digits behind a plus may be a sum.
    fewest = 8 if apart else 10
    return fewest <= digits <= 15 and not match[0].endswith("000000")


def _key(match: re.Match[str]) -> bool:
    # sk- begins class names of style sheets too, and placeholders are all of one letter.
    if not match[0].startswith("sk-"):
        return True
    return any(s.isdigit() for s in match[0]) and any(s.isupper() for s in match[0])


_EMAIL = (
    r"[A-Za-z0-9_%+][A-Za-z0-9._%+-]{0,63}"
    r"@(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,8}[A-Za-z]{2,24}"
)
_PHONE = (
    r"\+[1-9](?:[ .-]?\(?[0-9]{1,4}\)?){2,6}"
    r"|(?:\([2-9][0-9]{2}\) ?|(?:1[.-])?[2-9][0-9]{2}[.-])[2-9][0-9]{2}[ .-][0-9]{4}"
    r"|1[3-9][0-9]{9}|0[0-9]{2,3}-[0-9]{7,8}"
)
"""Numbers with a country's code (ITU-T E.164), of North America, and of China."""
_IPV4 = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_IPV6 = r"[23][0-9A-Fa-f]{3}:(?:[0-9A-Fa-f]{0,4}:){2,6}[0-9A-Fa-f]{0,4}"
_CARD_GROUPS = r"[2-6][0-9]{3}[ -]?(?:[0-9]{4}[ -]?[0-9]{4}|[0-9]{6}[ -]?[0-9]{3})"
_CARD = (
    r"(?=4|5[1-5]|2[2-7]|3[457]|6[025])"
    r"(?:[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{4}|3[47][0-9]{2}([ -])[0-9]{6}\2[0-9]{5}"
    r"|[0-9]{13,19})"
)
_IBAN = "|".join(
    rf"(?:{countries.replace(' ', '|')})[0-9]{{2}}(?: ?[A-Z0-9]){{{length - 4}}}"
    for length, countries in IBAN_LENGTHS.items()
)
_SSN = r"[0-9]{3}-[0-9]{2}-[0-9]{4}"
_PREFIXED_KEYS = (
    r"sk-(?:[a-z]{3,8}-)?[A-Za-z0-9_-]{20,}",
    r"(?:AKIA|ASIA)[A-Z0-9]{16}",
    r"gh[oprsu]_[A-Za-z0-9]{36,}",
    r"github_pat_[A-Za-z0-9_]{22,}",
    r"glpat-[A-Za-z0-9_-]{20,}",
    r"xox[abeprs]-[A-Za-z0-9-]{10,}",
    r"AIza[A-Za-z0-9_-]{35}",
    r"hf_[A-Za-z0-9]{30,}",
    r"[rs]k_live_[A-Za-z0-9]{16,}",
    r"npm_[A-Za-z0-9]{36}",
)
_KEY_BEGIN = r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
_KEY_REST = (
    r"(?:(?:\s|\\[rn])*(?:[A-Za-z0-9+/=]{16,}|(?:Proc-Type|DEK-Info)[^\n]*))*"
    r"(?:(?:\s|\\[rn])*[A-Za-z0-9+/=]{0,16}(?:\s|\\[rn])*"
    r"-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----)?"
)
_KEYS = "|".join(_PREFIXED_KEYS)


def _apart(pattern: str, before: str, after: str) -> re.Pattern[str]:
    """Compile `pattern` for where it is no part of something longer."""
    return re.compile(f"(?<!{before})(?:{pattern})(?!{after})")


_WORD = r"[A-Za-z0-9_]"
_NO_NUMBER = rf"(?:{_WORD}|[.-][0-9])"

KINDS: dict[Personal, Kind] = {
    "secret_key": Kind(
        f"{_KEYS}|{_KEY_BEGIN}",
        re.compile(rf"(?<![A-Za-z0-9_-])(?:{_KEYS})|{_KEY_BEGIN}{_KEY_REST}"),
        _key,
    ),
    "email": Kind(
        r"[A-Za-z0-9._%+-]@[A-Za-z0-9]",
        _apart(_EMAIL, r"[A-Za-z0-9._%+-]", r"[A-Za-z0-9_(]"),
    ),
    "iban": Kind(
        r"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11}",
        _apart(_IBAN, _WORD, _WORD),
        lambda match: is_iban(match[0]),
    ),
    "credit_card": Kind(
        _CARD_GROUPS, _apart(_CARD, r"[A-Za-z0-9_.-]", _NO_NUMBER), lambda m: is_card_number(m[0])
    ),
    "us_ssn": Kind(
        _SSN,
        _apart(rf"(?!000|666|9)(?!.{{4}}00)(?!.{{7}}0000){_SSN}", r"[A-Za-z0-9_.-]", _NO_NUMBER),
    ),
    "ip": Kind(
        f"{_IPV4}|{_IPV6}",
        _apart(f"{_IPV4}|{_IPV6}", r"[A-Za-z0-9_.:]", r"(?:[A-Za-z0-9_:]|\.[0-9])"),
        _address,
    ),
    "phone": Kind(_PHONE, _apart(_PHONE, r"[A-Za-z0-9_+.-]", _NO_NUMBER), _phone),
}
"""In the order in which they are looked for: what is more certain comes first."""
