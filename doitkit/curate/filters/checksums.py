"""Checks that tell a number of an account or a machine from any other number."""

import ipaddress
import re

_CARD_LENGTHS = {
    "34": (15,),
    "37": (15,),
    "4": (13, 16, 19),
    "62": (16, 17, 18, 19),
}
"""The first digits of a card -> how many it may have; others have 16."""


def passes_luhn(digits: str) -> bool:
    """Say whether `digits` end in their check digit (ISO/IEC 7812-1, annex B)."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(map(int, digits[::-2]))) % 10 == 0


def is_card_number(text: str) -> bool:
    """Say whether `text` is a card number: the length of its brand, and the check digit."""
    digits = re.sub(r"[ -]", "", text)
    lengths = next((_CARD_LENGTHS[b] for b in _CARD_LENGTHS if digits.startswith(b)), (16,))
    return len(digits) in lengths and passes_luhn(digits)


def is_iban(text: str) -> bool:
    """Say whether the check digits of an IBAN are right (ISO 7064, MOD 97-10)."""
    compact = text.replace(" ", "")
    return int("".join(str(int(sign, 36)) for sign in compact[4:] + compact[:4])) % 97 == 1


def is_public_address(text: str) -> bool:
    """Say whether `text` is an IP address that one machine in the world may have.

    Addresses of private networks, of the machine itself and of documentation are nobody's. So are
    four numbers of one digit: rather a version, or a section.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address.is_global and any(len(part) > 1 for part in re.split(r"[.:]", text))


IBAN_LENGTHS = {
    15: "NO",
    16: "BE",
    18: "DK FI FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HU LB PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
"""Characters of an IBAN -> the countries whose IBANs have so many (ISO 13616 registry)."""
