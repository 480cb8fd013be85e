"""The table of abilities: how each one grows, and what its data are worth."""

import math
from dataclasses import dataclass

from doitkit.advise import Recommendation
from doitkit.growth import Diagnosis, Interval
from doitkit.report import numbers
from doitkit.report.chart.element import Element, band, element, tooltip
from doitkit.report.chart.scale import linear
from doitkit.report.findings import Findings

KINDS = ("responsive", "plateaued", "resistant")

METRICS = {
    "multiple_choice": "accuracy, multiple choice",
    "exact_match": "exact match",
    "choice_likelihood": "accuracy, choice by likelihood",
    "bits_per_byte": "probability per byte",
}
"""What a score between 0 and 1 is, per metric."""


@dataclass(frozen=True)
class Worth:
    """What the rows of another origin are worth; None where the runs cannot tell."""

    origin: str
    held: bool
    """Whether any run holds such rows for this ability."""
    rate: Interval | None
    ceiling: Interval | None


@dataclass(frozen=True)
class AbilityRow:
    """One ability."""

    name: str
    metric: str
    items: int
    weight: float
    chance: float
    diagnosis: Diagnosis
    probability: float
    """Of the kind that is named; of the likeliest one where none is."""
    kinds: Element
    before: Interval
    after: Interval
    worths: tuple[Worth, ...]
    marginal_before: float
    marginal_after: float


@dataclass(frozen=True)
class AbilityTable:
    """All abilities."""

    rows: tuple[AbilityRow, ...]
    others: tuple[str, ...]
    """Origins besides the reference."""
    weighted: bool
    """Whether the abilities' weights differ."""
    per: float
    """Marginal gains are stated per so many units of the budget."""


def ability_table(findings: Findings) -> AbilityTable:
    """Return the table of abilities."""
    advice = findings.advice
    seen = advice.fit.seen
    per = _readable_unit(advice)
    weights = findings.recipe.weights()
    evaluation_sets = findings.recipe.evaluation_sets()
    rows = []
    for a, found in enumerate(advice.abilities):
        diagnosis = found.diagnosis
        n_items = max(s.n_items for s in findings.scores if s.ability == diagnosis.ability)
        rows.append(
            AbilityRow(
                name=diagnosis.ability,
                metric=METRICS[evaluation_sets[diagnosis.ability].metric],
                items=n_items,
                weight=weights[diagnosis.ability],
                chance=float(seen.chance[a]),
                diagnosis=diagnosis,
                probability=_probability(diagnosis),
                kinds=_kinds(diagnosis),
                before=found.before,
                after=found.after,
                worths=tuple(
                    Worth(
                        origin=origin,
                        held=bool(seen.counts[:, a, o].max() > 0),
                        rate=diagnosis.exchange.get(origin),
                        ceiling=diagnosis.cap.get(origin),
                    )
                    for o, origin in enumerate(seen.origins)
                    if o > 0
                ),
                marginal_before=found.marginal_before * per,
                marginal_after=found.marginal_after * per,
            )
        )
    return AbilityTable(
        rows=tuple(rows),
        others=tuple(seen.origins[1:]),
        weighted=len(set(weights.values())) > 1,
        per=per,
    )


def _readable_unit(advice: Recommendation) -> float:
    """Return the power of ten of budget units over which no marginal gain exceeds 1/2.

    At most a tenth of the budget: further than that the slope says little.
    """
    priced = [a.marginal_before for a in advice.abilities if a.marginal_before < numbers.FREE]
    steepest = max(priced, default=0.0)
    most = min(advice.budget / 10 or 1.0, 0.5 / max(steepest, 1e-12))
    return float(10.0 ** math.floor(math.log10(most)))


def _probability(diagnosis: Diagnosis) -> float:
    if diagnosis.kind in diagnosis.probabilities:
        return diagnosis.probabilities[diagnosis.kind]
    return max(diagnosis.probabilities.values())


def _kinds(diagnosis: Diagnosis) -> Element:
    """Return the three probabilities as one bar."""
    scale = linear(0, 1, 0, 100)
    start = 0.0
    drawn = []
    for kind in KINDS:
        part = diagnosis.probabilities[kind]
        if part > 0:
            drawn.append(
                element(
                    "rect",
                    tooltip(f"{kind}: {part:.0%}"),
                    x=scale.percent(start),
                    y=0,
                    width=scale.percent(part),
                    height=6,
                    class_=f"k-{kind}",
                )
            )
        start += part
    text = ", ".join(f"{kind} {diagnosis.probabilities[kind]:.0%}" for kind in KINDS)
    return band(6, text, *drawn)
