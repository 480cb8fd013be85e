"""Personal data: what is found and what is not, and that masks and counts agree."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.curate.filters import masked, personal_counts
from doitkit.curate.filters.kinds import KINDS
from doitkit.recipe.filters import PersonalData
from tests.curate.filters.made import answers, reasons, talks
from tests.curate.filters.test_checksums import CARDS, IBANS

ALL = PersonalData()
BEGIN = "-----BEGIN RSA PRIVATE KEY-----"
KEY = f"{BEGIN}\nMIIEpAIBAAKCAQEA7bq8cX\nq9sdKz+/=\n-----END RSA PRIVATE KEY-----"


def _answer(rows: pl.DataFrame, at: int = 0) -> str:
    text: str = rows["messages"].to_list()[at][-1]["content"]
    return text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Write to jane.roe+x@mail.example.org.", "Write to [EMAIL]."),
        ("邮箱a@b.cn，电话13812345678。", "邮箱[EMAIL]，电话[PHONE]。"),
        ("(212) 684-4700 or 212-684-4700 or 1-800-222-1222", "[PHONE] or [PHONE] or [PHONE]"),
        ("+44 20 7946 0958, +12145558444", "[PHONE], [PHONE]"),
        ("座机 010-12345678", "座机 [PHONE]"),
        ("from 128.178.163.54, port 80", "from [IP], port 80"),
        ("host 2a00:1450:4001:82a::200e up", "host [IP] up"),
        *((f"card {card}, thanks", "card [CREDIT_CARD], thanks") for card in CARDS),
        *((f"to {iban} BANK", "to [IBAN] BANK") for iban in IBANS),
        ("SSN: 219-45-6789.", "SSN: [US_SSN]."),
        ("key=sk-proj-Ab3dEf6hIj9kLm2nOp5q", "key=[SECRET_KEY]"),
        ("AKIAIOSFODNN7EXAMPLE", "[SECRET_KEY]"),
        ("ghp_" + "a1B2" * 9, "[SECRET_KEY]"),
        (f"Here:\n{KEY}\nEnd.", "Here:\n[SECRET_KEY]\nEnd."),
        (f"It begins with {BEGIN} and so on", "It begins with [SECRET_KEY] and so on"),
    ],
)  # fmt: skip
def test_what_is_found_is_masked(text: str, clean: str) -> None:
    assert _answer(masked(answers(text), ALL)) == clean


@pytest.mark.parametrize(
    "text",
    [
        "version 10.2.31.4, v10.20.30.40, release: 11.12.13.14",
        "section 1.2.3.4 of 1.2.3.4.5",
        "the router at 192.168.1.1 and 127.0.0.1",
        "a.b@c and @app.route and x@y.transpose(1)",
        "123-456-7890 cannot be dialled, nor can 2.212-684-4700",
        "sizes 200 300 4000 and 2023-10-05 12:30:45",
        "4111 1111 1111 1112 fails its check, 14111111111111111 is too long",
        "GB29 NWBK 6016 1331 9268 18 fails its check",
        "000-12-3456, 666-12-3456, 912-12-3456, 123-00-4567, 123-45-0000, 1123-45-6789",
        "class sk-fading-circle-of-twelve-dots, sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "std::vector<int>::iterator, 2abc::def",
        "x = 15000000000 + 20",
        "",
    ],
)
def test_what_only_looks_so_is_left_alone(text: str) -> None:
    rows = answers(text)
    assert masked(rows, ALL).equals(rows)
    assert set(personal_counts(rows, ALL).values()) == {0}


def test_then_says_what_becomes_of_such_rows() -> None:
    rows = answers("a@b.org or 212-684-4700", "nothing", None)
    declared: dict[str, Any] = {"kinds": ["phone", "email"]}
    assert reasons(rows, personal={**declared, "then": "drop"}) == [
        "personal data: phone, email", None, None,
    ]  # fmt: skip
    assert reasons(rows, personal={**declared, "then": "flag"}) == [None] * 3
    assert reasons(rows, personal={**declared, "then": "mask"}) == [None] * 3
    assert reasons(rows, personal={"kinds": ["ip"], "then": "drop"}) == [None] * 3


def test_every_message_is_searched_and_every_row_counted_once() -> None:
    rows = talks(
        [("system", "I am a@b.org."), ("user", "Who?"), ("assistant", "a@b.org, c@d.org")],
        [("user", "SSN?"), ("assistant", "219-45-6789")],
        [("user", None), ("assistant", None)],
        [],
    )
    counts = personal_counts(rows, ALL)
    assert list(counts) == ALL.kinds
    assert {kind: count for kind, count in counts.items() if count} == {"email": 1, "us_ssn": 1}
    clean = masked(rows, PersonalData(kinds=["email"]))
    assert [[m["content"] for m in talk] for talk in clean["messages"].to_list()] == [
        ["I am [EMAIL].", "Who?", "[EMAIL], [EMAIL]"],
        ["SSN?", "219-45-6789"],
        [None, None],
        [],
    ]
    assert clean.schema == rows.schema
    assert clean.drop("messages").equals(rows.drop("messages"))
    assert masked(rows.head(0), ALL).equals(rows.head(0))


_DATA = [
    "a@b.org", "x@y.co", "212-684-4700", "+12145558444", "128.178.163.54", "4242424242424242",
    "GB29NWBK60161331926819", "219-45-6789", "AKIAIOSFODNN7EXAMPLE", "[EMAIL]",
]  # fmt: skip
_GLUE = ["", " ", "-", ".", "1", "a", "\n", "，", "+", "("]
_TEXTS = st.lists(st.sampled_from(_DATA + _GLUE), max_size=12).map("".join)


@given(texts=st.lists(_TEXTS, max_size=6))
def test_masks_and_counts_agree_and_what_is_masked_stays_so(texts: list[str]) -> None:
    rows = answers(*texts)
    clean = masked(rows, ALL)
    assert masked(clean, ALL).equals(clean)
    assert set(personal_counts(clean, ALL).values()) <= {0}
    for kind, count in personal_counts(rows, ALL).items():
        mask = f"[{kind.upper()}]"
        more = sum(
            _answer(clean, at).count(mask) > text.count(mask) for at, text in enumerate(texts)
        )
        assert more == count


@pytest.mark.parametrize("kind", KINDS)
def test_what_matches_has_the_sign_by_which_its_row_is_picked(kind: str) -> None:
    how = KINDS[kind]

    @given(text=st.lists(st.sampled_from([*_DATA, *CARDS, *IBANS, KEY, *_GLUE]), max_size=9))
    def check(text: list[str]) -> None:
        joined = "".join(text)
        if how.pattern.search(joined):
            assert pl.Series([joined]).str.contains(how.sign).item()

    check()


def test_a_hostile_text_takes_no_time_to_speak_of() -> None:
    hostile = [
        "a" * 60_000 + "@",
        "a@" * 30_000,
        "+1" + "1 " * 30_000,
        "1." * 30_000,
        "2001:" * 12_000,
        "DE89 " * 12_000,
        BEGIN + "A" * 60_000,
    ]
    assert personal_counts(answers(*hostile), ALL) == {
        **dict.fromkeys(ALL.kinds, 0),
        "secret_key": 1,
    }
