from collections.abc import Callable

import pytest

from doitkit.growth import Interval
from doitkit.report import numbers


def plain(shown: Callable[[float], str], value: float) -> str:
    """Return what is shown, with plain spaces where the page has no-break ones."""
    return shown(value).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.4635, "0.46"), (0.0, "0.00"), (-0.001, "0.00"), (-0.012, "−0.01"), (1.0, "1.00")],
)
def test_scores_have_two_decimals_and_a_real_minus(value: float, text: str) -> None:
    assert numbers.score(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0473, "+0.047"), (-0.0473, "−0.047"), (0.0001, "0.000"), (-0.0001, "0.000")],
)
def test_changes_have_a_sign_unless_they_round_to_nothing(value: float, text: str) -> None:
    assert numbers.change(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.02801, "0.028"),
        (1.251, "1.3"),
        (123.4, "120"),
        (0.999, "1.0"),
        (98765.0, "99,000"),
        (0.0, "0"),
        (-0.5, "−0.50"),
    ],
)
def test_two_significant_digits_without_exponent(value: float, text: str) -> None:
    assert numbers.significant(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(150.0, "150"), (0.5, "0.5"), (1234.56, "1,235"), (0.0004, "0.0004")]
)
def test_amounts(value: float, text: str) -> None:
    assert numbers.amount(value) == text


def test_a_probability_from_draws_is_never_certain() -> None:
    assert plain(numbers.probability, 1.0) == "over 99 %"
    assert plain(numbers.probability, 0.0) == "under 1 %"
    assert plain(numbers.probability, 0.734) == "73 %"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "under 0.1 s"),
        (4.2, "4.2 s"),
        (31.6, "32 s"),
        (59.7, "1 min"),
        (200, "3 min 20 s"),
        (3900, "1 h 05 min"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert plain(numbers.duration, seconds) == text


@pytest.mark.parametrize(
    ("value", "text"), [(742, "742"), (12_345, "12.3 k"), (865_920, "0.866 M"), (7e9, "7 B")]
)
def test_quantities(value: float, text: str) -> None:
    assert plain(numbers.quantity, value) == text


def test_rows_without_a_price_bring_their_gain_for_nothing() -> None:
    assert numbers.marginal(2e9) == "free"
    assert numbers.marginal(0.0071) == "0.0071"


def test_intervals_say_both_ends() -> None:
    interval = Interval(-0.02, 0.01, 1234.0)
    assert numbers.change_span(interval) == "−0.020 to +1234.000"
    assert numbers.count_span(interval) == "0 to 1,234"


@pytest.mark.parametrize(
    ("base_model", "shown"),
    [
        ("Qwen/Qwen2.5-0.5B", "Qwen/Qwen2.5-0.5B"),
        ("/home/someone/models/base", "base"),
        ("C:\\Users\\someone\\base", "base"),
        ("../models/base", "base"),
    ],
)
def test_a_report_does_not_say_where_models_are_kept(base_model: str, shown: str) -> None:
    assert numbers.model_name(base_model) == shown
