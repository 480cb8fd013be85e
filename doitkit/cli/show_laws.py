"""What the growth laws say, as tables on standard output: growth, transfer, what counts less."""

from typing import TYPE_CHECKING

from doitkit.cli.show import table, text

if TYPE_CHECKING:
    from doitkit.advise import Recommendation
    from doitkit.growth import Interval, Transfer


def laws(found: "Recommendation") -> None:
    """Print how abilities grow, who helps whom, which scores count less, and what is unknown."""
    _growth(found)
    _transfer(found)
    for outlier in found.outliers:
        text(
            f"counts less: {outlier.ability} of {outlier.run} is {outlier.score:.3f}, where the "
            f"law gives {outlier.fitted:.3f} (weight {outlier.weight:.2f}); look whether the run "
            "or its scoring went wrong"
        )
    design = found.design
    text(
        f"design: the scores see {design.rank:,} of {design.parameters:,} directions of the laws "
        f"(condition {design.condition:,.0f}) and tell {design.told:,} of {design.contrasts:,} "
        "rates, ceilings and transfers"
    )
    for unknown in found.unknown:
        text(f"cannot tell {unknown.what}: {unknown.why}; would tell: {unknown.cheapest_run}")


def _growth(found: "Recommendation") -> None:
    table(
        f"how abilities grow with {found.reference} rows (80 % interval)",
        [
            "ability",
            "#largest run",
            "doubling it brings",
            f"next 1,000 bring less than {found.min_gain:g} from",
            "ceiling",
        ],
        [
            (
                d.ability,
                f"{d.largest:,}",
                _scores(d.doubled, "+.3f"),
                "beyond what the runs reach"
                if d.next_thousand_below is None
                else _scores(d.next_thousand_below, ",.0f"),
                "unknown" if d.ceiling is None else _scores(d.ceiling, ".3f"),
            )
            for d in (advice.diagnosis for advice in found.abilities)
        ],
    )


def _transfer(found: "Recommendation") -> None:
    if found.transfer is None:
        return
    clear = [transfer for transfer in found.transfer if transfer.clear]
    if clear:
        table(
            "who helps whom, alone (80 % interval)",
            ["data", "#rows", "score of", "change", "probability"],
            [
                (t.source, f"{t.rows:,}", t.to, _scores(t.effect, "+.3f"), _verdict(t))
                for t in clear
            ],
        )
    rest = len(found.transfer) - len(clear)
    if rest:
        text(f"transfer: of {rest} {'more ' if clear else ''}pairs that are told, no clear effect")


def _verdict(transfer: "Transfer") -> str:
    if transfer.helps >= transfer.hurts:
        return f"helps: {transfer.helps:.0%}"
    return f"hurts: {transfer.hurts:.0%}"


def _scores(interval: "Interval", spec: str) -> str:
    return f"{interval.middle:{spec}} ({interval.low:{spec}}, {interval.high:{spec}})"
