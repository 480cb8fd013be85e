"""Scales: from values to places, with round ticks."""

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Maps values between `low` and `high` to places between `start` and `end`."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]
    warp: Callable[[float], float] = float
    """What is made linear: the value itself, or its logarithm."""

    def __call__(self, value: float) -> float:
        """Return the place of `value`; of one outside the scale, the nearer end."""
        low, high = self.warp(self.low), self.warp(self.high)
        part = (self.warp(min(max(value, self.low), self.high)) - low) / (high - low)
        return self.start + part * (self.end - self.start)

    def percent(self, value: float) -> str:
        """Return the place of `value` as a percentage, for scales that end at 100."""
        return f"{self(value):.2f}%"


def linear(low: float, high: float, start: float, end: float, *, about: int = 4) -> Scale:
    """Return a linear scale over exactly these values, with about so many ticks."""
    low, high = _apart(low, high)
    return Scale(low, high, start, end, round_ticks(low, high, about))


def rounded(low: float, high: float, start: float, end: float, *, about: int = 4) -> Scale:
    """Return a linear scale widened to the ticks around these values."""
    low, high = _apart(low, high)
    step = _step(high - low, about)
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return linear(low, high, start, end, about=about)


def rows(most: float, start: float, end: float) -> Scale:
    """Return a scale of log(1 + rows), from 0 to `most`."""
    most = max(most, 1.0)
    powers = (10.0**power for power in range(math.floor(math.log10(most)) + 1))
    # A logarithm just below a whole number rounds up to it.
    ticks = [0.0, *(power for power in powers if power <= most)]
    if len(ticks) < 4:
        ticks += [3 * tick for tick in ticks[1:] if 3 * tick <= most]
    elif 5 * ticks[-1] <= most:
        ticks.append(5 * ticks[-1])
    return Scale(0.0, most, start, end, tuple(sorted(ticks)), math.log1p)


def round_ticks(low: float, high: float, about: int) -> tuple[float, ...]:
    """Return the multiples of 1, 2 or 5 times a power of ten that lie between."""
    step = _step(high - low, about)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(round(index * step, 10) + 0.0 for index in range(first, last + 1))


def _apart(low: float, high: float) -> tuple[float, float]:
    """Return two values with room for ticks between them, which one to a billionth has not."""
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        return low - 0.5, high + 0.5
    return low, high


def _step(width: float, about: int) -> float:
    raw = width / about
    power: float = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * (1 - 1e-9))
