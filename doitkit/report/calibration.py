"""Predicted against measured: how well the laws describe the runs, and foresaw the check."""

from dataclasses import dataclass

import numpy as np

from doitkit.growth.observations import Floats
from doitkit.report import numbers
from doitkit.report.chart import scale as scales
from doitkit.report.chart.axes import Frame, axes
from doitkit.report.chart.element import Element, drawing, element
from doitkit.report.chart.marks import error_bar, marker
from doitkit.report.findings import Findings
from doitkit.report.forecast import forecast

_FRAME = Frame(width=380, height=340, left=36, right=12, top=20, bottom=38)
_Z80 = 1.2816
"""Standard normal deviate that holds 80 % between its minus and plus."""
_WIDENED = 1.1
_POOR = 2.0
"""Standard errors, root mean square, beyond which the law is said not to fit an ability."""


@dataclass(frozen=True)
class Calibration:
    """The scatter, and how many scores lie where the law, with its noise, expects them."""

    chart: Element
    inside: int
    scores: int
    error: float
    """Root mean square of measured minus predicted."""
    widened: dict[str, float]
    """Abilities whose runs scatter more than their items explain, and how much more."""
    poor: dict[str, float]
    """Abilities that the law does not fit -> how far off, in standard errors, root mean square."""


def calibration(findings: Findings) -> Calibration:
    """Return the calibration of the fit on its own runs, with the check's results beside it."""
    fit = findings.advice.fit
    seen = fit.seen
    draws = fit.forecast(seen.counts)
    middle = np.median(draws, axis=0)
    known = np.isfinite(seen.scores)
    noise = np.sqrt(draws.var(axis=0) + fit.dispersion * seen.stderrs**2)
    misses = seen.scores - middle
    ends = [*middle[known], *seen.scores[known], 0.0]
    top = scales.rounded(0.0, float(max(ends)), 0, 1, about=5).high
    x = scales.linear(0.0, top, *_FRAME.x_ends, about=5)
    y = scales.linear(0.0, top, *_FRAME.y_ends, about=5)
    drawn = axes(_FRAME, x, y, "predicted by the law", "measured score")
    drawn.append(element("line", x1=x(0), y1=y(0), x2=x(top), y2=y(top), class_="diagonal"))
    for r, a in np.argwhere(known):
        score, stderr = float(seen.scores[r, a]), float(seen.stderrs[r, a])
        at = x(float(middle[r, a])), y(score)
        title = (
            f"{seen.runs[r]}, {seen.abilities[a]}: measured {numbers.score(score)} "
            f"± {numbers.score(stderr)}, predicted {numbers.score(float(middle[r, a]))}"
        )
        drawn.append(error_bar(at[0], y(score - stderr), y(score + stderr), "o-mixed"))
        drawn.append(marker("circle", at, "o-mixed seen", title, 2.6))
    drawn += _checked(findings, x, y)
    return Calibration(
        chart=drawing(
            _FRAME.width, _FRAME.height, "Predicted against measured scores", *drawn, css="square"
        ),
        inside=int((np.abs(misses[known]) <= _Z80 * noise[known]).sum()),
        scores=int(known.sum()),
        error=float(np.sqrt((misses[known] ** 2).mean())),
        widened={
            ability: float(factor)
            for ability, factor in zip(seen.abilities, fit.dispersion, strict=True)
            if factor >= _WIDENED
        },
        poor={
            ability: float(far)
            for ability, far in zip(seen.abilities, _distance(findings, misses, draws), strict=True)
            if far > _POOR
        },
    )


def _distance(findings: Findings, misses: Floats, draws: Floats) -> Floats:
    """Return how far the scores lie from the law, in standard errors, (abilities,).

    Without the widening of the noise, which takes a law that does not fit for noisy runs.
    """
    errors = np.sqrt(draws.var(axis=0) + findings.advice.fit.seen.stderrs**2)
    distance: Floats = np.sqrt(np.nanmean((misses / errors) ** 2, axis=0))
    return distance


def _checked(findings: Findings, x: scales.Scale, y: scales.Scale) -> list[Element]:
    if findings.check is None:
        return []
    weights = findings.recipe.weights()
    drawn = []
    for side, css in ((findings.check.advised, "advised"), (findings.check.equal, "equal")):
        expected = forecast(findings.advice.fit, side.mixture, weights)
        for ability, got in side.abilities.items():
            want = expected.abilities[ability]
            at = x(want.middle), y(got.middle)
            title = (
                f"{side.name}, {ability}: measured {numbers.score(got.middle)}, "
                f"predicted {numbers.score(want.middle)}"
            )
            drawn.append(error_bar(at[0], y(got.low), y(got.high), f"checked {css}"))
            drawn.append(marker("circle", at, f"checked {css}", title, 4.4))
    return drawn
