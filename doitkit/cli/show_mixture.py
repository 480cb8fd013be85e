"""Advice about a mixture as tables on standard output."""

from typing import TYPE_CHECKING

from doitkit.cli.show import table, text

if TYPE_CHECKING:
    from doitkit.advise.mixture_advice import Candidate, MixtureAdvice
    from doitkit.growth import Interval

_SHOWN = 0.0005


def mixture(found: "MixtureAdvice") -> None:
    """Print the advised mixture, those beside it, what matters, and how far to trust it."""
    better = "less is better" if found.lower else "more is better"
    table(
        f"{found.objective} ({better}), with 80 % intervals",
        ["mixture", "#predicted", "interval", "#observed", "#P(advised is better)"],
        [
            (
                candidate.name,
                f"{candidate.predicted.middle:.4g}",
                f"({candidate.predicted.low:.4g}, {candidate.predicted.high:.4g})",
                "-" if candidate.observed is None else f"{candidate.observed:.4g}",
                "-"
                if candidate.worse_than_advised is None
                else f"{candidate.worse_than_advised:.0%}",
            )
            for candidate in found.candidates
        ],
    )
    _shares(found)
    _matters(found)
    text(
        f"better than the {found.candidates[1].name} with a probability of {found.better:.0%}: "
        f"{'the loss falls' if found.relative else 'the objective improves'} by "
        f"{_amount(found, found.advantage)}"
    )
    if found.purchase is not None:
        bought = found.purchase
        text(
            f"for {bought.budget:,.6g} {bought.unit}: {bought.total:,} {bought.counted}, at "
            f"{bought.per_thousand:,.4g} {bought.unit} per 1,000; {bought.spent:,.6g} are spent"
        )
    text(
        f"left out, each of {found.runs} runs is predicted from the others: rank correlation "
        f"{found.rank:.2f}, {found.coverage:.0%} within their 80 % intervals"
    )
    for assumption in found.assumptions:
        text(f"assumed: {assumption}")
    for note in found.notes:
        text(f"note: {note}")


def _shares(found: "MixtureAdvice") -> None:
    bought = found.purchase
    lines = {} if bought is None else {line.source: line for line in bought.lines}
    rows = []
    for source in sorted(found.advised.weights, key=lambda name: -found.advised.weights[name]):
        shares = [_share(candidate.weights[source]) for candidate in found.candidates]
        tried = next(matter.tried for matter in found.matters if matter.source == source)
        line = lines.get(source)
        cost = ("-", "-") if line is None else (f"{line.amount:,}", f"{line.cost:,.5g}")
        money = () if bought is None else cost
        rows.append((source, *shares, f"{tried[0]:.1%} to {tried[1]:.1%}", *money))
    table(
        "mixtures",
        [
            "source",
            *(f"#{_short(candidate)}" for candidate in found.candidates),
            "#in the runs",
            *([] if bought is None else [f"#{bought.counted}", f"#{bought.unit}"]),
        ],
        rows,
    )


def _matters(found: "MixtureAdvice") -> None:
    gains = "fall of the loss" if found.relative else "rise of the objective"
    table(
        f"what matters, the most first ({gains} against the advised mixture)",
        ["source", "#effect over the runs", "5 points more", "without"],
        [
            (
                matter.source,
                f"{matter.effect:.2f} sd",
                _amount(found, matter.five_points_more),
                "-" if matter.without is None else _amount(found, matter.without),
            )
            for matter in found.matters
        ],
    )


def _short(candidate: "Candidate") -> str:
    return candidate.name.split(" (")[0].removesuffix(" of the runs")


def _share(share: float) -> str:
    return "-" if share < _SHOWN else f"{share:.1%}"


def _amount(found: "MixtureAdvice", rise: "Interval") -> str:
    if found.relative:
        return f"{rise.middle:.1%} ({rise.low:.1%}, {rise.high:.1%})"
    return f"{rise.middle:.3g} ({rise.low:.3g}, {rise.high:.3g})"
