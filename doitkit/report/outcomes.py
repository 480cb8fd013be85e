"""What the purchase should bring: the change of the mean score, and every ability's own score."""

from dataclasses import dataclass

from doitkit.advise import AbilityAdvice, Recommendation
from doitkit.growth import Interval
from doitkit.report import numbers
from doitkit.report.chart.element import Element, band, element, tooltip
from doitkit.report.chart.scale import Scale
from doitkit.report.chart.strip import (
    grid,
    interval_mark,
    interval_values,
    shared_axis,
    strip_axis,
)
from doitkit.report.findings import Findings


@dataclass(frozen=True)
class Outcome:
    """A change of the mean score."""

    label: str
    note: str
    change: Interval
    strip: Element


@dataclass(frozen=True)
class Expected:
    """The score of one ability with the purchase."""

    ability: str
    before: Interval
    after: Interval
    strip: Element


@dataclass(frozen=True)
class Outcomes:
    """All that the purchase should bring, and what it was measured to bring."""

    changes: tuple[Outcome, ...]
    change_axis: Element
    expected: tuple[Expected, ...]
    expected_axis: Element


def outcomes(findings: Findings) -> Outcomes:
    """Return what the purchase should bring."""
    advice, check = findings.advice, findings.check
    changes = [
        ("Advised", "forecast", advice.gain, "advised"),
        ("Cheapest within noise", _cost(advice), advice.cheapest.gain, "equal"),
        ("Equal split", "forecast", advice.equal_gain, "equal"),
        ("Difference", "forecast", advice.advantage, "advised"),
    ]
    if check is not None:
        changes.append(("Difference", "measured", check.difference, "advised"))
    scale = shared_axis([0.0, *interval_values(change for *_, change, _ in changes)])
    scores = shared_axis(
        interval_values(i for found in advice.abilities for i in (found.before, found.after))
    )
    return Outcomes(
        changes=tuple(
            Outcome(name, note, change, _change_strip(scale, f"{name}, {note}", change, css))
            for name, note, change, css in changes
        ),
        change_axis=strip_axis(scale, numbers.tick_change),
        expected=tuple(
            Expected(
                found.diagnosis.ability, found.before, found.after, _score_strip(scores, found)
            )
            for found in advice.abilities
        ),
        expected_axis=strip_axis(scores),
    )


def _cost(advice: Recommendation) -> str:
    return f"{numbers.amount(advice.cheapest.spent)} {advice.unit}"


def _change_strip(scale: Scale, name: str, change: Interval, css: str) -> Element:
    title = f"{name}: {numbers.change(change.middle)}, 80\u00a0% {numbers.change_span(change)}"
    return band(22, title, *grid(scale), *interval_mark(scale, change, css, title))


def _score_strip(scale: Scale, found: AbilityAdvice) -> Element:
    before, after = found.before, found.after
    ends = {"x1": scale.percent(before.middle), "x2": scale.percent(after.middle)}
    today, then = (
        f"{when}: {numbers.score(score.middle)}, 80\u00a0% {numbers.score_span(score)}"
        for when, score in (("today", before), ("with the purchase", after))
    )
    return band(
        22,
        f"{found.diagnosis.ability}: {today}; {then}",
        *grid(scale),
        element("line", y1=11, y2=11, class_="rise", **ends),
        *interval_mark(scale, before, "equal", today),
        *interval_mark(scale, after, "advised", then),
        tooltip(f"{today}; {then}"),
    )
