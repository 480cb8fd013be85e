"""Numbers as they stand on the page: rounded to what they can carry, with real minus signs."""

import math
from pathlib import PurePosixPath

from doitkit.growth import Interval

_MINUS = "\u2212"
_SPACE = "\u00a0"
"""No-break space, between a number and its unit."""

FREE = 1e6
"""A gain per unit of the budget that nothing with a price brings."""


def count(value: float) -> str:
    """Return a whole number with separators: 1,100."""
    return f"{round(value):,}".replace("-", _MINUS)


def amount(value: float) -> str:
    """Return money, or whatever the budget is counted in: 1,250 or 12.5."""
    if abs(value) >= 100 or value == round(value):
        return count(value)
    return f"{value:,.4g}".replace("-", _MINUS)


def score(value: float) -> str:
    """Return a score between 0 and 1: 0.46."""
    return _unsigned_zero(f"{value:.2f}")


def change(value: float) -> str:
    """Return a difference of scores, with its sign: +0.047."""
    text = _unsigned_zero(f"{value:+.3f}")
    return text.removeprefix("+") if float(text.replace(_MINUS, "-")) == 0 else text


def tick_change(value: float) -> str:
    """Return a tick of an axis of differences, with its sign: +0.2."""
    return "0" if value == 0 else f"{value:+g}".replace("-", _MINUS)


def significant(value: float) -> str:
    """Return two significant digits without an exponent: 0.028, 1.3, 120."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    rounded = float(f"{value:.1e}")
    digits = max(1 - math.floor(math.log10(abs(rounded))), 0)
    return f"{rounded:,.{digits}f}".replace("-", _MINUS)


def marginal(value: float) -> str:
    """Return a gain per unit of the budget; rows without a price bring theirs for nothing."""
    return "free" if value > FREE else significant(value)


def probability(value: float) -> str:
    """Return a probability from draws, of which there are a hundred or so: never 0 or 100 %."""
    if value > 0.99:
        return f"over{_SPACE}99{_SPACE}%"
    if value < 0.01:
        return f"under{_SPACE}1{_SPACE}%"
    return f"{100 * value:.0f}{_SPACE}%"


def quantity(value: float) -> str:
    """Return a large number in short: 742, 12.3 k, 0.87 M, 7 B."""
    for size, suffix in ((1e9, "B"), (5e5, "M"), (1e4, "k")):
        if abs(value) >= size:
            unit = 1e6 if suffix == "M" else size if suffix == "B" else 1e3
            return f"{value / unit:,.3g}{_SPACE}{suffix}"
    return count(value)


def duration(seconds: float) -> str:
    """Return a wall time: 4.2 s, 3 min 20 s, 1 h 05 min."""
    if seconds < 0.05:
        return f"under 0.1{_SPACE}s"
    if seconds < 59.5:
        return f"{seconds:.1f}{_SPACE}s" if seconds < 9.95 else f"{seconds:.0f}{_SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}{_SPACE}min {rest}{_SPACE}s" if rest else f"{minutes}{_SPACE}min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}{_SPACE}h {minutes:02d}{_SPACE}min"


def score_span(interval: Interval) -> str:
    """Return the interval of a score: 0.43 to 0.49."""
    return f"{score(interval.low)} to {score(interval.high)}"


def change_span(interval: Interval) -> str:
    """Return the interval of a difference of scores: +0.036 to +0.058."""
    return f"{change(interval.low)} to {change(interval.high)}"


def count_span(interval: Interval) -> str:
    """Return the interval of a number of rows: 45 to 66."""
    return f"{count(interval.low)} to {count(interval.high)}"


def rows_about(value: float) -> str:
    """Return an amount of data that is known roughly, to two digits: 420, 3,200."""
    return count(float(f"{value:.1e}"))


def rows_about_span(interval: Interval) -> str:
    """Return the interval of such an amount: 190 to 970."""
    return f"{rows_about(interval.low)} to {rows_about(interval.high)}"


def significant_span(interval: Interval) -> str:
    """Return an interval with two significant digits at each end."""
    return f"{significant(interval.low)} to {significant(interval.high)}"


def model_name(base_model: str) -> str:
    """Return a model's name for display: a hub id as it is, of a folder only its last part.

    A report is passed on; where somebody keeps their models is nobody's business.
    """
    path = PurePosixPath(base_model.replace("\\", "/"))
    is_folder = path.is_absolute() or ":" in base_model or base_model.startswith(".")
    return path.name if is_folder else base_model


def _unsigned_zero(text: str) -> str:
    bare = text.lstrip("+-")
    return bare if float(bare) == 0 else text.replace("-", _MINUS)
