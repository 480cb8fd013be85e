"""Checks that tell a number of an account or a machine from any other number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.curate.filters.checksums import (
    IBAN_LENGTHS,
    is_card_number,
    is_iban,
    is_public_address,
    passes_luhn,
)

# Numbers that the brands and the registry of IBANs print as examples.
CARDS = [
    "4111 1111 1111 1111",
    "4242424242424242",
    "5555-5555-5555-4444",
    "3782 822463 10005",
    "6011111111111117",
]
IBANS = [
    "GB29 NWBK 6016 1331 9268 19",
    "DE89 3704 0044 0532 0130 00",
    "FR14 2004 1010 0505 0001 3M02 606",
    "NL91ABNA0417164300",
    "BE68 5390 0754 7034",
    "NO93 8601 1117 947",
    "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
]


@pytest.mark.parametrize("number", CARDS)
def test_card_numbers(number: str) -> None:
    assert is_card_number(number)
    assert not is_card_number(number[:-1] + str((int(number[-1]) + 1) % 10))


@given(digits=st.text("0123456789", min_size=1, max_size=20))
def test_one_check_digit_of_ten_is_right(digits: str) -> None:
    assert sum(passes_luhn(digits + check) for check in "0123456789") == 1


@pytest.mark.parametrize("number", IBANS)
def test_ibans(number: str) -> None:
    assert is_iban(number)
    assert not is_iban(number.replace("0", "1", 1))
    compact = number.replace(" ", "")
    assert compact[:2] in IBAN_LENGTHS[len(compact)].split()


def test_no_country_has_ibans_of_two_lengths() -> None:
    countries = " ".join(IBAN_LENGTHS.values()).split()
    assert len(countries) == len(set(countries)) > 80


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("128.178.163.54", True),
        ("2a00:1450:4001:82a::200e", True),
        ("192.168.1.1", False),
        ("127.0.0.1", False),
        ("255.255.255.0", False),
        ("2001:db8::1", False),
        ("1.2.3.4", False),
        ("256.1.1.10", False),
        ("12:30:45", False),
    ],
)
def test_addresses_that_a_machine_may_have(address: str, public: bool) -> None:
    assert is_public_address(address) is public
