"""What every character is to a comparison: the letter it folds to, and its kind."""

import unicodedata
from functools import cache
from itertools import chain

import numpy as np
import numpy.typing as npt

WORD, ALONE, ENTANGLED = 1, 2, 4
"""Kinds: part of a word; a word by itself; besides, folded only together with its text. 0: none."""

# Blocks of the scripts that are written without spaces, and read a character at a time.
_CJK = (
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x303C),  # marks that repeat, numerals
    (0x3041, 0x312F),  # kana, bopomofo
    (0x3190, 0x31FF),  # notes to readers, more bopomofo and kana
    (0x3400, 0x9FFF),  # Han
    (0xF900, 0xFAFF),  # compatibility Han
    (0x1AFF0, 0x1B16F),  # old kana
    (0x20000, 0x3FFFF),  # rarer Han
)
_CODES = 0x110000
# The long stretches of letters that fold to themselves, and the others where letters are.
_UNFOLDED = (
    (0x3400, 0x4DBF, ALONE),
    (0x4E00, 0x9FFF, ALONE),
    (0xAC00, 0xD7A3, WORD),
    (0x20000, 0x2F7FF, ALONE),
    (0x2FA20, 0x3FFFF, ALONE),
)
_FOLDED = (
    range(0x3400),
    range(0x4DC0, 0x4E00),
    range(0xA000, 0xAC00),
    range(0xD7A4, 0xD800),
    range(0xF900, 0x20000),
    range(0x2F800, 0x2FA20),
    range(0xE0000, 0xE0200),
)


@cache
def ascii_letters() -> bytes:
    """Return the letter that each byte of ASCII folds to, or 0 for what is in no word."""
    return bytes(byte if _kind(chr(byte)) else 0 for byte in bytes(range(256)).lower())


@cache
def tables() -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """Return, for every character, the letter it folds to, and its kind.

    A character that does not fold to one letter, or may join with its neighbour, is entangled
    besides: its text has to be folded as a whole.
    """
    letters = np.arange(_CODES, dtype=np.uint32)
    kinds = np.zeros(_CODES, np.uint8)
    for low, high, kind in _UNFOLDED:
        kinds[low : high + 1] = kind
    for code in chain(*_FOLDED):
        plain = unicodedata.normalize("NFKC", chr(code)).casefold()
        of_parts = [_kind(part) for part in plain]
        letters[code], kinds[code] = ord(plain[0]), of_parts[0]
        if any(map(_joins, plain)) or (len(plain) > 1 and any(of_parts)):
            letters[code], kinds[code] = code, _kind(chr(code)) | ENTANGLED
    return letters, kinds


def _joins(char: str) -> bool:
    """Return whether the character may become one with the one before it."""
    return unicodedata.category(char)[0] == "M" or 0x1161 <= ord(char) < 0x1200


def _kind(char: str) -> int:
    if unicodedata.category(char)[0] == "M":
        return WORD
    if not (char.isalnum() or char == "_"):
        return 0
    return ALONE if any(low <= ord(char) <= high for low, high in _CJK) else WORD
